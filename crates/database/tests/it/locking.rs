//! Two runs at once, ours or Prisma's.

use crate::stand::{Stand, migrations};
use database::{DeployOptions, LockHolder, LockOptions, Progress};
use server_test::server_test;
use std::time::Duration;

#[derive(Default)]
struct Heard(Vec<Vec<LockHolder>>);

impl Progress for Heard {
    fn waiting_for_lock(&mut self, _: Duration, _: Duration, holders: &[LockHolder]) {
        self.0.push(holders.to_vec());
    }
}

#[server_test]
async fn the_holder_of_the_lock_is_named() {
    let stand = Stand::new("holder").await;
    // As Prisma takes it.
    stand.run("SELECT pg_advisory_lock(72707369)").await;
    let options = DeployOptions {
        lock: LockOptions::Wait(Duration::from_millis(1200)),
        ..DeployOptions::default()
    };
    let mut heard = Heard::default();
    let session = stand.session().await;
    let stopped = database::deploy(&session, &[], &options, &mut heard).await.unwrap_err();
    assert_eq!(stopped.error.code(), Some("P1002"));
    let text = stopped.to_string();
    assert!(text.contains("Timed out trying to acquire a postgres advisory lock (SELECT pg_advisory_lock(72707369)). Timeout: 1200ms."), "{text}");
    assert!(text.contains("application undrift"), "{text}");
    assert_eq!(heard.0.len(), 2);
    assert_eq!(heard.0[0][0].application.as_deref(), Some("undrift"));

    let options = DeployOptions { lock: LockOptions::Disabled, ..DeployOptions::default() };
    stand.deploy_with(&migrations(&["SELECT 1"]), &options).await.unwrap();
}

#[server_test]
async fn two_deploys_apply_every_migration_once() {
    let stand = Stand::new("two_deploys").await;
    let scripts: Vec<String> =
        (0..20).map(|number| format!("CREATE TABLE t{number} ();")).collect();
    let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
    let migrations = migrations(&scripts);
    let (first, second) = tokio::join!(stand.deploy(&migrations), stand.deploy(&migrations));
    assert_eq!(first.unwrap().applied.len() + second.unwrap().applied.len(), 20);
    assert_eq!(stand.history().await.len(), 20);
}
