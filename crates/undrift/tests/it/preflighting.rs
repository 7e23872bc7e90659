//! `undrift preflight`, and what it does to a deploy.

use crate::fake_rds::{Behaviour, FakeRds, INSTANCE};
use crate::stand::{Database, Folder, PASSWORD};
use server_test::server_test;

const INIT: &str = "20260101000000_init";
const NEXT: &str = "20260102000000_next";
const CREATE: &str = "CREATE TABLE \"User\" (\"id\" INTEGER NOT NULL, \"name\" TEXT, \
                      CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\"));\n";

/// A project with one applied migration and one pending.
fn project(database: &Database, pending: &str) -> Folder {
    let folder = Folder::new("", &[(INIT, CREATE)]).on(database);
    folder.run("migrate deploy").ended(0);
    folder.write(&format!("prisma/migrations/{NEXT}/migration.sql"), pending);
    folder
}

/// Says that the database is production.
fn on_production(folder: &Folder) {
    let text = "[environments.live]\nvariable = \"DATABASE_URL\"\nclass = \"production\"\n";
    folder.write("undrift.toml", text);
}

/// The codes that are found, each with its severity.
fn codes(folder: &Folder, code: i32) -> Vec<String> {
    let found = folder.run("preflight --json").ended(code).json();
    assert_eq!(found.get("unknown"), Some(&serde_json::json!([])), "{found:#}");
    let findings = found.get("findings").unwrap().as_array().unwrap().iter();
    let told =
        |it: &serde_json::Value, key: &str| it.get(key).unwrap().as_str().unwrap().to_owned();
    findings.map(|it| format!("{} {}", told(it, "severity"), told(it, "code"))).collect()
}

#[server_test]
fn nothing_stands_in_the_way() {
    let database = Database::new("preflight_none");
    let folder = project(&database, "ALTER TABLE \"User\" ADD COLUMN \"age\" INTEGER;");
    assert_eq!(codes(&folder, 0), [""; 0]);
    folder.run("preflight").ended(0).says("1 pending migration.").says("Nothing stands in the way");
    folder.run("migrate deploy").ended(0);
    folder.run("preflight").ended(0).says("No pending migrations.");
}

#[server_test]
fn rights_are_looked_at_before_anything_runs() {
    let database = Database::new("preflight_rights");
    let folder = project(
        &database,
        "CREATE EXTENSION no_such; CREATE SCHEMA s; CREATE TABLE b (id int); ALTER TABLE \"User\" ADD c int;",
    );
    database.run(
        "CREATE ROLE preflight_deployer LOGIN NOSUPERUSER CREATEROLE;
         REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         GRANT SELECT, INSERT ON _prisma_migrations TO preflight_deployer;
         GRANT SELECT ON \"User\" TO preflight_deployer",
    );
    let folder = folder.with("DATABASE_URL", &database.url_as("preflight_deployer"));
    on_production(&folder);
    assert_eq!(
        codes(&folder, 1),
        [
            "error no-create-on-database",
            "error no-create-on-schema",
            "error no-privilege",
            "error not-owner",
            "error extension-unavailable",
        ]
    );
    // Each command does away with its finding.
    let found = folder.run("preflight --json").ended(1).json();
    let ran = folder.run("migrate deploy").ended(1);
    ran.complains("the deploy was stopped before anything was changed")
        .complains("not-owner: GRANT \"postgres\" TO \"preflight_deployer\";");
    let error = folder.run("migrate deploy --json").ended(1).json();
    assert_eq!(error["error"]["next"].as_array().unwrap().len(), 5);
    assert_eq!(database.tables(), ["User"]);
    for finding in found["findings"].as_array().unwrap() {
        let command = finding["command"].as_str().unwrap();
        if command.starts_with("GRANT") {
            database.run(command);
        }
    }
    assert_eq!(codes(&folder, 1), ["error extension-unavailable"]);
    // Elsewhere a deploy is tried.
    folder.write("undrift.toml", "");
    folder.run("migrate deploy").ended(1).complains("extension-unavailable").complains("P3018");
    database.run("DROP OWNED BY preflight_deployer; DROP ROLE preflight_deployer");
}

#[server_test]
fn who_holds_a_table_is_named() {
    let database = Database::new("preflight_blocked");
    let folder = project(
        &database,
        "ALTER TABLE \"User\" ADD COLUMN \"age\" INTEGER;\n\
         CREATE INDEX CONCURRENTLY \"User_age_idx\" ON \"User\"(\"age\");",
    );
    let other = Database::at(&database.url);
    other.run("SET application_name = 'a report'; BEGIN; SELECT * FROM \"User\"");
    assert_eq!(codes(&folder, 0), ["warning idle-in-transaction"]);
    let ran = folder.run("preflight").ended(0);
    ran.says("application a report, idle in transaction")
        .says("holds a lock on public.User")
        .says("SELECT pg_terminate_backend(");
    folder.run("preflight --strict").ended(1);
    other.run("COMMIT");
    // The other way round, a reader is in nobody's way.
    folder.write(
        &format!("prisma/migrations/{NEXT}/migration.sql"),
        "CREATE INDEX CONCURRENTLY \"User_name_idx\" ON \"User\"(\"name\");",
    );
    other.run("BEGIN; SELECT * FROM \"User\"");
    assert_eq!(codes(&folder, 0), [""; 0]);
    other.run("COMMIT");
    database.run(
        "INSERT INTO \"User\" VALUES (1, 'a'), (2, 'a');
         ALTER TABLE \"User\" ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
    );
    database
        .is_refused("CREATE UNIQUE INDEX CONCURRENTLY \"User_name_key\" ON \"User\" (\"name\")");
    assert_eq!(codes(&folder, 0), ["warning invalid-index"]);
}

#[server_test]
fn replication_that_would_break_is_told() {
    let database = Database::new("preflight_published");
    let folder =
        project(&database, "ALTER TABLE \"User\" DROP COLUMN \"name\"; CREATE TABLE b (id int);");
    database.run("CREATE PUBLICATION p FOR TABLE \"User\"");
    assert_eq!(codes(&folder, 0), ["warning published-change", "note not-published"]);
    folder
        .run("migrate deploy")
        .ended(0)
        .complains("published-change: publication p has public.User: column name dropped");
    database.run("DROP PUBLICATION p");
}

#[server_test]
fn what_rds_refuses_is_known_by_its_settings() {
    let database = Database::new("preflight_rds");
    let folder = project(&database, "ALTER SYSTEM SET work_mem = '5MB';\nCREATE EXTENSION citext;");
    database.run(
        "ALTER DATABASE preflight_rds SET rds.extensions = 'citext,hstore';
         ALTER DATABASE preflight_rds SET rds.allowed_extensions = 'hstore';
         ALTER DATABASE preflight_rds SET default_transaction_read_only = on",
    );
    assert_eq!(
        codes(&folder, 1)[..3],
        ["error read-only", "error extension-not-allowed", "error rds-forbids"]
    );
    // Behind a tunnel it is production, too.
    assert_eq!(folder.run("preflight --json").ended(1).json()["class"], "production");
    database.run("ALTER DATABASE preflight_rds RESET default_transaction_read_only");
    folder.run("migrate deploy").ended(1).complains("rds-forbids: 20260102000000_next, line 1");
}

#[server_test]
fn passwords_of_others_are_not_told() {
    let database = Database::new("preflight_secret");
    let folder = project(&database, "DROP TABLE \"User\";");
    let other = Database::at(&database.url);
    other.run("BEGIN; LOCK TABLE \"User\"");
    other.run(&format!("CREATE ROLE preflight_secret PASSWORD '{PASSWORD}'"));
    // `ended` looks for it.
    folder.run("preflight").ended(0).says("CREATE ROLE preflight_secret");
    folder.run("preflight --json").ended(0);
    other.run("ROLLBACK");
}

#[server_test]
fn rds_is_asked_about_the_instance() {
    let database = Database::new("preflight_instance");
    let folder = project(&database, "ALTER TABLE \"User\" ADD COLUMN \"age\" INTEGER;");
    let text = format!(
        "[environments.live]\nvariable = \"DATABASE_URL\"\nclass = \"production\"\ninstance = \"{INSTANCE}\"\n"
    );
    folder.write("undrift.toml", text);
    let rds = FakeRds::start(Behaviour {
        is_blue: true,
        maintenance_window: Some("mon:00:00-sun:23:59"),
        ..Behaviour::default()
    });
    let folder = rds.of(folder);
    assert_eq!(codes(&folder, 1), ["error blue-green", "warning maintenance-window"]);
    folder.run("preflight").ended(1).says("aws rds switchover-blue-green-deployment");
    // What cannot be asked is said, and stops nothing.
    let folder =
        folder.with("AWS_ENDPOINT_URL_RDS", "http://127.0.0.1:1").with("AWS_MAX_ATTEMPTS", "1");
    folder
        .run("preflight")
        .ended(0)
        .says("Not known")
        .says("what RDS says of the instance: asking RDS:");
}
