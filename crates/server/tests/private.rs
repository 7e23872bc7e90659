//! Private clusters of the machine's own PostgreSQL programs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use server_test::server_test;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{config, connect, free_port, text};
use server::private::Cluster;
use server::programs::Programs;
use server::{Address, Error, Host, Password};
use tokio_postgres::NoTls;

fn programs() -> Programs {
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS");
    server::programs::for_tests(named.as_deref()).unwrap()
}

fn socket_directory(address: &Address) -> &Path {
    let Host::Socket(directory) = &address.host else { panic!("not a socket") };
    directory
}

#[server_test]
async fn a_shadow_server_serves_and_leaves_nothing_behind() {
    let programs = programs();
    let start = Instant::now();
    let cluster = Cluster::start_shadow(&programs, None).await.unwrap();
    eprintln!("start: {:?}", start.elapsed());
    let start = Instant::now();
    let address = cluster.fresh_database("it's \"one\"").await.unwrap();
    eprintln!("fresh database: {:?}", start.elapsed());
    let client = connect(&address).await;
    assert_eq!(text(&client, "SELECT current_database()::text").await, "it's \"one\"");
    client.batch_execute("CREATE TABLE t (id int)").await.unwrap();
    cluster.fresh_database("it's \"one\"").await.unwrap();
    let client = connect(&address).await;
    assert_eq!(text(&client, "SELECT count(*)::text FROM pg_class WHERE relname = 't'").await, "0");
    let directory = socket_directory(&address).to_owned();
    let start = Instant::now();
    cluster.stop().await.unwrap();
    eprintln!("stop: {:?}", start.elapsed());
    assert!(!directory.exists());
}

#[server_test]
async fn a_local_server_keeps_its_data_and_asks_for_the_password() {
    let programs = programs();
    let project = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir()
        .unwrap();
    let home = project.path().join("local");
    let port = free_port();
    let password = || Password::new("pass'word");
    let cluster = Cluster::start_local(&programs, &home, port, password()).await.unwrap();
    let client = connect(cluster.address()).await;
    client.batch_execute("CREATE TABLE kept AS SELECT 'still here' AS word").await.unwrap();
    let busy = Cluster::start_local(&programs, &home, port, password()).await.unwrap_err();
    assert!(matches!(busy, Error::Busy { .. }), "{busy}");
    let stranger = Address { password: Some(Password::new("guess")), ..cluster.address().clone() };
    assert!(config(&stranger).connect(NoTls).await.is_err());
    cluster.stop().await.unwrap();
    let cluster = Cluster::start_local(&programs, &home, port, password()).await.unwrap();
    let client = connect(cluster.address()).await;
    assert_eq!(text(&client, "SELECT word FROM kept").await, "still here");
    cluster.stop().await.unwrap();
}

#[server_test]
async fn a_port_in_use_is_told_in_the_servers_words() {
    let programs = programs();
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let project = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir()
        .unwrap();
    let home = project.path().join("local");
    let error = Cluster::start_local(&programs, &home, port, Password::new("x")).await.unwrap_err();
    assert!(error.to_string().contains("Address already in use"), "{error}");
}

#[server_test]
async fn the_second_shadow_server_starts_from_a_template() {
    let programs = programs();
    let cache = tempfile::tempdir().unwrap();
    for run in ["first", "second", "third"] {
        let start = Instant::now();
        let cluster = Cluster::start_shadow(&programs, Some(cache.path())).await.unwrap();
        eprintln!("{run} start: {:?}", start.elapsed());
        let client = connect(&cluster.fresh_database("empty").await.unwrap()).await;
        assert_eq!(text(&client, "SHOW server_encoding").await, "UTF8");
        cluster.stop().await.unwrap();
    }
    assert!(std::fs::read_dir(cache.path()).unwrap().count() > 0);
}

/// Not a test: the process that the next test kills.
#[server_test]
#[ignore = "waits until it is killed"]
async fn victim() {
    let programs = programs();
    let cluster = Cluster::start_shadow(&programs, None).await.unwrap();
    println!("\nsocket={}", socket_directory(cluster.address()).display());
    std::future::pending::<()>().await;
}

#[server_test]
fn kill_9_leaves_no_server_and_no_directory() {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let directory = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("socket=").map(str::to_owned))
        .unwrap();
    let postmaster = std::fs::read_to_string(format!("{directory}/data/postmaster.pid")).unwrap();
    let postmaster = postmaster.lines().next().unwrap().to_owned();
    victim.kill().unwrap();
    victim.wait().unwrap();
    let start = Instant::now();
    while Path::new(&directory).exists() {
        assert!(start.elapsed() < Duration::from_secs(5), "the directory is still there");
        std::thread::sleep(Duration::from_millis(5));
    }
    eprintln!("gone after {:?}", start.elapsed());
    assert!(!Path::new("/proc").join(postmaster).exists(), "the server still runs");
}
