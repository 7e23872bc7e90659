//! Replays on a shadow database.

use crate::stand::{Stand, migrations};
use database::cache::Basis;
use database::{ConnectOptions, Error, drop_abandoned, ensure_empty, replay, replay_on_copy};

#[tokio::test]
async fn a_history_is_replayed_without_a_history_table() {
    let Some(stand) = Stand::new("replayed").await else { return };
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

#[tokio::test]
async fn a_failing_migration_is_p3006_with_its_place() {
    let Some(stand) = Stand::new("p3006").await else { return };
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

#[tokio::test]
async fn roles_that_exist_on_the_server_are_taken_as_created() {
    let Some(stand) = Stand::new("replay_roles").await else { return };
    stand.run("CREATE ROLE replay_role").await;
    let migrations = migrations(&[
        "CREATE TABLE a ();\nCREATE ROLE replay_role;\nGRANT SELECT ON a TO replay_role;",
    ]);
    replay(&stand.session().await, &migrations).await.unwrap();
    assert_eq!(stand.relations().await, ["a"]);
}

#[tokio::test]
async fn a_missing_extension_is_explained() {
    let Some(stand) = Stand::new("extension").await else { return };
    let migrations = migrations(&["CREATE EXTENSION no_such_extension;"]);
    let error = replay(&stand.session().await, &migrations).await.unwrap_err();
    assert!(error.help().unwrap().contains("lacks this extension"), "{error}");
}

#[tokio::test]
async fn a_replay_starts_from_the_nearest_that_was_kept() {
    let Some(stand) = Stand::new("nearest").await else { return };
    let options = ConnectOptions::default();
    let basis = Basis { server_major: 1, extensions: Vec::new(), schemas: Vec::new() };
    let replayed = async |scripts: &[&str], keep: bool| {
        let migrations = migrations(scripts);
        let shadow =
            replay_on_copy(&stand.other, &stand.url, &options, &basis, &migrations).await.unwrap();
        let question = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
                        WHERE relnamespace = 'public'::regnamespace";
        let rows = shadow.session.rows("testing", question).await.unwrap();
        let found = (shadow.replayed, rows[0].get(0).unwrap_or_default().to_owned());
        if keep {
            shadow.keep(&stand.other).await.unwrap();
        } else {
            shadow.discard(&stand.other).await.unwrap();
        }
        found
    };
    let (a, b, c) = ("CREATE TABLE a ()", "CREATE TABLE b ()", "CREATE TABLE c ()");
    assert_eq!(replayed(&[a, b], true).await, (2, "a b".to_owned()));
    assert_eq!(replayed(&[a, b, c], true).await, (1, "a b c".to_owned()));
    assert_eq!(replayed(&[a, b, c], true).await, (0, "a b c".to_owned()));
    assert_eq!(replayed(&[a, b], false).await, (0, "a b".to_owned()));
    assert_eq!(replayed(&[a, c], false).await, (2, "a c".to_owned()));
    assert_eq!(replayed(&[], false).await, (0, String::new()));

    stand.run("CREATE DATABASE undrift_shadow_left").await;
    drop_abandoned(&stand.other).await.unwrap();
    let left = "SELECT 1 FROM pg_database WHERE datname = 'undrift_shadow_left'";
    assert!(stand.ask(left).await.is_empty());
}
