//! Questions at a terminal: a pseudo-terminal plays the person's.

use std::process::Stdio;
use std::time::Duration;

use expectrl::process::Healthcheck as _;
use expectrl::process::unix::WaitStatus;
use expectrl::{ControlCode, Eof, Expect as _, Session};
use server_test::server_test;

use crate::stand::{DATASOURCE, Database, Folder};

const USER: &str = "\nmodel User {\n  id Int @id\n  age Int?\n}\n";

/// undrift at a terminal.
fn at_terminal(project: &Folder, line: &str) -> expectrl::session::OsSession {
    let mut command = project.command(line);
    // Else the terminal would be for the output alone.
    command.env("TERM", "xterm").stdin(Stdio::inherit()).stdout(Stdio::inherit());
    command.stderr(Stdio::inherit());
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_mins(1)));
    session
}

/// Waits for the end, and returns the exit code.
fn code(mut session: expectrl::session::OsSession) -> i32 {
    session.expect(Eof).unwrap();
    let status = session.get_process().wait().unwrap();
    let WaitStatus::Exited(_, code) = status else { panic!("{status:?}") };
    code
}

#[server_test]
fn a_new_migration_is_given_a_name() {
    let database = Database::new("asking_name");
    let project = Folder::new(USER, &[]).on(&database);
    let mut session = at_terminal(&project, "migrate dev");
    session.expect("Enter a name for the new migration:").unwrap();
    session.send("first steps\r").unwrap();
    session.expect("_first_steps/").unwrap();
    assert_eq!(code(session), 0);
    assert_eq!(database.tables(), ["User"]);
}

#[server_test]
fn control_c_at_a_question_ends_with_130_and_leaves_nothing() {
    let database = Database::new("asking_leaving");
    let project = Folder::new(USER, &[]).on(&database);
    let mut session = at_terminal(&project, "migrate dev");
    session.expect("Enter a name for the new migration:").unwrap();
    // Nobody else is kept waiting meanwhile.
    assert_eq!(database.ask("SELECT pg_try_advisory_lock(72707369)"), ["t"]);
    assert_eq!(database.ask("SELECT pg_advisory_unlock(72707369)"), ["t"]);
    assert!(session.get_process().is_alive().unwrap());
    session.send(ControlCode::EndOfText).unwrap();
    assert_eq!(code(session), 130);
    assert!(!project.path("prisma/migrations").exists());
    assert_eq!(database.tables(), [""; 0]);
}

#[server_test]
fn losing_data_takes_a_yes() {
    let database = Database::new("asking_loss");
    let project = Folder::new(USER, &[]).on(&database);
    project.run("db push").ended(0);
    database.run("INSERT INTO \"User\" VALUES (1, 7)");
    project
        .write("prisma/schema.prisma", format!("{DATASOURCE}\nmodel User {{\n  id Int @id\n}}\n"));
    let mut session = at_terminal(&project, "db push");
    session.expect("which still contains 1 non-null values.").unwrap();
    session.expect("Do you want to ignore the warning(s)?").unwrap();
    session.send("n\r").unwrap();
    assert_eq!(code(session), 130);
    assert_eq!(database.ask("SELECT sum(age) FROM \"User\""), ["7"]);
    let mut session = at_terminal(&project, "db push");
    session.expect("Do you want to ignore the warning(s)?").unwrap();
    session.send("y\r").unwrap();
    session.expect("now in sync").unwrap();
    assert_eq!(code(session), 0);
}

#[server_test]
fn a_reset_takes_the_name_of_the_database() {
    let database = Database::new("asking_reset");
    let project = Folder::new(USER, &[]).on(&database);
    database.run("CREATE TABLE by_hand ()");
    let mut session = at_terminal(&project, "migrate reset");
    session.expect("Are you sure you want to reset your database?").unwrap();
    session.send("yes\r").unwrap();
    session.expect("Reset cancelled.").unwrap();
    assert_eq!(code(session), 130);
    assert_eq!(database.tables(), ["by_hand"]);
    let name = database.ask("SELECT current_database()").remove(0);
    let mut session = at_terminal(&project, "migrate reset");
    session.expect("Are you sure you want to reset your database?").unwrap();
    session.send(format!("{name}\r")).unwrap();
    session.expect("Database reset successful").unwrap();
    assert_eq!(code(session), 0);
    assert_eq!(database.tables(), [""; 0]);
}
