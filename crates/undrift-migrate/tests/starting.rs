//! Programs with migrations inside start on a real server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use server::private::Cluster;
use server_test::server_test;
use tokio::runtime::Runtime;
use undrift_migrate::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations!("$CARGO_MANIFEST_DIR/tests/migrations");
const NAMES: [&str; 2] = ["20260101000000_first", "20260102000000_second"];

/// An example, as cargo has built it beside this test.
fn example(name: &str, url: &str) -> Child {
    let deps = std::env::current_exe().unwrap();
    let path = deps.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    let mut command = Command::new(path);
    command.env_clear().env("DATABASE_URL", url);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[server_test]
fn of_two_programs_that_start_at_once_one_applies() {
    let runtime = Runtime::new().unwrap();
    let named = std::env::var_os("UNDRIFT_TEST_PROGRAMS");
    let programs = server::programs::for_tests(named.as_deref()).unwrap();
    let cluster = runtime.block_on(Cluster::start_shadow(&programs, None)).unwrap();
    let fresh = |name| runtime.block_on(cluster.fresh_database(name)).unwrap().to_url();

    let url = fresh("starting");
    assert_eq!(MIGRATIONS.names().unwrap(), NAMES);
    assert_eq!(runtime.block_on(MIGRATIONS.pending(&url)).unwrap(), NAMES);
    let both = [example("start", &url), example("start", &url)];
    let mut said: Vec<String> =
        both.into_iter().map(|child| said(&child.wait_with_output().unwrap())).collect();
    said.sort();
    assert_eq!(said, ["applied: \n".to_owned(), format!("applied: {}\n", NAMES.join(", "))]);
    assert!(runtime.block_on(MIGRATIONS.pending(&url)).unwrap().is_empty());

    // Within a runtime, and from a task that may go from thread to thread.
    let (inner, other) = (fresh("within"), fresh("spawned"));
    let deployed = runtime.block_on(async { MIGRATIONS.deploy_blocking(&inner) }).unwrap();
    assert_eq!(deployed.applied, NAMES);
    let task = runtime.spawn(async move { MIGRATIONS.deploy(&other).await });
    assert_eq!(runtime.block_on(task).unwrap().unwrap().applied, NAMES);

    // One that makes its database.
    let absent = url.replace("/starting", "/made");
    let refused = runtime.block_on(MIGRATIONS.deploy(&absent)).unwrap_err();
    assert_eq!(refused.code(), Some("P1003"));
    let child = example("blocking", &absent).wait_with_output().unwrap();
    assert_eq!(self::said(&child), format!("applied: {}\n", NAMES.join(", ")));
    runtime.block_on(cluster.stop()).unwrap();
}

#[test]
fn errors_say_what_to_do_and_no_password() {
    let url = "postgresql://somebody:s3cr3t@127.0.0.1:1/app";
    let error = MIGRATIONS.deploy_blocking(url).unwrap_err();
    assert_eq!(error.code(), Some("P1001"));
    assert!(error.help().is_some_and(|help| help.contains("pg_isready")));
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    assert_eq!(MIGRATIONS.deploy_blocking("mysql://x/y").unwrap_err().code(), Some("P1013"));
}
