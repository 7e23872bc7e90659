//! Deploys that nobody disturbs.

use crate::stand::{Stand, migrations};
use database::{DeployOptions, Error, HistoryState, TableLocks, history};
use server_test::server_test;
use std::time::Duration;

#[server_test]
async fn pending_migrations_are_applied_in_order_and_recorded_as_prisma_does() {
    let stand = Stand::new("in_order").await;
    let migrations = migrations(&[
        "-- CreateTable\nCREATE TABLE a (id int);\n",
        "",
        "-- only a comment",
        "ALTER TABLE a ADD COLUMN \"naïve\" text -- no semicolon",
    ]);
    let report = stand.deploy(&migrations).await.unwrap();
    assert_eq!(report.applied.len(), 4);
    assert_eq!(
        stand.history().await,
        ["1_m 1 finished", "2_m 1 finished", "3_m 1 finished", "4_m 1 finished"]
    );
    let rows = history(&stand.other).await.unwrap().unwrap();
    // sha256sum of nothing
    assert_eq!(
        rows[1].checksum,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(rows[0].id.len(), 36);
    assert!(rows.iter().all(|row| row.state() == HistoryState::Applied));
    let report = stand.deploy(&migrations).await.unwrap();
    assert!(report.applied.is_empty());
}

#[server_test]
async fn no_migrations_still_make_the_history_table() {
    let stand = Stand::new("no_migrations").await;
    stand.deploy(&[]).await.unwrap();
    assert!(stand.history().await.is_empty());
}

#[server_test]
async fn a_failing_migration_leaves_its_row_and_nothing_else() {
    let stand = Stand::new("failing").await;
    let broken = "CREATE TABLE b (id int);\n\nINSERT INTO b\n  VALUES (1/0);\nCREATE TABLE c ();";
    let migrations = migrations(&["CREATE TABLE a ();", broken, "CREATE TABLE d ();"]);
    let stopped = stand.deploy(&migrations).await.unwrap_err();
    assert_eq!(stopped.error.code(), Some("P3018"));
    assert_eq!(stopped.report.applied.len(), 1);
    assert_eq!(stopped.report.pending, ["2_m", "3_m"]);
    let Error::MigrationFailed(failure) = &stopped.error else { panic!("{stopped}") };
    assert_eq!((failure.error.sqlstate.as_str(), failure.statements_done), ("22012", Some(0)));
    let statement = failure.statement.as_ref().unwrap();
    assert_eq!((statement.number, statement.of, statement.line), (2, 3, 3));
    assert_eq!(statement.text, "INSERT INTO b\n  VALUES (1/0)");
    let text = stopped.to_string();
    for line in ["Migration name: 2_m", "Database error code: 22012", "ERROR: division by zero"] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(stand.relations().await, ["a"]);
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 0 logs"]);

    let again = stand.deploy(&migrations).await.unwrap_err();
    assert_eq!(again.error.code(), Some("P3009"));
    let text = again.to_string();
    assert!(text.contains("The `2_m` migration started at 20"), "{text}");
    assert!(text.contains("Cause: ERROR: division by zero"), "{text}");
}

#[server_test]
async fn a_syntax_error_is_shown_where_it_is() {
    let stand = Stand::new("syntax").await;
    let script = "-- é\nCREATE TABLE a (\n    id int,\n);\nSELECT 1;\n";
    let stopped = stand.deploy(&migrations(&[script])).await.unwrap_err();
    let Error::MigrationFailed(failure) = &stopped.error else { panic!("{stopped}") };
    let statement = failure.statement.as_ref().unwrap();
    assert_eq!((statement.line, statement.column, statement.number), (4, 1, 1));
    assert_eq!(statement.excerpt.last().unwrap(), ");");
}

#[server_test]
async fn a_database_with_tables_and_no_history_is_to_be_baselined() {
    let stand = Stand::new("tables").await;
    stand.run("CREATE TABLE mine ()").await;
    let stopped = stand.deploy(&migrations(&["SELECT 1"])).await.unwrap_err();
    assert_eq!(stopped.error.code(), Some("P3005"));
    assert!(stopped.to_string().contains("`mine`"));
    assert_eq!(stand.relations().await, ["mine"]);
}

#[server_test]
async fn views_and_types_do_not_count_as_tables() {
    let stand = Stand::new("views").await;
    stand.run("CREATE VIEW v AS SELECT 1 AS a; CREATE TYPE e AS ENUM ('a')").await;
    stand.deploy(&migrations(&["SELECT 1"])).await.unwrap();
}

#[server_test]
async fn blocks_of_the_script_become_part_of_the_transaction() {
    let stand = Stand::new("blocks").await;
    let script = "CREATE TYPE old AS ENUM ('a', 'b'); CREATE TABLE t (v old);\n\
                  BEGIN;\nCREATE TYPE new AS ENUM ('a');\n\
                  ALTER TABLE t ALTER COLUMN v TYPE new USING (v::text::new);\nCOMMIT;\n\
                  SELECT 1/0;";
    let stopped = stand.deploy(&migrations(&[script])).await.unwrap_err();
    let Error::MigrationFailed(failure) = &stopped.error else { panic!("{stopped}") };
    assert_eq!(failure.statement.as_ref().unwrap().number, 7);
    assert!(stand.relations().await.is_empty());
}

#[server_test]
async fn the_true_error_is_told_when_a_block_fails() {
    let stand = Stand::new("true_error").await;
    let script = "BEGIN;\nSELECT 1;\nSELECT nothing;\nSELECT 2;\nCOMMIT;";
    let stopped = stand.deploy(&migrations(&[script])).await.unwrap_err();
    let Error::MigrationFailed(failure) = &stopped.error else { panic!("{stopped}") };
    assert_eq!(failure.error.message, "column \"nothing\" does not exist");
    assert_eq!(failure.statement.as_ref().unwrap().line, 3);
}

#[server_test]
async fn a_rolled_back_block_leaves_nothing_and_the_rest_applies() {
    let stand = Stand::new("rolled_back").await;
    let script = "BEGIN; CREATE TABLE a (); ROLLBACK; CREATE TABLE b ();";
    stand.deploy(&migrations(&[script])).await.unwrap();
    assert_eq!(stand.relations().await, ["b"]);
    assert_eq!(stand.history().await, ["1_m 1 finished"]);
}

#[server_test]
async fn a_transaction_left_open_is_an_error() {
    let stand = Stand::new("left_open").await;
    let stopped = stand.deploy(&migrations(&["BEGIN; CREATE TABLE a ();"])).await.unwrap_err();
    assert!(stopped.to_string().contains("does not end"), "{stopped}");
    assert!(stand.relations().await.is_empty());
    assert_eq!(stand.history().await, ["1_m 0 logs"]);
}

#[server_test]
async fn concurrent_indexes_run_between_transactions() {
    let stand = Stand::new("concurrent").await;
    let script = "CREATE TABLE t (a int, b int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);\n\
                  CREATE INDEX CONCURRENTLY t_b ON t (b);\nDROP INDEX CONCURRENTLY t_a;\n\
                  CREATE TABLE u ();";
    stand
        .deploy(&migrations(&[script, "CREATE INDEX CONCURRENTLY t_c ON t (a, b);"]))
        .await
        .unwrap();
    assert_eq!(stand.relations().await, ["t", "t_b", "t_c", "u"]);
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 1 finished"]);
}

#[server_test]
async fn labels_can_be_used_in_the_file_that_adds_them() {
    let stand = Stand::new("labels").await;
    let first = "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (v e);";
    // The last statement's use cannot be seen in the text: the server's refusal tells.
    let second = "ALTER TYPE e ADD VALUE 'b';\nINSERT INTO t VALUES ('b');\n\
                  ALTER TYPE e ADD VALUE 'c';\nINSERT INTO t SELECT chr(99)::e;";
    stand.deploy(&migrations(&[first, second])).await.unwrap();
    assert_eq!(stand.ask("SELECT v FROM t").await, ["b", "c"]);
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 1 finished"]);
}

#[server_test]
async fn procedures_that_commit_are_found_out() {
    let stand = Stand::new("procedures").await;
    let script = "CREATE TABLE t (a int);\n\
                  CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN \
                  INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); END $$;\n\
                  CALL p();\nDO $$ BEGIN INSERT INTO t VALUES (3); COMMIT; END $$;";
    stand.deploy(&migrations(&[script])).await.unwrap();
    assert_eq!(stand.ask("SELECT a FROM t").await, ["1", "2", "3"]);
}

#[server_test]
async fn what_a_dump_sets_does_not_reach_the_next_migration() {
    let stand = Stand::new("settings").await;
    let dump = "SELECT pg_catalog.set_config('search_path', '', false);\n\
                SET check_function_bodies = false;\nSET statement_timeout = '1h';\n\
                CREATE TABLE public.a (x int);\n\
                CREATE INDEX CONCURRENTLY a_x ON public.a (x);\n\
                CREATE TABLE public.c ();";
    stand
        .deploy(&migrations(&[dump, "CREATE TABLE b ();", "VACUUM; DISCARD ALL; SELECT 1"]))
        .await
        .unwrap();
    assert_eq!(stand.relations().await, ["a", "a_x", "b", "c"]);
}

#[server_test]
async fn a_script_with_a_role_of_its_own_is_recorded() {
    let stand = Stand::new("roles").await;
    stand.run("CREATE ROLE somebody; GRANT CREATE ON SCHEMA public TO somebody").await;
    stand.deploy(&migrations(&["SET ROLE somebody; CREATE TABLE a ();"])).await.unwrap();
    assert_eq!(
        stand.ask("SELECT tableowner FROM pg_tables WHERE tablename = 'a'").await,
        ["somebody"]
    );
    assert_eq!(stand.history().await, ["1_m 1 finished"]);
}

#[server_test]
async fn the_schema_of_the_url_is_made_and_used() {
    let stand = Stand::new("url_schema").await;
    let url = format!(
        "postgresql://{}@localhost:{}/url_schema?host={}&schema=my%20app",
        stand.url.user, stand.url.port, stand.url.host
    );
    let url = project::DatabaseUrl::parse(&url).unwrap();
    let session = crate::stand::session(&url).await;
    let options = DeployOptions::default();
    let migrations =
        migrations(&["CREATE TABLE a (); SET search_path = nowhere", "CREATE TABLE b ();"]);
    database::deploy(&session, &migrations, &options, &mut database::Silent).await.unwrap();
    assert_eq!(
        stand.ask("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^pg_|^info' ORDER BY 1").await,
        ["my app._prisma_migrations", "my app.a", "my app.b"]
    );
}

#[server_test]
async fn deferred_constraints_fail_at_the_end() {
    let stand = Stand::new("deferred").await;
    let script = "CREATE TABLE a (id int PRIMARY KEY, p int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1, 2);";
    let stopped = stand.deploy(&migrations(&[script])).await.unwrap_err();
    let Error::MigrationFailed(failure) = &stopped.error else { panic!("{stopped}") };
    assert_eq!(failure.error.sqlstate, "23503");
    assert!(failure.statement.is_none());
    assert_eq!(stand.history().await, ["1_m 0 logs"]);
}

#[server_test]
async fn a_table_in_use_is_tried_again() {
    let stand = Stand::new("in_use").await;
    stand.deploy(&migrations(&["CREATE TABLE a ();"])).await.unwrap();
    stand.run("BEGIN; LOCK TABLE a").await;
    let all = migrations(&["CREATE TABLE a ();", "ALTER TABLE a ADD COLUMN b int"]);
    let locks = |wait, attempts| DeployOptions {
        table_locks: Some(TableLocks {
            wait: Duration::from_millis(wait),
            attempts,
            first_pause: Duration::from_millis(10),
            longest_pause: Duration::from_millis(50),
        }),
        ..DeployOptions::default()
    };
    let patient = locks(50, 20);
    let deploying = stand.deploy_with(&all, &patient);
    let releasing = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stand.run("COMMIT").await;
    };
    let (deployed, ()) = tokio::join!(deploying, releasing);
    deployed.unwrap();

    stand.run("BEGIN; LOCK TABLE a").await;
    let all = migrations(&["", "", "ALTER TABLE a ADD COLUMN c int"]);
    let stopped = stand.deploy_with(&all, &locks(800, 2)).await.unwrap_err();
    let Error::Blocked(blocked) = &stopped.error else { panic!("{stopped}") };
    assert_eq!((blocked.error.sqlstate.as_str(), blocked.attempts), ("55P03", 2));
    assert_eq!(blocked.statement.as_ref().unwrap().text, "ALTER TABLE a ADD COLUMN c int");
    let pid = stand.ask("SELECT pg_backend_pid()").await[0].parse::<i32>().unwrap();
    assert_eq!(blocked.blockers.iter().map(|it| it.pid).collect::<Vec<_>>(), [pid]);
    assert!(stopped.error.help().unwrap().contains(&format!("pg_terminate_backend({pid})")));
    // Nothing of it took effect, so nothing stands in the way of the next deploy.
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 1 finished"]);
    stand.run("COMMIT").await;
    stand.deploy(&all).await.unwrap();
}

#[server_test]
async fn a_lock_that_is_not_to_be_had_between_steps_leaves_the_migration_resumable() {
    let stand = Stand::new("steps_in_use").await;
    stand.deploy(&migrations(&["CREATE TABLE a (x int);"])).await.unwrap();
    let script = "INSERT INTO a VALUES (1); VACUUM a; SET lock_timeout = '20ms'; TRUNCATE a;";
    let all = migrations(&["CREATE TABLE a (x int);", script, "VACUUM FULL a;"]);
    // Reading does not keep VACUUM out.
    stand.run("BEGIN; SELECT FROM a").await;
    let stopped = stand.deploy(&all).await.unwrap_err();
    let Error::Blocked(blocked) = &stopped.error else { panic!("{stopped}") };
    assert_eq!(blocked.statements_done, 2);
    assert!(stopped.to_string().contains("Its first 2 statements took effect"), "{stopped}");
    assert_eq!(stand.history().await, ["1_m 1 finished", "2_m 2 logs"]);
    stand.run("COMMIT").await;
    assert!(stand.deploy(&all[..2]).await.unwrap().applied[0].resumed);

    // What was written before the first statement is true of none.
    stand.run("BEGIN; SELECT FROM a").await;
    let locks = TableLocks {
        wait: Duration::from_millis(20),
        attempts: 1,
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
    };
    let options = DeployOptions { table_locks: Some(locks), ..DeployOptions::default() };
    let stopped = stand.deploy_with(&all, &options).await.unwrap_err();
    assert!(matches!(stopped.error, Error::Blocked(_)), "{stopped}");
    assert_eq!(stand.history().await.len(), 2);
    stand.run("COMMIT").await;
    stand.deploy_with(&all, &options).await.unwrap();
}

#[server_test]
async fn both_tables_of_a_failed_prisma_run_are_respected() {
    let stand = Stand::new("prisma_row").await;
    stand.deploy(&[]).await.unwrap();
    stand
        .run(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
             VALUES ('x', 'y', '1_m', '2026-11-23 10:42:34.203+00')",
        )
        .await;
    let stopped = stand.deploy(&migrations(&["SELECT 1"])).await.unwrap_err();
    assert_eq!(stopped.error.code(), Some("P3009"));
    let line = "The `1_m` migration started at 2026-11-23 10:42:34.203 UTC failed";
    assert!(stopped.to_string().contains(line), "{stopped}");

    let checksum = migrations(&["SELECT 1"])[0].checksum.clone();
    database::mark_applied(&stand.other, "1_m", &checksum).await.unwrap();
    assert_eq!(stand.history().await, ["1_m 0 rolled back", "1_m 0 finished logs"]);
    assert!(stand.deploy(&migrations(&["SELECT 1"])).await.unwrap().applied.is_empty());
    stand
        .run("UPDATE _prisma_migrations SET finished_at = NULL WHERE rolled_back_at IS NULL")
        .await;
    assert_eq!(database::mark_rolled_back(&stand.other, "1_m").await.unwrap(), 1);
    assert_eq!(stand.deploy(&migrations(&["SELECT 1"])).await.unwrap().applied.len(), 1);
}

#[server_test]
async fn copies_that_need_a_client_are_refused() {
    let stand = Stand::new("copies").await;
    for script in ["CREATE TABLE a (x int); COPY a FROM STDIN;", "COPY (SELECT 1) TO STDOUT"] {
        let stopped = stand.deploy(&migrations(&[script])).await.unwrap_err();
        assert!(stopped.to_string().contains("needs a client"), "{stopped}");
        assert_eq!(stand.history().await, ["1_m 0 logs"]);
        stand.run("DROP TABLE _prisma_migrations").await;
    }
    assert!(stand.relations().await.is_empty());
}

#[server_test]
async fn what_was_committed_by_the_script_itself_is_not_run_again() {
    let stand = Stand::new("not_again").await;
    stand.deploy(&migrations(&["CREATE TABLE t (a int);"])).await.unwrap();
    let script = "BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO t VALUES (1); COMMIT;\n\
                  SELECT 1; VACUUM;";
    let stopped = stand.deploy(&migrations(&["CREATE TABLE t (a int);", script])).await;
    assert_eq!(stopped.unwrap_err().error.server_error().unwrap().sqlstate, "25001");
    assert_eq!(stand.ask("SELECT a FROM t").await, ["1"]);
}

#[server_test]
async fn passwords_in_scripts_are_not_shown() {
    let stand = Stand::new("passwords").await;
    let script = "ALTER ROLE nobody_at_all PASSWORD 'h1dden';";
    let stopped = stand.deploy(&migrations(&[script])).await.unwrap_err();
    assert!(!stopped.to_string().contains("h1dden"), "{stopped}");
    assert!(!format!("{stopped:?}").contains("h1dden"));
    assert!(!stand.ask("SELECT logs FROM _prisma_migrations").await[0].contains("h1dden"));
}
