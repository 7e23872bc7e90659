//! The embedded server, spoken to by tokio-postgres and, where there is one, psql.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Instant;

use bytes::Bytes;
use common::{config, connect, free_port, text};
use futures_util::SinkExt as _;
use server::embedded::EmbeddedServer;
use server::{Address, Host, Password};
use tokio_postgres::NoTls;

#[tokio::test]
async fn clients_share_the_server_without_meeting() {
    let start = Instant::now();
    let server = EmbeddedServer::start_shadow(None).await.unwrap();
    eprintln!("start: {:?}", start.elapsed());
    let first = connect(server.address()).await;
    let second = connect(server.address()).await;
    assert_eq!(text(&first, "SHOW server_version").await, server::embedded::VERSION);
    // Both clients call their first statement s0.
    let one = first.prepare("SELECT 'one'::text").await.unwrap();
    let two = second.prepare("SELECT 'two'::text").await.unwrap();
    assert_eq!(first.query_one(&one, &[]).await.unwrap().get::<_, String>(0), "one");
    assert_eq!(second.query_one(&two, &[]).await.unwrap().get::<_, String>(0), "two");

    first.batch_execute("SET search_path = first; SET lock_timeout = '7s'").await.unwrap();
    assert_eq!(text(&second, "SHOW search_path").await, "\"$user\", public");
    second.batch_execute("CREATE ROLE guest; SET ROLE guest").await.unwrap();
    assert_eq!(text(&first, "SELECT current_user::text").await, "postgres");
    assert_eq!(text(&first, "SHOW lock_timeout").await, "7s");
    assert_eq!(text(&second, "SELECT current_user::text").await, "guest");
    second.batch_execute("RESET ROLE").await.unwrap();

    let error = first.batch_execute("SELECT 1/0").await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "22012");

    // One in a transaction makes the other wait; one that is gone does not.
    first.batch_execute("BEGIN; CREATE TABLE public.left_over (id int)").await.unwrap();
    let waiting = tokio::spawn(async move {
        let found = text(&second, "SELECT coalesce(to_regclass('left_over')::text, 'none')").await;
        (second, found)
    });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    drop(first);
    let (second, found) = waiting.await.unwrap();
    assert_eq!(found, "none");

    // Another database, with both in use, each keeping its statements.
    let start = Instant::now();
    let other = server.fresh_database("other").await.unwrap();
    eprintln!("fresh database: {:?}", start.elapsed());
    let third = connect(&other).await;
    let start = Instant::now();
    let here = third.prepare("SELECT current_database()::text").await.unwrap();
    eprintln!("change of database: {:?}", start.elapsed());
    assert_eq!(second.query_one(&two, &[]).await.unwrap().get::<_, String>(0), "two");
    assert_eq!(third.query_one(&here, &[]).await.unwrap().get::<_, String>(0), "other");
    let missing = config(&other.with_database("missing")).connect(NoTls).await.err().unwrap();
    assert_eq!(missing.code().unwrap().code(), "3D000");
    second.batch_execute("DROP DATABASE other").await.unwrap();
    assert!(third.batch_execute("SELECT 1").await.is_err());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn copies_extensions_and_three_hundred_migrations() {
    let cache = tempfile::tempdir().unwrap();
    EmbeddedServer::start_shadow(Some(cache.path())).await.unwrap().stop().await.unwrap();
    let start = Instant::now();
    let server = EmbeddedServer::start_shadow(Some(cache.path())).await.unwrap();
    eprintln!("start from a template: {:?}", start.elapsed());
    let client = connect(server.address()).await;
    for extension in [
        "btree_gin",
        "btree_gist",
        "citext",
        "fuzzystrmatch",
        "hstore",
        "ltree",
        "pg_trgm",
        "pgcrypto",
        "unaccent",
        "uuid-ossp",
    ] {
        client.batch_execute(&format!("CREATE EXTENSION \"{extension}\"")).await.unwrap();
    }
    assert_eq!(text(&client, "SELECT length(uuid_generate_v4()::text)::text").await, "36");
    client.batch_execute("CREATE TABLE copied (id int)").await.unwrap();
    for batch in ["BEGIN", "COMMIT"] {
        if batch == "COMMIT" {
            let sink = client.copy_in::<_, Bytes>("COPY copied FROM STDIN").await.unwrap();
            let mut sink = std::pin::pin!(sink);
            sink.send(Bytes::from_static(b"1\n2\n")).await.unwrap();
            sink.send(Bytes::from_static(b"3\n")).await.unwrap();
            assert_eq!(sink.finish().await.unwrap(), 3);
        }
        client.batch_execute(batch).await.unwrap();
    }
    assert_eq!(text(&client, "SELECT count(*)::text FROM copied").await, "3");
    let sink = client.copy_in::<_, Bytes>("COPY copied FROM STDIN").await.unwrap();
    let mut sink = std::pin::pin!(sink);
    sink.send(Bytes::from_static(b"not a number\n")).await.unwrap();
    assert!(sink.as_mut().finish().await.is_err());
    assert_eq!(text(&client, "SELECT count(*)::text FROM copied").await, "3");

    let start = Instant::now();
    for number in 0..300 {
        let migration = format!(
            "CREATE TYPE \"E{number}\" AS ENUM ('A', 'B');
             CREATE TABLE \"T{number}\" (\"id\" SERIAL PRIMARY KEY, \"e\" \"E{number}\", \"x\" TEXT, \"up\" INT);
             CREATE INDEX \"T{number}_x_idx\" ON \"T{number}\"(\"x\");
             CREATE UNIQUE INDEX \"T{number}_up_key\" ON \"T{number}\"(\"up\");
             ALTER TABLE \"T{number}\" ADD COLUMN \"y\" TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP;
             ALTER TABLE \"T{number}\" ADD CONSTRAINT \"T{number}_fkey\" FOREIGN KEY (\"up\")
                 REFERENCES \"T{number}\"(\"id\") ON DELETE SET NULL ON UPDATE CASCADE"
        );
        client.batch_execute(&migration).await.unwrap();
    }
    eprintln!("300 migrations: {:?}", start.elapsed());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_local_server_keeps_its_data_and_asks_for_the_password() {
    let project = tempfile::tempdir().unwrap();
    let home = project.path().join("local");
    let port = free_port();
    let password = Password::new("pass'word");
    let server = EmbeddedServer::start_local(&home, port, password.clone()).await.unwrap();
    let stranger = Address { password: Some(Password::new("guess")), ..server.address().clone() };
    let refused = config(&stranger).connect(NoTls).await.err().unwrap();
    assert_eq!(refused.code().unwrap().code(), "28P01");
    let client = connect(server.address()).await;
    client.batch_execute("CREATE TABLE kept AS SELECT 'still here' AS word").await.unwrap();
    client.batch_execute("BEGIN; DROP TABLE kept").await.unwrap();
    let start = Instant::now();
    server.stop().await.unwrap();
    eprintln!("stop: {:?}", start.elapsed());
    let start = Instant::now();
    let server = EmbeddedServer::start_local(&home, port, password).await.unwrap();
    eprintln!("start again: {:?}", start.elapsed());
    let client = connect(server.address()).await;
    assert_eq!(text(&client, "SELECT word FROM kept").await, "still here");
    assert!(matches!(server.address().host, Host::Tcp(_)));
    server.stop().await.unwrap();
}
