//! The full plan, carried out: afterwards nothing differs, and rows that can stay are there.

use crate::introspecting::{EVERYTHING, STEPS, is_known_to};
use crate::stand::Stand;
use catalog::{Catalog, Loss, Pair, drift};
use database::introspect_fully;
use planner::full::FullPlan;
use server_test::server_test;
use std::collections::BTreeSet;

pub(crate) async fn catalog(stand: &Stand) -> Catalog {
    introspect_fully(&stand.other, None).await.unwrap()
}

/// Makes the database equal to the catalog, and returns the plan that did it.
pub(crate) async fn repair(stand: &Stand, desired: &Catalog) -> FullPlan {
    repair_from(stand, &catalog(stand).await, desired).await
}

async fn repair_from(stand: &Stand, actual: &Catalog, desired: &Catalog) -> FullPlan {
    let plan = FullPlan::of(Pair::new(actual, desired));
    assert_eq!(plan.unsupported, []);
    for batch in &plan.batches {
        if let Err(error) = stand.other.run("repairing", &batch.script()).await {
            panic!("{error}\n{}", plan.script());
        }
    }
    let repaired = catalog(stand).await;
    let left = drift(Pair::new(&repaired, desired));
    assert_eq!(left, [], "{}", plan.script());
    let again = FullPlan::of(Pair::new(&repaired, desired));
    assert!(again.is_empty(), "{}\nonce more: {again:?}", plan.script());
    plan
}

/// The state after the script, from a database of its own.
async fn state(database: &str, script: &str) -> Catalog {
    let stand = Stand::new(database).await;
    stand.run(script).await;
    catalog(&stand).await
}

#[server_test]
async fn each_change_is_undone_and_done_again() {
    undo_and_redo("undone", 0, STEPS.len() / 2).await;
}

#[server_test]
async fn each_later_change_is_undone_and_done_again() {
    undo_and_redo("undone_later", STEPS.len() / 2, STEPS.len()).await;
}

/// Undoes the steps of which the numbers are given, and does them again, by plans.
async fn undo_and_redo(database: &str, first: usize, end: usize) {
    let stand = Stand::new(database).await;
    stand.run(EVERYTHING).await;
    let version = stand.other.server().major_version();
    // A role is the server's; a secret is in no catalog.
    let is_left_out = |sql: &str| {
        !is_known_to(version, sql) || sql.contains("CREATE ROLE") || sql.contains("apiKey")
    };
    let steps = STEPS.iter().map(|(sql, _)| *sql).filter(|sql| !is_left_out(sql));
    let mut before = None;
    for (number, sql) in steps.take(end).enumerate() {
        if number < first {
            stand.run(sql).await;
            continue;
        }
        let was = match before {
            Some(before) => before,
            None => catalog(&stand).await,
        };
        stand.run(sql).await;
        let after = catalog(&stand).await;
        repair_from(&stand, &after, &was).await;
        repair_from(&stand, &was, &after).await;
        before = Some(after);
    }
}

#[server_test]
async fn everything_is_made_in_an_empty_database_and_dropped_again() {
    let everything = state("everything_wanted", EVERYTHING).await;
    let stand = Stand::new("everything_made").await;
    // Wrappers are in no catalog.
    stand.run("CREATE FOREIGN DATA WRAPPER \"w'r\"").await;
    let empty = catalog(&stand).await;
    repair(&stand, &everything).await;
    repair(&stand, &empty).await;
}

#[server_test]
async fn rows_stay() {
    const BEFORE: &str = "
        CREATE TYPE mood AS ENUM ('sad', 'meh', 'glad');
        CREATE DOMAIN short AS varchar(5);
        CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
        CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE);
        CREATE TABLE t (
            id serial PRIMARY KEY, mood mood DEFAULT 'glad', moods mood[], s short, n int DEFAULT 1,
            m int DEFAULT twice(2), d int GENERATED ALWAYS AS (n * 2) STORED, t text, b text,
            parent int REFERENCES parent);
        CREATE VIEW v AS SELECT id, mood, n FROM t;
        CREATE VIEW w AS SELECT n FROM v;
        COMMENT ON VIEW w IS 'why';
        GRANT SELECT ON w TO pg_monitor;
        CREATE INDEX t_n ON t ((n + 1)) WHERE n > 0;
        CREATE POLICY p ON t USING (n > 0);
        CREATE TABLE many (a int, b int) PARTITION BY LIST (a);
        CREATE TABLE many_1 PARTITION OF many FOR VALUES IN (1);
        CREATE INDEX many_b ON many (b);
        CREATE TABLE base (x int, y int);
        CREATE TABLE derived (z int) INHERITS (base);";
    const AFTER: &str = "
        CREATE TYPE mood AS ENUM ('glad', 'sad');
        CREATE DOMAIN short AS text CHECK (VALUE <> '');
        CREATE FUNCTION twice(x int, y int DEFAULT 2) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT x * y::bigint';
        CREATE TABLE parent (id bigint PRIMARY KEY, code varchar(20) UNIQUE);
        CREATE TABLE t (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood DEFAULT 'sad' NOT NULL, moods mood[],
            s short, n bigint DEFAULT 2 NOT NULL, m int DEFAULT twice(3), d bigint GENERATED ALWAYS AS (n * 3) STORED,
            t varchar(9), b bool, parent bigint REFERENCES parent ON DELETE CASCADE);
        CREATE VIEW v AS SELECT id, mood, n FROM t;
        CREATE VIEW w AS SELECT n FROM v;
        COMMENT ON VIEW w IS 'why';
        GRANT SELECT ON w TO pg_monitor;
        CREATE INDEX t_n ON t ((n + 1)) WHERE n > 0;
        CREATE POLICY p ON t USING (n > 0);
        CREATE TABLE many (a int, b bigint, c text DEFAULT 'c') PARTITION BY LIST (a);
        CREATE TABLE many_1 PARTITION OF many FOR VALUES IN (1, 2);
        CREATE INDEX many_b ON many (b);
        CREATE TABLE base (x bigint);
        CREATE TABLE derived (z int, y int) INHERITS (base);";
    const ROWS: &str = "SELECT concat_ws(' ', id, mood, moods, s, n, m, d, t, b, parent) FROM t UNION ALL \
        SELECT concat_ws(' ', a, b) FROM many UNION ALL SELECT concat_ws(' ', x, y, z) FROM derived";
    let before = state("rows_before", BEFORE).await;
    let after = state("rows_after", AFTER).await;
    let stand = Stand::new("rows").await;
    stand.run(BEFORE).await;
    stand
        .run(
            "INSERT INTO parent VALUES (7, 'seven');
             INSERT INTO t (mood, moods, s, t, b, parent) VALUES ('glad', '{sad,glad}', 'abc', 'text', 'yes', 7);
             INSERT INTO many VALUES (1, 10); INSERT INTO derived VALUES (1, 2, 3)",
        )
        .await;
    assert_eq!(stand.ask(ROWS).await, ["1 glad {sad,glad} abc 1 4 2 text yes 7", "1 10", "1 2 3"]);
    let forth = repair(&stand, &after).await;
    assert_eq!(stand.ask(ROWS).await, ["1 glad {sad,glad} abc 1 4 3 text t 7", "1 10", "1 2 3"]);
    let next_id = "INSERT INTO t (mood, s) VALUES ('sad', 'x') RETURNING id";
    assert_eq!(stand.ask(next_id).await, ["2"]);
    stand.run("DELETE FROM t WHERE s = 'x'").await;
    let back = repair(&stand, &before).await;
    assert_eq!(stand.ask(ROWS).await, ["1 glad {sad,glad} abc 1 4 2 text true 7", "1 10", "1 2 3"]);
    assert_eq!(stand.ask(next_id).await, ["2"]);
    // What is generated is computed anew.
    for (plan, expected) in [(forth, "y"), (back, "c")] {
        let lost = plan.losses().filter_map(|loss| match loss {
            Loss::Column { column, .. } => Some(column.as_str()),
            Loss::Sequence(_) => None,
            Loss::Table(_) => panic!("{loss:?}"),
        });
        assert_eq!(lost.collect::<BTreeSet<_>>(), [expected].into());
    }
}

#[server_test]
async fn values_of_a_range_type_stay() {
    const BEFORE: &str = "
        CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
        CREATE FUNCTION broad(span) RETURNS bool LANGUAGE sql AS 'SELECT true';
        CREATE TABLE t (span span PRIMARY KEY, spans span[] DEFAULT '{}');
        CREATE INDEX ON t USING gist (span);";
    let script = BEFORE.replace("float8, subtype_diff = float8mi", "numeric");
    let before = state("spans_before", BEFORE).await;
    let after = state("spans_after", &script).await;
    let stand = Stand::new("spans").await;
    stand.run(BEFORE).await;
    stand.run("INSERT INTO t VALUES ('[1,2.5)', '{\"[3,4]\"}')").await;
    for state in [after, before] {
        repair(&stand, &state).await;
        let kept = stand.ask("SELECT concat_ws(' ', span, spans, span(1, 2) + '[2,3)') FROM t");
        assert_eq!(kept.await, ["[1,2.5) {\"[3,4]\"} [1,3)"]);
    }
}

#[server_test]
async fn values_of_a_composite_type_stay_when_its_attributes_change() {
    const BEFORE: &str = "
        CREATE TYPE point_of AS (x int, y text);
        CREATE TYPE box_of AS (a point_of, b point_of[]);
        CREATE TABLE t (id int, p point_of DEFAULT ROW(1, 'a')::point_of, ps point_of[], b box_of);";
    const AFTER: &str = "
        CREATE TYPE point_of AS (y text, z int, x bigint);
        CREATE TYPE box_of AS (a point_of, b point_of[]);
        CREATE TABLE t (
            id int, p point_of DEFAULT ROW('a', NULL, 1)::point_of, ps point_of[], b box_of);";
    let before = state("points_before", BEFORE).await;
    let after = state("points_after", AFTER).await;
    let stand = Stand::new("points").await;
    stand.run(BEFORE).await;
    stand
        .run(
            "INSERT INTO t VALUES
               (1, ROW(1, 'u, v'), ARRAY[ROW(2, NULL), NULL, ROW(3, 'w')]::point_of[], NULL),
               (2, NULL, '{}', ROW(ROW(4, 'x'), ARRAY[ROW(5, 'y')]::point_of[])),
               (3, ROW(NULL, NULL), NULL, ROW(NULL, NULL));
             INSERT INTO t (id) VALUES (4)",
        )
        .await;
    let rows = async || stand.ask("SELECT to_jsonb(t)::text FROM t ORDER BY id").await;
    let was = rows().await;
    repair(&stand, &after).await;
    // The new attribute is the last by name only.
    let found = rows().await.into_iter().map(|row| row.replace(", \"z\": null", ""));
    assert_eq!(found.collect::<Vec<_>>(), was);
    repair(&stand, &before).await;
    assert_eq!(rows().await, was);
}

#[server_test]
async fn labels_are_added_before_they_are_used() {
    let wanted = state(
        "labels_wanted",
        "CREATE TYPE e AS ENUM ('z', 'a', 'n', 'b'); CREATE TABLE t (e e DEFAULT 'n')",
    )
    .await;
    let stand = Stand::new("labels").await;
    stand.run("CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e DEFAULT 'a')").await;
    assert_eq!(repair(&stand, &wanted).await.batches.len(), 2);
}

#[server_test]
async fn what_cannot_be_made_is_told() {
    let wanted = state(
        "secret_wanted",
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (password 'x')",
    )
    .await;
    let plan = FullPlan::of(Pair::new(&Catalog::default(), &wanted));
    let [unsupported] = plan.unsupported.as_slice() else { panic!("{:?}", plan.unsupported) };
    assert_eq!(unsupported.address.to_string(), "foreign server s");
}
