//! `migrate reset`, and who may not.

use server_test::server_test;

use crate::stand::{DATASOURCE, Database, Folder};

const INIT: (&str, &str) = ("1_init", "CREATE TABLE a (id int PRIMARY KEY);\n");

fn deployed(name: &str) -> (Folder, Database) {
    let database = Database::new(name);
    let project = Folder::new("", &[INIT]).on(&database);
    project.run("migrate deploy").ended(0);
    database.run("INSERT INTO a VALUES (1); CREATE TABLE by_hand ()");
    (project, database)
}

#[server_test]
fn everything_goes_and_the_migrations_come_again() {
    let (project, database) = deployed("reset_all");
    database.run("CREATE SCHEMA other; CREATE TABLE other.kept ()");
    let ran = project.run("migrate reset --force").ended(0);
    assert_eq!(
        ran.stdout.split_once("\n\n").unwrap().1,
        "\nDatabase reset successful\n\nThe following migration(s) have been applied:\n\n\
         migrations/\n  └─ 1_init/\n    └─ migration.sql\n\n"
    );
    assert_eq!(database.tables(), ["a"]);
    assert_eq!(database.ask("SELECT count(*) FROM a"), ["0"]);
    assert_eq!(database.ask("SELECT count(*) FROM other.kept"), ["0"]);
    project.run("migrate status").ended(0);
}

// Prisma empties the schema of the URL alone.
#[server_test]
fn all_schemas_of_the_datasource_are_emptied_and_keep_their_rights() {
    let database = Database::new("reset_schemas");
    database.run(
        "CREATE ROLE reset_reader; CREATE SCHEMA two; CREATE TABLE two.t ();
         GRANT USAGE ON SCHEMA two TO reset_reader WITH GRANT OPTION; COMMENT ON SCHEMA two IS 'it''s'",
    );
    let project = Folder::new("", &[]).on(&database);
    let datasource = DATASOURCE.replace('}', "  schemas = [\"public\", \"two\"]\n}");
    project.write("prisma/schema.prisma", datasource);
    let before = "SELECT concat(nspacl, nspowner, obj_description(oid)) FROM pg_namespace
                  WHERE nspname IN ('public', 'two') ORDER BY nspname";
    let rights = database.ask(before);
    project.run("migrate reset --force").ended(0).says("Database reset successful\n\n\n");
    assert_eq!(database.ask("SELECT to_regclass('two.t')"), ["-"]);
    assert_eq!(database.ask(before), rights);
}

#[server_test]
fn it_is_asked_for_by_the_name_of_the_database() {
    let (project, database) = deployed("reset_asking");
    let name = database.ask("SELECT current_database()").remove(0);
    let json = project.run("migrate reset --json").ended(130).json();
    let question = &json["error"]["questions"][0];
    assert_eq!(
        (question["id"].as_str(), question["flag"].as_str()),
        (Some("reset"), Some("--force"))
    );
    assert_eq!(question["options"][0], name.as_str());
    project.run("migrate reset").ended(130).complains("--force");
    project.run("migrate reset --answer reset=yes").ended(130).complains("Reset cancelled.");
    assert_eq!(database.tables(), ["a", "by_hand"]);
    project.run(&format!("migrate reset --answer reset={name}")).ended(0);
    assert_eq!(database.tables(), ["a"]);
}

#[server_test]
fn an_agent_needs_the_word_of_its_user() {
    let (project, database) = deployed("reset_agent");
    let project = project.with("CLAUDECODE", "1");
    project
        .run("migrate reset --force")
        .ended(1)
        .complains("invoked by Claude Code")
        .complains("PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION");
    project.run("db push --force-reset").ended(1).complains("invoked by Claude Code");
    assert_eq!(database.tables(), ["a", "by_hand"]);
    let project = project.with("PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION", "yes, go ahead");
    project.run("migrate reset --force").ended(0);
}

#[server_test]
fn production_is_not_reset_whatever_the_flags() {
    let (project, database) = deployed("reset_production");
    let url = &database.url;
    project.write(
        "undrift.toml",
        format!("[environments.live]\nurl = \"{url}\"\nclass = \"production\"\n"),
    );
    project
        .run("migrate reset --force")
        .ended(1)
        .complains("migrate reset is refused on")
        .complains("change undrift.toml:3");
    project.run("db push --force-reset --accept-data-loss").ended(1).complains("is refused on");
    assert_eq!(database.tables(), ["a", "by_hand"]);
    project
        .write("undrift.toml", format!("[environments.live]\nurl = \"{url}\"\nclass = \"dev\"\n"));
    project.run("migrate reset --force").ended(0);
}

#[test]
fn a_database_elsewhere_is_production_until_the_file_says_otherwise() {
    let project = Folder::new("", &[INIT]).with("DATABASE_URL", "postgresql://u@db.example/app");
    project
        .run("migrate reset --force")
        .ended(1)
        .complains("which is production")
        .complains("undrift.toml");
}

#[server_test]
fn a_tunnel_to_rds_is_production_too() {
    let (project, database) = deployed("reset_rds");
    // What only RDS has.
    database.run("ALTER DATABASE reset_rds SET rds.extensions = 'plpgsql'");
    project.run("migrate reset --force").ended(1).complains("on Amazon RDS");
    project.run("db push --force-reset").ended(1).complains("on Amazon RDS");
    assert_eq!(database.tables(), ["a", "by_hand"]);
    let url = &database.url;
    project.write(
        "undrift.toml",
        format!("[environments.tunnel]\nurl = \"{url}\"\nclass = \"dev\"\n"),
    );
    project.run("migrate reset --force").ended(0);
}

#[server_test]
fn a_folder_that_cannot_be_read_is_told_before_anything_is_gone() {
    let (project, database) = deployed("reset_folder");
    project.remove("prisma/migrations/1_init/migration.sql");
    project.run("migrate reset --force").ended(1).complains("P3015");
    assert_eq!(database.tables(), ["a", "by_hand"]);
}

#[server_test]
fn the_seed_follows_as_with_prisma_6() {
    let (project, database) = deployed("reset_seed");
    project.write("package.json", r#"{ "prisma": { "seed": "sh -c 'echo seeding'" } }"#);
    project.run("migrate reset --force").ended(0).says("Running seed command").says("seeding\n");
    let ran = project.run("migrate reset --force --skip-seed").ended(0);
    assert!(!ran.stdout.contains("seeding"));
    let json = project.run("migrate reset --force --json").ended(0);
    assert_eq!(json.json()["applied"][0]["name"], "1_init");
    assert!(json.stderr.contains("seeding"));
    drop(database);
}
