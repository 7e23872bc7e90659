//! What `plan` counts: made cases, each a table with rows and a statement that meets them.

use server_test::server_test;

use crate::stand::{Database, Folder};

/// A table, the rows in it, the statement, and what it meets: fate, number, and examples.
struct Case {
    columns: &'static str,
    rows: &'static str,
    statement: &'static str,
    expected: &'static [(&'static str, u64, &'static str)],
}

/// In each, `t` is the table of the case. The numbers are counted by hand.
const CASES: &[Case] = &[
    case("a int", "(1, 1), (2, 2)", "DROP TABLE t", &[("lost", 2, "")]),
    case("a int", "(1, 1), (2, 2), (3, 3)", "TRUNCATE t", &[("lost", 3, "")]),
    case("a int", "", "DROP TABLE t", &[]),
    case(
        "a int",
        "(1, 1), (2, NULL), (3, 5)",
        "ALTER TABLE t DROP COLUMN a",
        &[("lost", 2, "id = 1; id = 3")],
    ),
    case("a int", "(1, NULL)", "ALTER TABLE t DROP COLUMN a", &[]),
    case(
        "a int",
        "(1, 1), (2, NULL)",
        "ALTER TABLE t DROP a, DROP id",
        &[("lost", 1, "id = 1"), ("lost", 2, "id = 1; id = 2")],
    ),
    case("a int", "(1, 1)", "DELETE FROM t", &[("lost", 1, "")]),
    case("a int", "(1, 1), (2, 2)", "ALTER TABLE t ADD COLUMN b int NOT NULL", &[("stops", 2, "")]),
    case("a int", "(1, 1)", "ALTER TABLE t ADD COLUMN b int NOT NULL DEFAULT 0", &[]),
    case(
        "a int",
        "(1, 1), (2, NULL), (3, NULL), (4, NULL), (5, NULL)",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        &[("stops", 4, "id = 2; id = 3; id = 4")],
    ),
    case("a int NOT NULL", "(1, 1)", "ALTER TABLE t ALTER COLUMN a SET NOT NULL", &[]),
    // All but the first of those that are equal.
    case(
        "a text",
        "(1, 'x'), (2, 'x'), (3, 'x'), (4, 'y'), (5, NULL), (6, NULL)",
        "CREATE UNIQUE INDEX ON t (a)",
        &[("stops", 2, "id = 2; id = 3")],
    ),
    case(
        "a int, b int",
        "(1, 1, 1), (2, 1, 2), (3, 1, 1)",
        "ALTER TABLE t ADD CONSTRAINT t_k UNIQUE (a, b)",
        &[("stops", 1, "id = 3")],
    ),
    case(
        "a text, b bool",
        "(1, 'x', true), (2, 'X', true), (3, 'x', false)",
        "CREATE UNIQUE INDEX ON t (lower(a) DESC NULLS LAST) WHERE b",
        &[("stops", 1, "id = 2")],
    ),
    case("a text", "(1, 'x'), (2, 'y')", "CREATE UNIQUE INDEX ON t (a)", &[]),
    case(
        "a int",
        "(1, 1), (2, 1), (3, NULL)",
        "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (a)",
        &[("stops", 1, "id = 2"), ("stops", 1, "id = 3")],
    ),
    case(
        "a int",
        "(1, 5), (2, -1), (3, NULL)",
        "ALTER TABLE t ADD CONSTRAINT t_c CHECK (a > 0)",
        &[("stops", 1, "id = 2")],
    ),
    // What is not valid yet stops nothing until it is to be.
    case("a int", "(1, -5)", "ALTER TABLE t ADD CONSTRAINT t_c CHECK (a > 0) NOT VALID", &[]),
    case(
        "a int",
        "(1, 1), (2, 9), (3, NULL)",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES target",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a int",
        "(1, 10), (2, 9)",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES target (code)",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a int",
        "(1, 1), (2, 3)",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t (id)",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a int, b int",
        "(1, 1, 10), (2, 1, 9), (3, NULL, 9)",
        "ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES target (id, code)",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a bigint",
        "(1, 1), (2, 3000000000)",
        "ALTER TABLE t ALTER COLUMN a TYPE int",
        &[("stops", 1, "id = 2")],
    ),
    case("a int", "(1, 1)", "ALTER TABLE t ALTER COLUMN a TYPE bigint", &[]),
    case(
        "a numeric",
        "(1, 1), (2, 32767.4), (3, 32767.5), (4, 2.5)",
        "ALTER TABLE t ALTER COLUMN a TYPE smallint",
        &[("stops", 1, "id = 3"), ("altered", 2, "id = 2; id = 4")],
    ),
    case(
        "a numeric",
        "(1, 1.25), (2, 99.9), (3, 999)",
        "ALTER TABLE t ALTER COLUMN a TYPE numeric(3, 1)",
        &[("stops", 1, "id = 3"), ("altered", 1, "id = 1")],
    ),
    case(
        "a text",
        "(1, 'abc'), (2, 'abcd'), (3, 'abc   ')",
        "ALTER TABLE t ALTER COLUMN a SET DATA TYPE varchar(3)",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a text",
        "(1, 'abc'), (2, 'abcd')",
        "ALTER TABLE t ALTER COLUMN a TYPE varchar(3) USING a::varchar(3)",
        &[("altered", 1, "id = 2")],
    ),
    case("a varchar(3)", "(1, 'abc')", "ALTER TABLE t ALTER COLUMN a TYPE text", &[]),
    case(
        "a text",
        "(1, '1'), (2, 'x'), (3, ' 7 '), (4, '9999999999'), (5, NULL)",
        "ALTER TABLE t ALTER COLUMN a TYPE int USING a::int",
        &[("stops", 2, "id = 2; id = 4")],
    ),
    case(
        "a text",
        "(1, '2026-02-28'), (2, '2026-02-30')",
        "ALTER TABLE t ALTER COLUMN a TYPE date USING (a::date)",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a text",
        "(1, '{\"a\": 1}'), (2, '{a: 1}')",
        "ALTER TABLE t ALTER COLUMN a TYPE jsonb USING a::jsonb",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a text, b int",
        "(1, 'x', 4), (2, 'y', 0)",
        "ALTER TABLE t ALTER COLUMN a TYPE int USING (8 / b)",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a timestamp(6)",
        "(1, '2026-01-01 00:00:00.123456'), (2, '2026-01-01')",
        "ALTER TABLE t ALTER COLUMN a TYPE timestamp(3)",
        &[("altered", 1, "id = 1")],
    ),
    case(
        "a timestamp",
        "(1, '2026-01-01 10:00'), (2, '2026-01-01')",
        "ALTER TABLE t ALTER COLUMN a TYPE date",
        &[("altered", 1, "id = 1")],
    ),
    case(
        "a double precision",
        "(1, 0.5), (2, 0.1)",
        "ALTER TABLE t ALTER COLUMN a TYPE real",
        &[("altered", 1, "id = 2")],
    ),
    case(
        "a int[]",
        "(1, '{1}'), (2, '{70000}')",
        "ALTER TABLE t ALTER COLUMN a TYPE smallint[]",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a mood",
        "(1, 'a'), (2, 'b'), (3, 'b')",
        "ALTER TABLE t ALTER COLUMN a TYPE mood_new USING (a::text::mood_new)",
        &[("stops", 2, "id = 2; id = 3")],
    ),
    case(
        "a text",
        "(1, 'x'), (2, NULL)",
        "ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t ALTER COLUMN c SET NOT NULL",
        &[("stops", 1, "id = 2")],
    ),
    case(
        "a text",
        "(1, NULL)",
        "UPDATE t SET a = ''; ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        &[("may_stop", 1, "id = 1")],
    ),
];

const fn case(
    columns: &'static str,
    rows: &'static str,
    statement: &'static str,
    expected: &'static [(&'static str, u64, &'static str)],
) -> Case {
    Case { columns, rows, statement, expected }
}

/// A statement on the table of a case.
fn on(statement: &str, at: usize) -> String {
    let words = statement.split_inclusive([' ', ';']);
    let name = |word: &str| match word {
        "t" | "t " | "t;" => word.replace('t', &format!("t{at}")),
        word if word.starts_with("t_") => word.replacen("t_", &format!("t{at}_"), 1),
        word => word.to_owned(),
    };
    words.map(name).collect()
}

#[server_test]
fn what_is_at_stake_is_counted_right() {
    let database = Database::new("counting");
    let mut made = vec![
        "CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE TABLE target (id int PRIMARY KEY, code int UNIQUE, UNIQUE (id, code));\n"
            .to_owned(),
    ];
    let mut filled = vec!["INSERT INTO target VALUES (1, 10);\n".to_owned()];
    let mut pending = vec!["CREATE TYPE mood_new AS ENUM ('a');\n".to_owned()];
    let mut expected = Vec::new();
    for (at, case) in CASES.iter().enumerate() {
        made.push(format!("CREATE TABLE t{at} (id int PRIMARY KEY, {});\n", case.columns));
        if !case.rows.is_empty() {
            filled.push(format!("INSERT INTO t{at} VALUES {};\n", case.rows));
        }
        pending.push(format!("{};\n", on(case.statement, at)));
        for (fate, number, examples) in case.expected {
            expected.push(format!("{at} {fate} {number} {examples}"));
        }
    }
    let project = Folder::new("", &[("1_a", &made.concat())]).on(&database);
    project.run("migrate deploy").ended(0);
    database.run(&filled.concat());
    project.write("prisma/migrations/2_b/migration.sql", pending.concat());
    let plan = project.run("plan --json").ended(1).json();
    let mut found = Vec::new();
    for statement in plan["scripts"][0]["statements"].as_array().unwrap() {
        // A case is a line; the first one makes the type.
        let at = statement["line"].as_u64().unwrap().saturating_sub(2);
        for stake in statement["data"].as_array().unwrap() {
            assert_eq!(stake["precision"], "exact");
            let empty = Vec::new();
            let examples = stake["examples"].as_array().unwrap_or(&empty);
            let examples: Vec<&str> = examples.iter().map(|it| it.as_str().unwrap()).collect();
            let (fate, number) = (stake["fate"].as_str().unwrap(), &stake["number"]);
            found.push(format!("{at} {fate} {number} {}", examples.join("; ")));
            // The query shows them all: of equal ones, those that may stay besides.
            if let Some(query) = stake["query"].as_str() {
                let shown = database.ask(&format!("SELECT count(*) FROM ({query}) AS shown"));
                let shown: u64 = shown[0].parse().unwrap();
                let what = stake["what"].as_str().unwrap();
                let all = if what.contains("equal to another") { shown - 1 } else { shown };
                assert!(all >= number.as_u64().unwrap(), "{query}: {shown}");
                let is_exact = all == shown;
                assert!(!is_exact || shown == number.as_u64().unwrap(), "{query}: {shown}");
            }
        }
    }
    assert_eq!(found, expected);
    // To look is not to touch.
    assert_eq!(database.ask("SELECT count(*) FROM t0"), ["2"]);
}
