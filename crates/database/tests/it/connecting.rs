//! Connections that do not come about, or break.

use crate::stand::{Stand, programs};
use database::{ConnectOptions, connect, connect_or_create};
use project::DatabaseUrl;
use server::Password;
use server::private::Cluster;
use server_test::server_test;
use std::time::Duration;

async fn refused(url: &str) -> database::Error {
    let url = DatabaseUrl::parse(url).unwrap();
    connect(&url, &ConnectOptions::default()).await.err().unwrap()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn an_unreachable_server_is_p1001_with_the_systems_cause() {
    let port = free_port();
    let error = refused(&format!("postgresql://u:secret@127.0.0.1:{port}/x")).await;
    assert_eq!(error.code(), Some("P1001"));
    let text = error.to_string();
    let expected = format!(
        "Can't reach database server at `127.0.0.1:{port}`\n\nPlease make sure your database \
         server is running at `127.0.0.1:{port}`."
    );
    assert!(text.starts_with(&expected), "{text}");
    assert!(text.contains("refused") && !text.contains("secret"), "{text}");
    let error = refused("postgresql://u@/x?host=/nonexistent").await;
    assert_eq!(error.code(), Some("P1001"));
    assert!(error.to_string().contains("`/nonexistent`"), "{error}");
}

#[tokio::test]
async fn a_silent_server_is_p1002() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = refused(&format!("postgresql://u@127.0.0.1:{port}/x?connect_timeout=1")).await;
    assert_eq!(error.code(), Some("P1002"), "{error}");
}

#[server_test]
async fn a_wrong_password_is_p1000_and_is_not_shown() {
    let programs = programs();
    let home = tempfile::tempdir().unwrap();
    let port = free_port();
    let password = Password::new("right");
    let cluster = Cluster::start_local(&programs, home.path(), port, password).await.unwrap();
    let error = refused(&format!("postgresql://postgres:wr0ng@127.0.0.1:{port}/postgres")).await;
    assert_eq!(error.code(), Some("P1000"), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("the provided database credentials for `postgres` are not valid."),
        "{text}"
    );
    assert!(!text.contains("wr0ng"), "{text}");
    let error = refused(&format!("postgresql://postgres@127.0.0.1:{port}/postgres")).await;
    assert_eq!(error.code(), Some("P1000"), "{error}");
    let error =
        refused(&format!("postgresql://postgres:right@127.0.0.1:{port}/none?sslmode=require"))
            .await;
    assert_eq!(error.code(), Some("P1011"), "{error}");
    cluster.stop().await.unwrap();
}

#[server_test]
async fn a_missing_database_is_p1003_and_can_be_created() {
    let stand = Stand::new("present").await;
    stand.run("DROP DATABASE IF EXISTS \"not \"\"there\"").await;
    let url = stand.url.with_database("not \"there");
    let options = ConnectOptions::default();
    let error = connect(&url, &options).await.err().unwrap();
    assert_eq!(error.code(), Some("P1003"));
    assert_eq!(error.to_string(), "Database `not \"there` does not exist");
    assert!(connect_or_create(&url, &options).await.unwrap().1);
    assert!(!connect_or_create(&url, &options).await.unwrap().1);
}

#[server_test]
async fn a_session_knows_its_server_and_hears_notices() {
    let stand = Stand::new("knows").await;
    let session = stand.session().await;
    let server = session.server();
    assert_eq!((server.database.as_str(), server.schema.as_str()), ("knows", "public"));
    assert!(server.version_number >= 90_600 && !server.in_recovery && !server.read_only);
    session.run("testing", "DO $$ BEGIN RAISE NOTICE 'psst'; END $$").await.unwrap();
    let notices = session.take_notices();
    assert_eq!(notices[0].message, "psst");
}

#[server_test]
async fn a_session_ended_by_the_administrator_is_p1017() {
    let stand = Stand::new("ended").await;
    let session = stand.session().await;
    let pid = session.rows("testing", "SELECT pg_backend_pid()").await.unwrap();
    stand.end_session(pid[0].get(0).unwrap()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = session.run("testing", "SELECT 1").await.unwrap_err();
    assert_eq!(error.code(), Some("P1017"));
    assert!(error.to_string().starts_with("Server has closed the connection."), "{error}");
    assert!(error.to_string().contains("terminating connection"), "{error}");
}
