//! Runs that are cut: killed servers' sessions, interrupts, and what the next run makes of it.

use crate::stand::{Stand, migration, migrations, wait_for};
use database::{
    Advance, Cancel, DeployOptions, Error, LockHolder, Progress, Reconnection, Session, TableLocks,
};
use project::Migration;
use server_test::server_test;
use std::time::Duration;

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

fn reconnecting() -> DeployOptions {
    let reconnection = Reconnection { within: Duration::from_secs(20), attempts: 5 };
    DeployOptions { reconnection: Some(reconnection), ..DeployOptions::default() }
}

#[server_test]
async fn a_run_cut_at_any_statement_goes_on_by_itself() {
    for mark in 0..6 {
        let stand = Stand::new(&format!("reconnecting_{mark}")).await;
        let mut script = SCRIPT.to_owned();
        for at in 0..6 {
            let pause = if at == mark { "SELECT pg_sleep(0.3);\n" } else { "" };
            script = script.replace(&format!("<{at}>"), pause);
        }
        let (migrations, options) = ([migration("1_m", &script)], reconnecting());
        let cutting = async {
            let pid = wait_for(&stand, "wait_event = 'PgSleep'").await;
            stand.run(&format!("SELECT pg_terminate_backend({pid})")).await;
        };
        let (deployed, ()) = tokio::join!(stand.deploy_with(&migrations, &options), cutting);
        assert_eq!(deployed.unwrap().applied.len(), 1, "{mark}");
        assert_eq!(stand.ask("SELECT a FROM t ORDER BY a").await, ["1", "2", "3"], "{mark}");
        assert_eq!(stand.relations().await, ["t", "t_a"], "{mark}");
        assert_eq!(stand.history().await, ["1_m 1 finished"], "{mark}");
        assert!(database::holders(&stand.other).await.unwrap().is_empty());
    }
}

#[server_test]
async fn who_ends_the_session_twice_means_it() {
    let stand = Stand::new("meant").await;
    stand.run("CREATE VIEW cut AS SELECT 1 AS a").await;
    let stopped = stand.deploy_with(&[cut_at(1)], &reconnecting()).await.unwrap_err();
    assert_eq!(stopped.error.code(), Some("P1017"), "{stopped}");
    assert!(stand.history().await.is_empty());
}

#[derive(Default)]
struct Heard {
    blocked: Vec<LockHolder>,
    advanced: Vec<Advance>,
}

impl Progress for Heard {
    fn blocked(&mut self, _: &str, _: Duration, by: &[LockHolder]) {
        self.blocked.extend_from_slice(by);
    }

    fn advanced(&mut self, _: &str, _: Duration, advance: &Advance) {
        self.advanced.push(advance.clone());
    }
}

#[server_test]
async fn what_an_index_waits_for_and_how_far_it_is_is_told() {
    let stand = Stand::new("told").await;
    let migrations =
        migrations(&["CREATE TABLE t (a int);", "CREATE INDEX CONCURRENTLY t_a ON t (a);"]);
    stand.deploy(&migrations[..1]).await.unwrap();
    let writer = stand.session().await;
    let password = "BEGIN; INSERT INTO t VALUES (1); /* */ ALTER ROLE postgres PASSWORD 's3cr3t'";
    writer.run("testing", password).await.unwrap();
    let pid = writer.rows("testing", "SELECT pg_backend_pid()").await.unwrap();
    writer.run("testing", password.strip_prefix("BEGIN; ").unwrap()).await.unwrap();
    // How often somebody looks follows from that; an index waits longer.
    let locks = TableLocks {
        wait: Duration::from_millis(100),
        attempts: 1,
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
    };
    let options = DeployOptions { table_locks: Some(locks), ..DeployOptions::default() };
    let session = stand.session().await;
    let mut heard = Heard::default();
    let deploying = database::deploy(&session, &migrations, &options, &mut heard);
    let releasing = async {
        wait_for(&stand, "wait_event_type = 'Lock' AND query ~ '^CREATE INDEX'").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        writer.run("testing", "ROLLBACK").await.unwrap();
    };
    let (deployed, ()) = tokio::join!(deploying, releasing);
    deployed.unwrap();
    let told = heard.blocked[0].to_string();
    assert_eq!(heard.blocked[0].pid.to_string(), pid[0].get(0).unwrap());
    assert!(told.contains("idle in transaction") && told.contains("ALTER ROLE"), "{told}");
    assert!(!told.contains("s3cr3t"), "{told}");
    let phase = "building an index: waiting for writers before build";
    assert_eq!(heard.advanced[0].phase, phase);
}

#[server_test]
async fn what_an_interrupted_reindex_left_is_dropped() {
    let stand = Stand::new("reindex").await;
    let migrations = migrations(&[
        "CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE other (a int);",
        "REINDEX TABLE CONCURRENTLY t;",
    ]);
    stand.deploy(&migrations[..1]).await.unwrap();
    // The index of another table that looks the same is not ours to drop.
    stand.run("INSERT INTO other VALUES (1), (1)").await;
    let unique = "CREATE UNIQUE INDEX CONCURRENTLY other_ccnew ON other (a)";
    stand.other.run("testing", unique).await.unwrap_err();
    let writer = stand.session().await;
    writer.run("testing", "BEGIN; INSERT INTO t VALUES (1)").await.unwrap();
    let cutting = async {
        let pid = wait_for(&stand, "wait_event_type = 'Lock' AND query ~ '^REINDEX'").await;
        stand.end_session(&pid.to_string()).await;
        writer.run("testing", "ROLLBACK").await.unwrap();
    };
    let (stopped, ()) = tokio::join!(stand.deploy(&migrations), cutting);
    stopped.unwrap_err();
    let left = ["other", "other_ccnew invalid", "t", "t_pkey", "t_pkey_ccnew invalid"];
    assert_eq!(stand.relations().await, left);
    stand.deploy(&migrations).await.unwrap();
    assert_eq!(stand.relations().await, ["other", "other_ccnew invalid", "t", "t_pkey"]);
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 1 finished"]);
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
