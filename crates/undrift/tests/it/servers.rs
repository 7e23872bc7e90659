//! Servers that refuse.

use crate::stand::{Database, Folder, PASSWORD, programs, wait};
use server_test::server_test;

const CREATE_A: &str = "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL, \
                        CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\"));\n";
const MODEL: &str = "\nmodel A {\n  id Int @id\n}\n";

fn project(url: &str) -> Folder {
    Folder::new(MODEL, &[("20260101000000_a", CREATE_A)]).with("DATABASE_URL", url)
}

#[server_test]
fn a_wrong_password_is_p1000_and_a_right_one_is_never_shown() {
    let programs = programs();
    let home = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let password = server::Password::new(PASSWORD);
    let home = home.path().join("cluster");
    let cluster = server::private::Cluster::start_local(&programs, &home, port, password);
    let cluster = wait(cluster).unwrap();
    let url = cluster.address().to_url();
    assert!(url.contains(PASSWORD), "the test needs it there");

    let wrong = url.replace(PASSWORD, "wrong");
    for command in ["migrate status", "migrate deploy", "status"] {
        project(&wrong)
            .run(command)
            .ended(1)
            .complains(
                "Error: P1000: Authentication failed against database server, the provided database \
                 credentials for `postgres` are not valid.\n\nPlease make sure to provide valid \
                 database credentials for the database server at the configured address.\n",
            )
            .complains("cause: ")
            .complains("next: check user and password");
    }

    let right = project(&url);
    for command in
        ["migrate deploy --verbose", "status --verbose", "status --json", "snapshot -o s"]
    {
        right.run(command).ended(0);
    }
    assert!(!right.read("s").contains(PASSWORD));
    wait(cluster.stop()).unwrap();
}

#[server_test]
fn a_missing_database_is_p1003_for_status_and_made_by_deploy() {
    let database = Database::new("missing_first");
    database.run("DROP DATABASE IF EXISTS missing_later");
    let url = database.url.replace("/missing_first", "/missing_later");
    let project = project(&url);
    project
        .run("migrate status")
        .ended(1)
        .complains("Error: P1003: Database `missing_later` does not exist\n")
        .complains("next: `undrift migrate deploy` creates it");
    project.run("migrate deploy").ended(0).says("PostgreSQL database missing_later created at ");
    project.run("migrate status").ended(0);
}

#[server_test]
fn a_user_without_rights_on_the_history_is_told() {
    let database = Database::new("history_rights");
    database.run("CREATE ROLE history_rights_user LOGIN");
    let owner = project(&database.url);
    let other = project(&database.url_as("history_rights_user"));
    other.run("migrate deploy").ended(1).complains("may not create the history table");
    owner.run("migrate deploy").ended(0);
    other
        .run("migrate deploy")
        .ended(1)
        .complains(
            "Error: User `history_rights_user` may not read the history table \
             `public._prisma_migrations`, which belongs to",
        )
        .complains("cause: ERROR: permission denied for table _prisma_migrations");
    other.run("migrate status").ended(1).complains("may not read the history table");

    // A role that may only read the history can look, and not deploy.
    database.run("GRANT SELECT ON _prisma_migrations TO history_rights_user");
    other.run("status").ended(0).says("Database schema is up to date!");
    other.write("prisma/migrations/20260102000000_b/migration.sql", "SELECT 1;\n");
    other.run("migrate deploy").ended(1).complains("may not write the history table");
    assert_eq!(database.history(), ["20260101000000_a applied"]);
}

#[server_test]
fn a_read_only_server_is_looked_at_and_not_changed() {
    let database = Database::new("read_only");
    project(&database.url).run("migrate deploy").ended(0);
    database.run("CREATE ROLE read_only_user LOGIN SUPERUSER");
    database.run("ALTER ROLE read_only_user SET default_transaction_read_only = on");
    let reader = project(&database.url_as("read_only_user"));
    reader.run("status").ended(0).says("Database schema is up to date!");
    reader.write("prisma/migrations/20260102000000_b/migration.sql", "CREATE TABLE b ();\n");
    reader
        .run("migrate deploy")
        .ended(1)
        .complains("sessions on `read_only` are read only, so nothing can be changed")
        .complains("next: see `default_transaction_read_only`");
    assert_eq!(database.history(), ["20260101000000_a applied"]);
    assert_eq!(database.tables(), ["A"]);
}
