//! Runs that are cut: killed servers' sessions, interrupts, and what the next run makes of it.

use crate::stand::{Stand, migration, migrations, wait_for};
use database::{Cancel, DeployOptions, Error, Session};
use project::Migration;
use server_test::server_test;

/// Ends the session that runs it while there is a table `cut`.
const CUT: &str = "DO $$ BEGIN IF to_regclass('cut') IS NOT NULL THEN \
                   PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$;\n";

/// The catalog and the history after an undisturbed run.
const SCRIPT: &str = "CREATE TABLE t (a int);\n<0>INSERT INTO t VALUES (1);\n<1>\
                      CREATE INDEX CONCURRENTLY t_a ON t (a);\n<2>\
                      INSERT INTO t VALUES (2);\n<3>VACUUM t;\n<4>INSERT INTO t VALUES (3);\n<5>";

/// The script with a cut at one of its marks.
fn cut_at(mark: usize) -> Migration {
    let mut script = SCRIPT.to_owned();
    for at in 0..6 {
        script = script.replace(&format!("<{at}>"), if at == mark { CUT } else { "" });
    }
    migration("1_m", &script)
}

#[server_test]
async fn a_run_cut_at_any_statement_is_completed_by_the_next() {
    for mark in 0..6 {
        let stand = Stand::new(&format!("cut_{mark}")).await;
        // The flag is no table, for tables without history are to be baselined.
        stand.run("CREATE VIEW cut AS SELECT 1 AS a").await;
        let migrations = [cut_at(mark)];
        let stopped = stand.deploy(&migrations).await.unwrap_err();
        assert_eq!(stopped.error.code(), Some("P1017"), "{mark}: {stopped}");
        stand.run("DROP VIEW cut").await;
        let report = stand.deploy(&migrations).await.unwrap();
        assert_eq!(report.applied[0].resumed, mark >= 2, "{mark}");
        assert_eq!(stand.ask("SELECT a FROM t ORDER BY a").await, ["1", "2", "3"], "{mark}");
        assert_eq!(stand.relations().await, ["t", "t_a"], "{mark}");
        assert_eq!(stand.history().await, ["1_m 1 finished"], "{mark}");
    }
}

/// A deploy that has begun `CREATE INDEX CONCURRENTLY t_a` and waits there for a transaction that
/// writes to the table.
async fn deploy_until_the_index<T>(
    stand: &Stand,
    migrations: &[Migration],
    then: impl AsyncFnOnce(&Session, i32) -> T,
) -> T {
    stand.deploy(migrations.get(..1).unwrap()).await.unwrap();
    let writer = stand.session().await;
    writer.run("testing", "BEGIN; INSERT INTO t VALUES (1)").await.unwrap();
    let cutting = async {
        let pid = wait_for(stand, "wait_event_type = 'Lock' AND query ~ '^CREATE INDEX'").await;
        then(&writer, pid).await
    };
    let (stopped, answer) = tokio::join!(stand.deploy(migrations), cutting);
    assert_eq!(stopped.unwrap_err().error.code(), Some("P1017"));
    answer
}

#[server_test]
async fn an_index_that_was_built_but_not_recorded_is_not_built_again() {
    let stand = Stand::new("not_recorded").await;
    let migrations = migrations(&[
        "CREATE TABLE t (a int);",
        "CREATE INDEX CONCURRENTLY t_a ON t (a); SELECT 1;",
    ]);
    deploy_until_the_index(&stand, &migrations, async |writer, _| {
        // Not in the session that looks: within a transaction pg_stat_activity stands still.
        let locker = stand.session().await;
        locker.run("testing", "BEGIN; LOCK TABLE _prisma_migrations").await.unwrap();
        writer.run("testing", "COMMIT").await.unwrap();
        let pid = wait_for(&stand, "wait_event_type = 'Lock' AND query ~ '^UPDATE'").await;
        stand.end_session(&pid.to_string()).await;
    })
    .await;
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 0 logs"]);
    assert_eq!(stand.relations().await, ["t", "t_a"]);
    let oid = stand.ask("SELECT 't_a'::regclass::oid").await;
    stand.deploy(&migrations).await.unwrap();
    assert_eq!(stand.ask("SELECT 't_a'::regclass::oid").await, oid);
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 1 finished"]);
}

#[server_test]
async fn an_index_left_half_built_is_built_anew() {
    let stand = Stand::new("half_built").await;
    let script = "CREATE TABLE u (); CREATE INDEX CONCURRENTLY t_a ON t (a); SELECT 1;";
    let migrations = migrations(&["CREATE TABLE t (a int);", script]);
    deploy_until_the_index(&stand, &migrations, async |writer, pid| {
        stand.end_session(&pid.to_string()).await;
        writer.run("testing", "ROLLBACK").await.unwrap();
    })
    .await;
    assert_eq!(stand.relations().await, ["t", "t_a invalid", "u"]);
    let report = stand.deploy(&migrations).await.unwrap();
    assert!(report.applied[0].resumed);
    assert_eq!(stand.relations().await, ["t", "t_a", "u"]);
}

#[server_test]
async fn an_invalid_index_is_not_taken_for_one_that_exists() {
    let stand = Stand::new("if_not_exists").await;
    let script = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)";
    let migrations =
        migrations(&["CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);", script]);
    let stopped = stand.deploy(&migrations).await.unwrap_err();
    assert_eq!(stopped.error.server_error().unwrap().sqlstate, "23505");
    assert_eq!(stand.relations().await, ["t", "t_a invalid"]);
    stand.run("TRUNCATE t").await;
    database::mark_rolled_back(&stand.other, "2_m").await.unwrap();
    stand.deploy(&migrations).await.unwrap();
    assert_eq!(stand.relations().await, ["t", "t_a"]);
}

#[server_test]
async fn a_migration_that_failed_between_its_steps_goes_on_when_told_to() {
    let stand = Stand::new("goes_on").await;
    let script = "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);\n\
                  CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);\nCREATE TABLE u ();";
    let migrations = migrations(&[script]);
    let stopped = stand.deploy(&migrations).await.unwrap_err();
    let Error::MigrationFailed(failure) = &stopped.error else { panic!("{stopped}") };
    assert_eq!(failure.statements_done, Some(2));
    let again = stand.deploy(&migrations).await.unwrap_err();
    assert_eq!(again.error.code(), Some("P3009"));
    assert!(again.to_string().contains("DETAIL: Key (a)=(1) is duplicated."), "{again}");
    stand.run("DELETE FROM t").await;
    let options = DeployOptions { resume_failed: true, ..DeployOptions::default() };
    stand.deploy_with(&migrations, &options).await.unwrap();
    assert_eq!(stand.relations().await, ["t", "t_a", "u"]);
    assert_eq!(stand.history().await, ["1_m 1 finished"]);
}

#[server_test]
async fn what_cannot_be_known_is_not_repeated() {
    let stand = Stand::new("unknowable").await;
    stand.run("CREATE VIEW cut AS SELECT 1 AS a").await;
    let script = "CREATE TABLE t (a int); DO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; \
                  IF to_regclass('cut') IS NOT NULL THEN \
                  PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$;";
    let migrations = migrations(&[script]);
    stand.deploy(&migrations).await.unwrap_err();
    stand.run("DROP VIEW cut").await;
    let again = stand.deploy(&migrations).await.unwrap_err();
    assert_eq!(again.error.code(), Some("P3009"));
    assert!(again.to_string().contains("interrupted in statement 2"), "{again}");
}

#[server_test]
async fn an_interrupted_script_that_was_edited_does_not_go_on() {
    let stand = Stand::new("edited").await;
    stand.run("CREATE VIEW cut AS SELECT 1 AS a").await;
    stand.deploy(&[cut_at(3)]).await.unwrap_err();
    let again = stand.deploy(&[cut_at(0)]).await.unwrap_err();
    assert_eq!(again.error.code(), Some("P3009"));
    assert!(again.to_string().contains("was changed since"), "{again}");
}

#[server_test]
async fn an_interrupt_rolls_back_and_gives_the_lock_back() {
    let stand = Stand::new("interrupt").await;
    let migrations =
        migrations(&["CREATE TABLE a ();", "CREATE TABLE b (); SELECT pg_sleep(60);", "SELECT 1"]);
    let (canceller, cancel) = Cancel::new();
    let options = DeployOptions { cancel, ..DeployOptions::default() };
    let deploying = stand.deploy_with(&migrations, &options);
    let interrupting = async {
        wait_for(&stand, "wait_event = 'PgSleep'").await;
        canceller.cancel();
    };
    let (stopped, ()) = tokio::join!(deploying, interrupting);
    let stopped = stopped.unwrap_err();
    assert!(matches!(stopped.error, Error::Interrupted), "{stopped}");
    assert_eq!(stopped.report.applied.len(), 1);
    assert_eq!(stopped.report.pending, ["2_m", "3_m"]);
    assert_eq!(stand.history().await, ["1_m 1 finished"]);
    assert_eq!(stand.relations().await, ["a"]);
    assert!(database::holders(&stand.other).await.unwrap().is_empty());
}
