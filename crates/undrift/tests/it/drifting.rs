//! `drift`: what differs is explained, kept, taken back, or meant.

use server_test::server_test;

use crate::stand::{Database, Folder};

const USERS: &str = "CREATE TABLE \"User\" (id serial PRIMARY KEY, name text NOT NULL);\n";
const MODEL: &str = "model User {\n  id   Int    @id @default(autoincrement())\n  name String\n}\n";

/// What somebody did by hand: data hangs on two of the changes.
const BY_HAND: &str = "
    INSERT INTO \"User\" (name) VALUES ('a'), ('b'), ('c');
    ALTER TABLE \"User\" ADD COLUMN note text DEFAULT 'x';
    CREATE VIEW noted AS SELECT id FROM \"User\" WHERE note IS NOT NULL;
    CREATE TABLE audit (id bigserial PRIMARY KEY, what text);
    INSERT INTO audit (what) VALUES ('x'), ('y');
    CREATE INDEX audit_what ON audit (lower(what));";

fn drifted(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new(MODEL, &[("20260101000000_users", USERS)]).on(&database);
    project.run("migrate deploy").ended(0);
    database.run(BY_HAND);
    (project, database)
}

#[server_test]
fn every_object_is_explained() {
    let (project, database) = drifted("drift_explain");
    let found = project.run("drift --json").ended(0).json();
    let of = |id: &str| {
        let objects = found["objects"].as_array().unwrap();
        objects.iter().find(|object| object["id"] == id).unwrap().clone()
    };
    assert_eq!(found["objects"].as_array().unwrap().len(), 3, "{found}");
    let user = of("public.User");
    assert_eq!((&user["state"], &user["cause"]), (&"changed".into(), &"by_hand".into()));
    assert_eq!(user["fields"][0]["path"], "columns.note");
    assert_eq!(user["rows"]["number"], 3);
    assert_eq!(user["needed_by"], serde_json::json!(["view public.noted"]));
    assert_eq!(of("public.audit")["rows"]["number"], 2);
    project.run("drift --exit-code").ended(2).says("undrift drift adopt");
    project.run("drift --only nothing").ended(1).complains("public.audit");
    let sql = project.run("drift --only audit --sql").ended(0);
    sql.says("DROP TABLE \"public\".\"audit\"").says("CREATE INDEX \"audit_what\"");
    // The same seen from elsewhere: without migrations, from a snapshot and from another database.
    let other = Database::new("drift_other");
    project.run(&format!("migrate deploy --url {}", other.url)).ended(0);
    project.run(&format!("snapshot --url {} -o clean.json", other.url)).ended(0);
    project.run("drift --exit-code --against clean.json").ended(2).says("3 objects");
    project.run(&format!("drift --exit-code --against {}", other.url)).ended(2).says("3 objects");
    project.run(&format!("drift --exit-code --url {} --against {0}", other.url)).ended(0);
    project.run("drift --against nowhere.json").ended(1).complains("nowhere.json");
    drop(database);
}

#[server_test]
fn what_a_pending_migration_makes_was_run_by_hand() {
    let (project, database) = drifted("drift_causes");
    database.run("CREATE TABLE flyway_schema_history (id int)");
    let migration = "prisma/migrations/20260201000000_note/migration.sql";
    project.write(migration, "ALTER TABLE \"User\" ADD COLUMN note text DEFAULT 'x';");
    let found = project.run("drift").ended(0);
    found.says("it was run by hand").says("Flyway makes an object of that name");
    let pushed = MODEL.replace("name String", "name String\n  note String? @default(\"x\")");
    project.remove("prisma/migrations/20260201000000_note");
    project.write("prisma/schema.prisma", format!("{}{pushed}", crate::stand::DATASOURCE));
    project.run("drift").ended(0).says("db push");
}

#[server_test]
fn what_is_adopted_is_proven_and_recognised_elsewhere() {
    let (project, database) = drifted("drift_adopt");
    project.run("drift adopt --dry-run").ended(0).says("CREATE VIEW").says("would be written");
    // A view goes with the column that it reads.
    let adopted = project.run("drift adopt noted --name noted --json").ended(0).json();
    let name = adopted["created"].as_str().unwrap().to_owned();
    assert_eq!(adopted["left"], 1, "{adopted}");
    let left = project.run("drift --json").ended(0).json();
    assert_eq!(left["objects"][0]["id"], "public.audit");
    let before = project.read("prisma/schema.prisma");
    project.run("drift adopt").ended(0).says("The schema was left alone");
    assert_eq!(project.read("prisma/schema.prisma"), before);
    project.run("migrate status").ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM audit"), ["2"]);
    // A database with the same drift has it recorded; one without gets it.
    let (twin, clean) = (Database::new("drift_twin"), Database::new("drift_clean"));
    twin.run(&format!("{USERS}{BY_HAND}"));
    for (other, recorded) in [(&twin, true), (&clean, false)] {
        let there = |line: &str| project.run(&format!("{line} --url {}", other.url));
        if recorded {
            there("migrate resolve --applied 20260101000000_users").ended(0);
        }
        let deployed = there("migrate deploy --json").ended(0).json();
        let names: Vec<&str> = deployed["recognised"]
            .as_array()
            .map(|names| names.iter().map(|name| name.as_str().unwrap()).collect())
            .unwrap_or_default();
        assert_eq!(names.contains(&name.as_str()), recorded, "{deployed}");
        there("migrate status").ended(0);
    }
    assert_eq!(twin.ask("SELECT count(*) FROM audit"), ["2"]);
}

#[server_test]
fn the_schema_follows_where_nothing_is_lost() {
    let database = Database::new("drift_schema");
    let project = Folder::new(MODEL, &[("20260101000000_users", USERS)]).on(&database);
    project.run("migrate deploy").ended(0);
    database.run("ALTER TABLE \"User\" ADD COLUMN note text");
    project.run("drift adopt").ended(0).says("brought up to it: prisma/schema.prisma");
    assert!(project.read("prisma/schema.prisma").contains("note String?"));
    project.run("status").ended(0);
}

#[server_test]
fn what_is_taken_back_is_counted_and_needs_the_word() {
    let (project, database) = drifted("drift_revert");
    let shown = project.run("drift revert --dry-run").ended(0);
    shown
        .says("would be lost: the column note of public.User with 3 values")
        .says("audit with 2 rows");
    project.run("drift revert --yes").ended(130).complains("--answer data-loss=drift_revert");
    project.run("drift revert --answer data-loss=other").ended(130);
    assert_eq!(database.ask("SELECT count(*) FROM audit"), ["2"]);
    // The view alone costs nothing.
    project.run("drift revert noted").ended(130).complains("--yes");
    project.run("drift revert noted --yes").ended(0).says("view public.noted");
    project.run("drift revert --answer data-loss=drift_revert").ended(0).says("lost:");
    project.run("drift --exit-code").ended(0).says("No drift");
    assert_eq!(database.ask("SELECT count(*) FROM \"User\""), ["3"]);
    let elsewhere = Folder::new(MODEL, &[("20260101000000_users", USERS)]).on(&database);
    database.run("CREATE TABLE audit (id int); INSERT INTO audit VALUES (1)");
    elsewhere.write(
        "undrift.toml",
        format!("[environments.p]\nurl = \"{}\"\nclass = \"production\"\n", database.url),
    );
    let refused = elsewhere.run("drift revert --answer data-loss=drift_revert").ended(1);
    refused.complains("refused");
    assert_eq!(database.ask("SELECT count(*) FROM audit"), ["1"]);
}

#[server_test]
fn what_is_meant_to_differ_is_left_alone() {
    let (project, _database) = drifted("drift_ignore");
    project.run("drift ignore audit noted --reason platform").ended(0).says("undrift.toml");
    let found = project.run("drift --json").ended(0).json();
    assert_eq!(found["objects"].as_array().unwrap().len(), 1);
    assert_eq!(found["ignored"][0]["reason"], "platform");
    project.run("drift ignore User").ended(0);
    project.run("migrate status").ended(0).says("ignored by undrift.toml:");
    project.run("migrate dev --name nothing").ended(0);
    project.run("drift revert --yes").ended(0).says("Nothing to do");
    project.run("db push").ended(0).says("already in sync");
    project.run("drift adopt").ended(0).says("Nothing to do");
    project.write("undrift.toml", "[[drift.ignore]]\nreason = \"everything\"\n");
    project.run("drift").ended(1).complains("undrift.toml: line 1");
}

#[server_test]
fn nothing_is_covered_up() {
    let (project, database) = drifted("drift_unsound");
    project.write("prisma/migrations/20260201000000_b/migration.sql", "SELECT 1;");
    project.run("drift adopt").ended(1).complains("is pending; apply it first");
    project
        .write("prisma/migrations/20260101000000_users/migration.sql", format!("{USERS}-- edited"));
    for command in ["drift adopt", "drift revert --yes"] {
        project.run(command).ended(130).complains("was modified after it was applied");
    }
    database.run("DROP TABLE _prisma_migrations");
    project.run("drift revert --yes").ended(1).complains("undrift baseline");
    assert_eq!(database.ask("SELECT count(*) FROM audit"), ["2"]);
}

#[server_test]
fn who_owns_what_is_seen_where_it_is_not_the_usual_one() {
    let database = Database::new("drift_owner");
    let tables = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id serial PRIMARY KEY);";
    let project = Folder::new("", &[("20260101000000_a", tables)]).on(&database);
    database.run("CREATE ROLE \"drift stranger\"");
    project.run("migrate deploy").ended(0);
    database.run("ALTER TABLE b OWNER TO \"drift stranger\"");
    let found = project.run("drift --json").ended(0).json();
    assert_eq!(found["objects"][0]["id"], "drift stranger of table public.b", "{found}");
    assert_eq!(found["objects"].as_array().unwrap().len(), 1);
    project.run("drift revert --yes").ended(0);
    project.run("migrate status").ended(0);
    database.run("ALTER TABLE b OWNER TO \"drift stranger\"");
    project.run("drift adopt").ended(0);
    project.run("migrate status").ended(0);
    // Who can act as the other one owns what it owns since deployments changed hands.
    database.run("CREATE ROLE \"drift friend\"; GRANT \"drift friend\" TO CURRENT_USER");
    database.run("ALTER TABLE a OWNER TO \"drift friend\"");
    project.run("migrate status").ended(0);
    database.run("DROP TABLE a, b; DROP ROLE \"drift stranger\", \"drift friend\"");
}
