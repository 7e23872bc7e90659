//! Replays on a shadow database.

use crate::stand::{Stand, migrations};
use database::{Error, ensure_empty, replay};
use server_test::server_test;

#[server_test]
async fn a_history_is_replayed_without_a_history_table() {
    let stand = Stand::new("replayed").await;
    let migrations = migrations(&[
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (v e);",
        "ALTER TYPE e ADD VALUE 'b'; INSERT INTO t VALUES ('b');",
        "SET search_path = ''; CREATE TABLE public.u (a int);",
        "CREATE INDEX CONCURRENTLY u_a ON u (a); CREATE INDEX u_b ON u (a);",
        "BEGIN; CREATE TABLE w (); COMMIT; SELECT 1;",
    ]);
    let session = stand.session().await;
    ensure_empty(&session).await.unwrap();
    replay(&session, &migrations).await.unwrap();
    assert_eq!(stand.relations().await, ["t", "u", "u_a", "u_b", "w"]);
    assert!(stand.ask("SELECT to_regclass('_prisma_migrations')").await == ["-"]);
    let error = ensure_empty(&session).await.unwrap_err();
    let Error::ShadowNotEmpty { found, .. } = &error else { panic!("{error}") };
    assert_eq!(found, &["public.e", "public.t", "public.u", "public.w"]);
}

#[server_test]
async fn a_failing_migration_is_p3006_with_its_place() {
    let stand = Stand::new("p3006").await;
    let migrations = migrations(&["CREATE TABLE a ();", "SELECT 1;\nDROP TABLE \"Nope\";\n"]);
    let error = replay(&stand.session().await, &migrations).await.unwrap_err();
    assert_eq!(error.code(), Some("P3006"));
    let text = error.to_string();
    for line in [
        "Migration `2_m` failed to apply cleanly to the shadow database. \n",
        "Database error code: 42P01",
        "ERROR: table \"Nope\" does not exist",
        "migration.sql:2:1, statement 2 of 2",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[server_test]
async fn one_migration_makes_a_thousand_tables() {
    let stand = Stand::new("thousand").await;
    let migrations = migrations(&["DO $$ BEGIN FOR n IN 1..1000 LOOP
            EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, name text)', n);
        END LOOP; END $$"]);
    replay(&stand.session().await, &migrations).await.unwrap();
    assert!(stand.ask("SELECT to_regclass('t1000')").await == ["t1000"]);
}

#[server_test]
async fn roles_that_exist_on_the_server_are_taken_as_created() {
    let stand = Stand::new("replay_roles").await;
    stand.run("CREATE ROLE replay_role").await;
    let migrations = migrations(&[
        "CREATE TABLE a ();\nCREATE ROLE replay_role;\nGRANT SELECT ON a TO replay_role;",
    ]);
    replay(&stand.session().await, &migrations).await.unwrap();
    assert_eq!(stand.relations().await, ["a"]);
}

#[server_test]
async fn a_missing_extension_is_explained() {
    let stand = Stand::new("extension").await;
    let migrations = migrations(&["CREATE EXTENSION no_such_extension;"]);
    let error = replay(&stand.session().await, &migrations).await.unwrap_err();
    assert!(error.help().unwrap().contains("lacks this extension"), "{error}");
}
