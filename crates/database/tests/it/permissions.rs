//! Users who may not, and servers that will not.

use crate::stand::{Stand, migrations, session};
use database::{ConnectOptions, DeployOptions, Error, Session, Silent, connect, deploy};
use project::DatabaseUrl;
use server_test::server_test;

fn url_as(stand: &Stand, user: &str) -> DatabaseUrl {
    let mut url = stand.url.clone();
    user.clone_into(&mut url.user);
    url
}

async fn session_as(stand: &Stand, user: &str) -> Session {
    session(&url_as(stand, user)).await
}

#[server_test]
async fn a_user_without_rights_is_told_whose_they_are() {
    let stand = Stand::new("rights").await;
    stand.run("CREATE ROLE rights_reader LOGIN").await;
    // Before PostgreSQL 15 everybody may.
    stand.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let reader = session_as(&stand, "rights_reader").await;
    let stopped = deploy(&reader, &[], &DeployOptions::default(), &mut Silent).await.unwrap_err();
    let text = stopped.to_string();
    assert!(matches!(stopped.error, Error::HistoryDenied { .. }), "{text}");
    assert!(text.contains("User `rights_reader` may not create the history table"), "{text}");

    stand.deploy(&migrations(&["SELECT 1"])).await.unwrap();
    let stopped = deploy(&reader, &[], &DeployOptions::default(), &mut Silent).await.unwrap_err();
    let text = stopped.to_string();
    assert!(
        text.contains(
            "may not read the history table `public._prisma_migrations`, which belongs to"
        ),
        "{text}"
    );

    stand.run("GRANT SELECT ON _prisma_migrations TO rights_reader").await;
    let all = migrations(&["SELECT 1", "SELECT 2"]);
    let stopped = deploy(&reader, &all, &DeployOptions::default(), &mut Silent).await.unwrap_err();
    let text = stopped.to_string();
    assert!(text.contains("may not write the history table"), "{text}");
}

#[server_test]
async fn read_only_sessions_are_refused_before_anything() {
    let stand = Stand::new("read_only").await;
    stand.run("CREATE ROLE read_only_user LOGIN SUPERUSER").await;
    stand.run("ALTER ROLE read_only_user SET default_transaction_read_only = on").await;
    let session = session_as(&stand, "read_only_user").await;
    let stopped = deploy(&session, &[], &DeployOptions::default(), &mut Silent).await.unwrap_err();
    assert!(matches!(stopped.error, Error::ReadOnly { in_recovery: false, .. }), "{stopped}");
    assert!(stand.ask("SELECT to_regclass('_prisma_migrations')").await == ["-"]);
}

#[server_test]
async fn a_database_closed_to_the_user_is_p1010() {
    let stand = Stand::new("closed").await;
    stand.run("CREATE ROLE closed_out LOGIN; REVOKE CONNECT ON DATABASE closed FROM PUBLIC").await;
    let url = url_as(&stand, "closed_out");
    let error = connect(&url, &ConnectOptions::default()).await.err().unwrap();
    assert_eq!(error.code(), Some("P1010"));
    assert!(
        error
            .to_string()
            .starts_with("User `closed_out` was denied access on the database `closed`"),
        "{error}"
    );
}
