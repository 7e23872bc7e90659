//! Local servers, served by another process: this very test program, which calls itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{connect_url, text};
use server::local::{Engine, Status, serve, status, stop, told_to_end, wait_until_ready};
use server::programs::for_tests;

fn engines() -> Vec<(&'static str, Engine)> {
    let mut engines = Vec::new();
    #[cfg(feature = "embedded")]
    engines.push(("embedded", Engine::Embedded));
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS");
    engines.extend(for_tests(named.as_deref()).map(|it| ("private", Engine::Private(it))));
    engines
}

/// Not a test: the process that serves. Its arguments come in the environment.
#[tokio::test]
#[ignore = "serves until it is told to end"]
async fn servant() {
    let argument = |name| std::env::vars().find(|(it, _)| it == name).unwrap().1;
    let home = PathBuf::from(argument("SERVER_TEST_HOME"));
    let wanted = argument("SERVER_TEST_ENGINE");
    let (_, engine) = engines().into_iter().find(|(name, _)| *name == wanted).unwrap();
    serve(&home, engine, None, "app", |_| {}, told_to_end()).await.unwrap();
}

fn start_servant(home: &Path, engine: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "servant", "--ignored", "--nocapture"])
        .env("SERVER_TEST_HOME", home)
        .env("SERVER_TEST_ENGINE", engine)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

const PATIENCE: Duration = Duration::from_mins(1);

#[cfg_attr(feature = "embedded", tokio::test)]
#[cfg_attr(not(feature = "embedded"), server_test::server_test)]
async fn a_local_server_is_found_stopped_and_survives_kill_9() {
    for (engine, _) in engines() {
        let project = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .tempdir()
            .unwrap();
        let home = project.path().join(".undrift/local");
        assert_eq!(status(&home).unwrap(), Status::Absent);
        assert!(!stop(&home).await.unwrap());

        let start = Instant::now();
        let mut servant = start_servant(&home, engine);
        let state = wait_until_ready(&home, PATIENCE).await.unwrap();
        eprintln!("{engine}: first start {:?}", start.elapsed());
        assert_eq!(state.pid, Some(servant.id()));
        assert!(!format!("{state:?}").contains(&state.password));
        let client = connect_url(&state.url).await;
        assert_eq!(text(&client, "SELECT current_database()::text").await, "app");
        client.batch_execute("CREATE TABLE written (number int PRIMARY KEY)").await.unwrap();

        // Killed while it writes: whatever was acknowledged must be there afterwards.
        let killer = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(300));
            servant.kill().unwrap();
            servant.wait().unwrap();
        });
        let mut acknowledged = 0;
        while client
            .batch_execute(&format!("INSERT INTO written VALUES ({acknowledged})"))
            .await
            .is_ok()
        {
            acknowledged += 1;
        }
        killer.await.unwrap();
        assert!(matches!(status(&home).unwrap(), Status::Stale(_)));

        let start = Instant::now();
        let mut servant = start_servant(&home, engine);
        let again = wait_until_ready(&home, PATIENCE).await.unwrap();
        eprintln!("{engine}: recovery {:?} after {acknowledged} rows", start.elapsed());
        assert_eq!((again.port, &again.url), (state.port, &state.url));
        let client = connect_url(&again.url).await;
        let count: i32 = text(&client, "SELECT count(*)::text FROM written").await.parse().unwrap();
        assert!(acknowledged > 0 && (acknowledged..=acknowledged + 1).contains(&count));

        let start = Instant::now();
        assert!(stop(&home).await.unwrap());
        eprintln!("{engine}: stop {:?}", start.elapsed());
        assert!(servant.wait().unwrap().success());
        assert!(matches!(status(&home).unwrap(), Status::Stopped(_)));
    }
}
