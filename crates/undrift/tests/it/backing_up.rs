//! `undrift backup`, and `migrate deploy --backup`.

use crate::fake_rds::{Behaviour, FakeRds, INSTANCE};
use crate::stand::{Database, Folder, PASSWORD};
use server_test::server_test;

const INIT: &str = "20260101000000_init";
const NEXT: &str = "20260102000000_next";
const CREATE: &str = "CREATE TYPE \"Role\" AS ENUM ('A', 'B');\n\
     CREATE TABLE \"User\" (\"id\" SERIAL NOT NULL, \"name\" TEXT NOT NULL, \"role\" \"Role\" NOT NULL DEFAULT 'A',
         CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\"));\n\
     CREATE TABLE \"Post\" (\"id\" SERIAL NOT NULL, \"userId\" INTEGER NOT NULL,
         CONSTRAINT \"Post_pkey\" PRIMARY KEY (\"id\"),
         CONSTRAINT \"Post_userId_fkey\" FOREIGN KEY (\"userId\") REFERENCES \"User\"(\"id\"));\n";
const ROWS: &str = "INSERT INTO \"User\" (name, role) VALUES ('a', 'A'), ('b', 'B');
     INSERT INTO \"Post\" (\"userId\") VALUES (1), (2), (2)";

/// A project with rows in its tables, and a migration that is pending.
fn project(database: &Database, pending: &str) -> Folder {
    let folder = Folder::new("", &[(INIT, CREATE)]).on(database);
    folder.run("migrate deploy").ended(0);
    database.run(ROWS);
    folder.write(&format!("prisma/migrations/{NEXT}/migration.sql"), pending);
    folder
}

/// Says that every deploy makes a backup first.
fn with_backup(folder: &Folder, kind: &str) {
    let text = format!(
        "[environments.live]\nvariable = \"DATABASE_URL\"\nclass = \"production\"\nbackup = \"{kind}\"\n\
         instance = \"{INSTANCE}\"\nallow = [\"rollback\"]\n"
    );
    folder.write("undrift.toml", text);
}

/// The id of the newest backup.
fn newest(folder: &Folder) -> String {
    let list = folder.run("backup list --json").ended(0).json();
    list.pointer("/backups/0/id").unwrap().as_str().unwrap().to_owned()
}

#[server_test]
fn rows_that_a_deploy_takes_away_come_back() {
    let database = Database::new("backup_rows");
    let folder = project(
        &database,
        "DROP TABLE \"Post\";\nALTER TABLE \"User\" DROP COLUMN \"role\";\n\
         UPDATE \"User\" SET \"name\" = upper(\"name\");",
    );
    folder
        .run("migrate deploy --backup=rows")
        .ended(0)
        .says("rows: table public.Post with 3 rows, table public.User with 2 rows")
        .says("restore: undrift backup restore ")
        .says("All migrations have been successfully applied.");
    let id = newest(&folder);
    let restore = |flags: &str| folder.run(&format!("backup restore {id} {flags}"));
    restore("").ended(1).complains("undrift rollback");
    folder.run("rollback --save --yes").ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM \"Post\""), ["0"]);
    restore("--dry-run")
        .ended(0)
        .says("table public.Post with 3 rows: 3 rows and 0 values would be back");
    assert_eq!(database.ask("SELECT count(*) FROM \"Post\""), ["0"]);
    restore("").ended(0).says("2 rows have other values and stay").says("--overwrite");
    assert_eq!(database.ask("SELECT \"userId\" FROM \"Post\" ORDER BY id"), ["1", "2", "2"]);
    assert_eq!(database.ask("SELECT name || role FROM \"User\" ORDER BY id"), ["AA", "BA"]);
    // What would be overwritten is asked about, and kept.
    restore("--overwrite").ended(130).complains("--answer overwrite=backup_rows");
    restore("--overwrite --answer overwrite=backup_rows").ended(0).says("2 rows overwritten");
    assert_eq!(database.ask("SELECT name || role FROM \"User\" ORDER BY id"), ["aA", "bB"]);
    let kept = newest(&folder);
    assert_ne!(kept, id);
    folder
        .run(&format!("backup restore {kept} --overwrite --answer overwrite=backup_rows"))
        .ended(0)
        .says("2 rows overwritten");
    assert_eq!(database.ask("SELECT name || role FROM \"User\" ORDER BY id"), ["AA", "BA"]);
    // Sequences go on behind what came back.
    database.run("INSERT INTO \"Post\" (\"userId\") VALUES (1)");
    // Again there is nothing to do.
    restore("--table Post").ended(0).says("0 rows and 0 values back");
    // A copy that somebody changed is none.
    let copies = "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relname ~ 'Post' \
                  AND relnamespace = 'undrift_backup'::regnamespace";
    let copy = database.ask(copies).pop().unwrap();
    database.run(&format!("DELETE FROM undrift_backup.{copy} WHERE id = 1"));
    restore("--table Post").ended(1).complains("somebody changed it");
    folder.run("drift").ended(0).says("No drift");
}

#[server_test]
fn a_column_comes_back_by_its_key() {
    let database = Database::new("backup_column");
    let folder = project(&database, "ALTER TABLE \"User\" DROP COLUMN \"role\";");
    folder.run("backup --kind rows").ended(0).says("column role of public.User with 2 values");
    let id = newest(&folder);
    folder.run(&format!("backup restore {id}")).ended(0).says("0 rows and 0 values back");
    database
        .run("ALTER TABLE \"User\" ALTER \"role\" DROP NOT NULL; UPDATE \"User\" SET role = NULL");
    folder.run(&format!("backup restore {id}")).ended(0).says("0 rows and 2 values back");
    assert_eq!(database.ask("SELECT role FROM \"User\" ORDER BY id"), ["A", "B"]);
    // Of what is not touched there is nothing to keep.
    folder.write(&format!("prisma/migrations/{NEXT}/migration.sql"), "CREATE TABLE c (id int);");
    folder.run("backup --kind rows").ended(0).says("nothing: no row or value is taken away");
    folder.run("backup --kind rows --tables Post").ended(0).says("table public.Post with 3 rows");
    folder
        .run("backup --kind rows --tables Nope")
        .ended(1)
        .complains("there is no table public.Nope");
    folder.run("backup restore nope").ended(1).complains("undrift backup list");
}

#[server_test]
fn a_dump_comes_back_where_there_is_room_for_it() {
    let database = Database::new("backup_dump");
    let folder = project(&database, "DROP TABLE \"Post\";");
    let ran = folder.run("backup --kind dump").ended(0);
    ran.says("dump of all: ").says("--into restored_");
    let id = newest(&folder);
    let file = folder.path(&format!(".undrift/backups/{id}.dump"));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    folder.run(&format!("backup restore {id}")).ended(1).complains("say where the dump goes");
    folder
        .run(&format!("backup restore {id} --into backup_dump_2"))
        .ended(0)
        .says("the database backup_dump_2");
    let restored = Database::at(&database.url.replace("/backup_dump", "/backup_dump_2"));
    assert_eq!(restored.ask("SELECT count(*) FROM \"Post\""), ["3"]);
    assert_eq!(restored.ask("SELECT count(*) FROM _prisma_migrations"), ["1"]);
    folder
        .run(&format!("backup restore {id} --to-url {}", restored.url))
        .ended(1)
        .complains("is not empty, and nothing was changed");
    folder.run(&format!("backup restore {id} --in-place")).ended(1).complains("already exists");
    let length = std::fs::metadata(&file).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length - 1).unwrap();
    folder
        .run(&format!("backup restore {id} --into backup_dump_3"))
        .ended(1)
        .complains("is not the file that was written");
    // Only what a deploy touches, and back to where it was.
    folder
        .run("migrate deploy --backup=dump-touched")
        .ended(0)
        .says("dump of public.Post, public.User: ");
    assert_eq!(database.tables(), ["User"]);
    let id = newest(&folder);
    folder.run(&format!("backup restore {id} --in-place")).ended(1).complains("pg_restore failed");
    assert_eq!(database.tables(), ["User"]);
    database.run("DROP TABLE \"User\"");
    folder.run(&format!("backup restore {id} --in-place")).ended(0);
    assert_eq!(database.ask("SELECT count(*) FROM \"Post\""), ["3"]);
}

#[server_test]
fn a_deploy_stops_where_its_backup_is_not_whole() {
    let database = Database::new("backup_failed");
    let folder = project(&database, "ALTER TABLE \"User\" ADD \"age\" INTEGER;");
    with_backup(&folder, "snapshot");
    let cases: [(Behaviour, &str); 3] = [
        (
            Behaviour { statuses: vec!["creating", "failed"], ..Behaviour::default() },
            "is failed, so there is no backup",
        ),
        (Behaviour { full: true, ..Behaviour::default() }, "next: undrift backup prune"),
        (Behaviour { throttled: 1000, ..Behaviour::default() }, "Rate exceeded"),
    ];
    let folder = folder.with("AWS_MAX_ATTEMPTS", "2");
    let mut folder = folder;
    for (behaviour, said) in cases {
        let rds = FakeRds::start(behaviour);
        folder = rds.of(folder);
        folder.run("migrate deploy").ended(1).complains(said);
        assert_eq!(database.history(), [format!("{INIT} applied")]);
    }
    let list = folder.run("backup list --json").ended(0).json();
    let states: Vec<&str> = list
        .get("backups")
        .and_then(|it| it.as_array())
        .unwrap()
        .iter()
        .filter_map(|it| it.get("state")?.as_str())
        .collect();
    assert_eq!(states, ["failed", "failed", "failed"]);
    // With a kind that needs no RDS it goes on.
    folder.run("migrate deploy --backup=rows").ended(0);
    folder.run("migrate deploy --backup=nonsense").ended(1).complains("there are snapshot, ");
}

#[server_test]
fn a_snapshot_is_waited_for_and_named() {
    let database = Database::new("backup_snapshot");
    let folder = project(&database, "ALTER TABLE \"User\" ADD \"age\" INTEGER;");
    with_backup(&folder, "snapshot");
    let behaviour = Behaviour {
        statuses: vec!["creating", "creating", "creating"],
        throttled: 2,
        busy: 2,
        ..Behaviour::default()
    };
    let rds = FakeRds::start(behaviour);
    let folder = rds.of(folder);
    let told = folder.run("migrate deploy --json").ended(0).json();
    let id = newest(&folder);
    let identifier = format!("undrift-{INSTANCE}-{id}");
    assert_eq!(told.pointer("/backup/kept/identifier").unwrap(), &identifier);
    assert_eq!(told.pointer("/backup/state").unwrap(), "done");
    assert!(!identifier.contains("--") && identifier.len() < 64);
    let made = rds.calls("CreateDBSnapshot").pop().unwrap();
    assert_eq!(made.get("DBSnapshotIdentifier"), Some(&identifier));
    assert_eq!(made.get("Tags.Tag.1.Key").map(String::as_str), Some("undrift:run"));
    assert_eq!(made.get("Tags.Tag.1.Value"), Some(&id));
    assert_eq!(
        made.get("Tags.Tag.2.Value").map(String::as_str),
        told.pointer("/backup/plan").unwrap().as_str()
    );
    assert!(rds.calls("DescribeDBSnapshots").len() >= 4);
    let aws = format!(
        "aws rds restore-db-instance-from-db-snapshot --region eu-central-1 --db-snapshot-identifier \
         {identifier} --db-instance-identifier restored-{id}"
    );
    folder.run(&format!("backup restore {id}")).ended(0).says("Nothing was done").says(&aws);
    assert!(rds.calls("RestoreDBInstanceFromDBSnapshot").is_empty());
    folder
        .run(&format!("backup restore {id} --new-instance app-2"))
        .ended(0)
        .says("the new instance app-2");
    let restored = rds.calls("RestoreDBInstanceFromDBSnapshot").pop().unwrap();
    assert_eq!(restored.get("DBSubnetGroupName").map(String::as_str), Some("inner"));
    // What is not there in time is no backup.
    let rds =
        FakeRds::start(Behaviour { statuses: vec!["creating"; 10_000], ..Behaviour::default() });
    let folder = rds.of(folder);
    folder
        .run(&format!("backup --kind snapshot --instance {INSTANCE} --wait-at-most 0"))
        .ended(1)
        .complains("is not whole after");
    folder.run("backup list").ended(0).says("(failed)");
}

#[server_test]
fn a_cluster_has_snapshots_and_times_of_its_own() {
    let database = Database::new("backup_cluster");
    let folder = project(&database, "ALTER TABLE \"User\" ADD \"age\" INTEGER;");
    let rds = FakeRds::start(Behaviour { is_cluster: true, ..Behaviour::default() });
    let folder = rds.of(folder);
    folder
        .run("backup --kind snapshot")
        .ended(1)
        .complains("does not tell which instance or cluster of RDS it is");
    folder
        .run(&format!("backup --kind snapshot --instance {INSTANCE}"))
        .ended(0)
        .says("of the cluster app");
    assert_eq!(rds.calls("CreateDBClusterSnapshot").len(), 1);
    folder.run("backup --kind point-in-time --instance app").ended(0).says("point in time 20");
    let id = newest(&folder);
    folder.run(&format!("backup restore {id} --new-instance app-2")).ended(0).says(
        "aws rds wait db-instance-available --region eu-central-1 --db-instance-identifier app-2-1",
    );
    let restored = rds.calls("RestoreDBClusterToPointInTime").pop().unwrap();
    assert_eq!(restored.get("SourceDBClusterIdentifier").map(String::as_str), Some("app"));
    assert_eq!(rds.calls("CreateDBInstance").len(), 1);
}

#[server_test]
fn a_plan_is_applied_behind_its_backup() {
    let database = Database::new("backup_plan");
    let folder = project(&database, "ALTER TABLE \"User\" ADD \"age\" INTEGER;");
    with_backup(&folder, "snapshot");
    let rds = FakeRds::start(Behaviour { full: true, ..Behaviour::default() });
    let folder = rds.of(folder);
    folder.run("plan -o plan.json").ended(0);
    folder.run("apply --plan plan.json").ended(1).complains("there is no backup");
    assert_eq!(database.history(), [format!("{INIT} applied")]);
    let folder = FakeRds::start(Behaviour::default()).of(folder);
    folder.run("apply --plan plan.json").ended(0).says("Backup ");
    folder.run("apply --plan plan.json").ended(0);
    let list = folder.run("backup list --json").ended(0).json();
    assert_eq!(list.get("backups").unwrap().as_array().unwrap().len(), 2);
}

#[server_test]
fn old_backups_go_and_the_newest_stays() {
    let database = Database::new("backup_prune");
    let folder = project(&database, "DROP TABLE \"Post\";");
    let rds = FakeRds::start(Behaviour::default());
    let folder = rds.of(folder);
    for kind in ["rows", "rows", "dump-touched", "dump-touched"] {
        folder.run(&format!("backup --kind {kind}")).ended(0);
    }
    for _ in 0..2 {
        folder.run(&format!("backup --kind snapshot --instance {INSTANCE}")).ended(0);
    }
    folder.run("backup prune").ended(0).says("6 backups stay.");
    folder
        .run("backup prune --keep 0 --older-than 0 --dry-run")
        .ended(0)
        .says("would go")
        .says("3 backups stay.");
    folder.run("backup prune --keep 0 --older-than 0").ended(130).complains("--yes");
    let files = || std::fs::read_dir(folder.path(".undrift/backups")).unwrap().count();
    assert_eq!(files(), 3);
    folder.run("backup prune --keep 0 --older-than 0 --yes").ended(0).says("3 backups stay.");
    assert_eq!(files(), 2);
    assert_eq!(rds.calls("DeleteDBSnapshot").len(), 1);
    let copies = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname <> 'backups' \
                  AND relnamespace = 'undrift_backup'::regnamespace";
    assert_eq!(database.ask(copies), ["1"]);
    folder.run("backup prune --keep 0 --older-than 0 --yes").ended(0).says("3 backups stay.");
    // An agent does not throw backups away by itself.
    let folder = folder.with("CLAUDECODE", "1");
    folder.run("backup --kind rows").ended(0);
    folder
        .run("backup prune --keep 1 --older-than 0 --yes")
        .ended(1)
        .complains("invoked by Claude Code");
}

#[server_test]
fn the_role_of_rds_is_enough() {
    let database = Database::new("backup_role");
    database.run(
        "CREATE ROLE backup_master LOGIN NOSUPERUSER NOCREATEDB CREATEROLE;
         ALTER DATABASE backup_role OWNER TO backup_master; ALTER SCHEMA public OWNER TO backup_master",
    );
    let folder =
        Folder::new("", &[(INIT, CREATE)]).with("DATABASE_URL", &database.url_as("backup_master"));
    folder.run("preflight").ended(0).says("Nothing stands in the way");
    folder.run("migrate deploy --backup=rows").ended(0);
    database.run(ROWS);
    folder.write(&format!("prisma/migrations/{NEXT}/migration.sql"), "DROP TABLE \"Post\";");
    let text = "[environments.live]\nvariable = \"DATABASE_URL\"\nclass = \"production\"\n\
                backup = \"rows\"\nallow = [\"rollback\"]\n";
    folder.write("undrift.toml", text);
    folder.run("preflight").ended(0);
    folder.run("backup --kind dump").ended(0);
    let dump = newest(&folder);
    folder.run("migrate deploy").ended(0).says("rows: table public.Post with 3 rows");
    let rows = newest(&folder);
    folder.run("rollback --save --yes").ended(0);
    folder.run(&format!("backup restore {rows}")).ended(0).says("3 rows and 0 values back");
    folder
        .run(&format!("backup restore {dump} --into more"))
        .ended(1)
        .complains("permission denied to create database");
    // Somebody else makes the database for it.
    database.run("CREATE DATABASE backup_role_2 OWNER backup_master");
    let url = database.url_as("backup_master").replace("/backup_role", "/backup_role_2");
    folder.run(&format!("backup restore {dump} --to-url {url}")).ended(0);
    folder.run("status").ended(1).says(NEXT);
    folder.run("drift").ended(0).says("No drift");
    // Without the right to make a schema it is said which right that is.
    database.run("CREATE DATABASE backup_role_3");
    database.run("CREATE ROLE backup_guest LOGIN");
    let url = database.url_as("backup_guest").replace("/backup_role", "/backup_role_3");
    let guest = Folder::new("", &[]).with("DATABASE_URL", &url);
    guest
        .run("backup --kind rows")
        .ended(1)
        .complains("GRANT CREATE ON DATABASE \"backup_role_3\" TO \"backup_guest\";");
}

#[server_test]
fn no_secret_comes_out() {
    let database = Database::new("backup_secret");
    let folder = project(&database, "DROP TABLE \"Post\";");
    let rds = FakeRds::start(Behaviour { statuses: vec!["failed"], ..Behaviour::default() });
    // `ran` looks for it in all that comes out.
    let url = database.url.replacen("postgres@", &format!("postgres:{PASSWORD}@"), 1);
    let folder = rds.of(folder).with("DATABASE_URL", &url);
    with_backup(&folder, "snapshot");
    for (command, code) in [
        ("preflight --verbose", 0),
        ("preflight --json", 0),
        ("migrate deploy", 1),
        ("migrate deploy --json", 0),
        ("backup --kind rows --verbose", 0),
        ("backup --kind dump --json", 0),
        ("backup list", 0),
        ("backup list --json", 0),
        ("backup prune --yes --keep 1 --older-than 0", 0),
    ] {
        folder.run(command).ended(code);
    }
    let dump = newest(&folder);
    folder.run(&format!("backup restore {dump} --to-url {url}")).ended(1);
    let nowhere = format!("postgresql://x:{PASSWORD}@127.0.0.1:1/x?connect_timeout=1");
    folder.run(&format!("backup restore {dump} --to-url {nowhere}")).ended(1);
    folder.run(&format!("backup --url {nowhere}")).ended(1);
    folder.run(&format!("preflight --url {nowhere}")).ended(1);
    let written = database.ask("SELECT string_agg(what, '') FROM undrift_backup.backups").concat();
    assert!(!written.contains(PASSWORD), "{written}");
}
