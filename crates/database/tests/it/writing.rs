//! Counting, emptying, and changing without a history.

use crate::stand::{Stand, wait_for};
use catalog::Name;
use database::{Cancel, Count, Countable, count};
use server_test::server_test;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

fn table() -> Name {
    Name::new("public", "it\"s")
}

#[server_test]
async fn what_is_counted_is_what_stands_in_the_way() {
    let stand = Stand::new("counting").await;
    stand
        .run(
            "CREATE TYPE mood AS ENUM ('a', 'b', 'c');
             CREATE TABLE \"it\"\"s\" (x int, y int, m mood, ms mood[]);
             INSERT INTO \"it\"\"s\" VALUES (1, 1, 'a', '{a,b}'), (1, 1, 'b', '{}'), (1, 1, 'b', NULL),
                                          (2, NULL, 'c', '{c}'), (2, NULL, NULL, '{b}')",
        )
        .await;
    let session = stand.session().await;
    let column = |name: &str| name.to_owned();
    let labels = |name: &str, array| Countable::Labels {
        table: table(),
        column: column(name),
        array,
        labels: vec!["b".to_owned(), "c".to_owned()],
    };
    for (what, number) in [
        (Countable::Rows { table: table() }, 5),
        (Countable::Values { table: table(), column: column("y") }, 3),
        (Countable::Nulls { table: table(), column: column("y") }, 2),
        // Two of three must go; nulls are never equal.
        (Countable::Duplicates { table: table(), columns: vec![column("x"), column("y")] }, 2),
        (Countable::Duplicates { table: table(), columns: vec![column("x")] }, 3),
        (labels("m", false), 3),
        (labels("ms", true), 3),
    ] {
        let counted = count(&session, &what, PATIENCE).await.unwrap();
        assert_eq!(counted, Some(Count { number, is_exact: true }), "{what:?}");
    }
    let nothing = Countable::Rows { table: Name::new("public", "nothing") };
    assert_eq!(count(&session, &nothing, PATIENCE).await.unwrap(), None);
}

#[server_test]
async fn what_takes_too_long_is_estimated() {
    let stand = Stand::new("estimating").await;
    stand
        .run("CREATE TABLE \"it\"\"s\" AS SELECT generate_series(1, 700); ANALYZE \"it\"\"s\"")
        .await;
    stand.run("BEGIN; LOCK TABLE \"it\"\"s\"").await;
    let session = stand.session().await;
    let rows = Countable::Rows { table: table() };
    let counted = count(&session, &rows, Duration::from_millis(50)).await.unwrap();
    assert_eq!(counted, Some(Count { number: 700, is_exact: false }));
    stand.run("COMMIT").await;
    assert!(count(&session, &rows, PATIENCE).await.unwrap().unwrap().is_exact);
}

#[server_test]
async fn schemas_are_emptied_all_or_none() {
    let stand = Stand::new("emptying").await;
    stand.run("CREATE TABLE t (); CREATE SCHEMA b; CREATE TABLE b.t ()").await;
    let session = stand.session().await;
    // The second cannot be dropped.
    let schemas = ["b", "pg_catalog"].map(str::to_owned);
    database::reset_schemas(&session, &schemas).await.unwrap_err();
    assert_eq!(stand.ask("SELECT count(*) FROM b.t").await, ["0"]);
    let schemas = ["b", "new \"one\""].map(str::to_owned);
    database::reset_schemas(&session, &schemas).await.unwrap();
    let left = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname !~ '^inf'
                ORDER BY 1";
    assert_eq!(stand.ask(left).await, ["b", "new \"one\"", "public"]);
    assert_eq!(stand.ask("SELECT count(*) FROM t").await, ["0"]);
    assert_eq!(stand.ask("SELECT to_regclass('b.t') IS NULL").await, ["t"]);
}

#[server_test]
async fn changes_are_made_all_or_none() {
    let stand = Stand::new("carrying").await;
    let session = stand.session().await;
    let statements = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let never = Cancel::default();
    let rest = statements(&["CREATE TABLE a ()", "SELECT 1 / 0"]);
    let error = database::carry_out(&session, &[], &rest, &never).await.unwrap_err();
    assert_eq!(error.server_error().unwrap().sqlstate, "22012");
    assert_eq!(stand.relations().await, [""; 0]);
    let (canceller, cancel) = Cancel::new();
    let rest = statements(&["CREATE TABLE a ()", "SELECT pg_sleep(60)"]);
    let (error, ()) = tokio::join!(database::carry_out(&session, &[], &rest, &cancel), async {
        wait_for(&stand, "query ~ 'pg_sleep' AND state = 'active'").await;
        canceller.cancel();
    });
    let error = error.unwrap_err();
    assert!(matches!(error, database::Error::Interrupted), "{error}");
    assert_eq!(stand.relations().await, [""; 0]);
}
