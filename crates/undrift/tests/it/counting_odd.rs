//! What `plan` counts where tables are not plain: other schemas, names in quotes, partitions, children, keys of
//! several columns, computed columns. Each number is compared with what plain SQL says.

use server_test::server_test;

use crate::stand::{Database, Folder};

/// What is made, the statement that meets the rows in it, and what it meets: fate, and how many rows by SQL.
struct Case {
    made: &'static str,
    rows: &'static str,
    statement: &'static str,
    expected: &'static [(&'static str, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        made: r#"CREATE TABLE "Ödd"."My ""Table""" ("Key" int PRIMARY KEY, "a b" text);"#,
        rows: r#"INSERT INTO "Ödd"."My ""Table""" VALUES (1, 'x'), (2, NULL), (3, 'it''s');"#,
        statement: r#"ALTER TABLE "Ödd"."My ""Table""" DROP COLUMN "a b""#,
        expected: &[("lost", r#"SELECT count("a b") FROM "Ödd"."My ""Table""""#)],
    },
    Case {
        made: r#"CREATE TABLE "Ödd"."Uniq" ("Key" int PRIMARY KEY, "A" text, "B" text);"#,
        rows: r#"INSERT INTO "Ödd"."Uniq" VALUES (1, 'x', 'y'), (2, 'x', 'y'), (3, 'x', NULL), (4, 'x', NULL), (5, 'X', 'y');"#,
        statement: r#"CREATE UNIQUE INDEX "Uniq key" ON "Ödd"."Uniq" ("A", "B")"#,
        expected: &[(
            "stops",
            r#"SELECT count(*) - count(DISTINCT ("A", "B")) FROM "Ödd"."Uniq" WHERE "A" IS NOT NULL AND "B" IS NOT NULL"#,
        )],
    },
    Case {
        made: "CREATE TABLE parted (id int, a int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
            CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
            CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);",
        rows: "INSERT INTO parted VALUES (1, 1), (2, NULL), (11, 3), (12, -4);",
        statement: "ALTER TABLE parted ADD CONSTRAINT parted_check CHECK (a > 0)",
        expected: &[("stops", "SELECT count(*) FROM parted WHERE NOT a > 0")],
    },
    Case {
        made: "CREATE TABLE parts (id int, a int, PRIMARY KEY (id)) PARTITION BY HASH (id);
            CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
        rows: "INSERT INTO parts SELECT i, nullif(i % 3, 0) FROM generate_series(1, 20) i;",
        statement: "ALTER TABLE parts ALTER COLUMN a SET NOT NULL",
        expected: &[("stops", "SELECT count(*) FROM parts WHERE a IS NULL")],
    },
    Case {
        made: "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY LIST (id);
            CREATE TABLE whole_1 PARTITION OF whole FOR VALUES IN (1, 2, 3);
            CREATE TABLE whole_rest PARTITION OF whole DEFAULT;",
        rows: "INSERT INTO whole VALUES (1), (3), (9);",
        statement: "DROP TABLE whole",
        expected: &[("lost", "SELECT count(*) FROM whole")],
    },
    Case {
        made: "CREATE TABLE mother (id int PRIMARY KEY, a int);
            CREATE TABLE child () INHERITS (mother);",
        rows: "INSERT INTO mother VALUES (1, 1), (2, NULL);
            INSERT INTO child VALUES (3, 3), (4, 4);",
        statement: "ALTER TABLE mother DROP COLUMN a",
        expected: &[("lost", "SELECT count(a) FROM mother")],
    },
    Case {
        made: "CREATE TABLE keyed (a int, b text, c int, UNIQUE (a, b));",
        rows: "INSERT INTO keyed VALUES (1, 'x', 1), (1, 'y', 1), (2, 'x', 2), (2, 'y', NULL), (3, 'z', NULL);",
        statement: "ALTER TABLE keyed ADD PRIMARY KEY (a, c)",
        expected: &[
            (
                "stops",
                "SELECT count(*) - count(DISTINCT (a, c)) FROM keyed WHERE a IS NOT NULL AND c IS NOT NULL",
            ),
            ("stops", "SELECT count(*) FROM keyed WHERE a IS NULL OR c IS NULL"),
        ],
    },
    Case {
        made: r#"CREATE TABLE "Ödd"."Far" (a int, b int, PRIMARY KEY (a, b));
            CREATE TABLE near (id int PRIMARY KEY, "A" int, "B" int);"#,
        rows: r#"INSERT INTO "Ödd"."Far" VALUES (1, 1), (1, 2);
            INSERT INTO near VALUES (1, 1, 1), (2, 1, 3), (3, NULL, 3), (4, 2, 1), (5, NULL, NULL);"#,
        statement: r#"ALTER TABLE near ADD CONSTRAINT near_far FOREIGN KEY ("A", "B") REFERENCES "Ödd"."Far" (a, b)"#,
        expected: &[(
            "stops",
            r#"SELECT count(*) FROM near WHERE "A" IS NOT NULL AND "B" IS NOT NULL
               AND NOT EXISTS (SELECT FROM "Ödd"."Far" f WHERE f.a = "A" AND f.b = "B")"#,
        )],
    },
    Case {
        made: "CREATE TABLE computed (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED);",
        rows: "INSERT INTO computed VALUES (1, 1), (2, NULL), (3, -3);",
        statement: "ALTER TABLE computed ADD CONSTRAINT computed_check CHECK (b >= 0)",
        expected: &[("stops", "SELECT count(*) FROM computed WHERE NOT b >= 0")],
    },
    Case {
        made: "CREATE TABLE tagged (id int PRIMARY KEY, moods odd_mood[]);",
        rows: "INSERT INTO tagged VALUES (1, '{a,b}'), (2, '{a}'), (3, '{}'), (4, NULL), (5, '{b}');",
        statement: "ALTER TABLE tagged ALTER COLUMN moods TYPE odd_mood_new[] USING (moods::text::odd_mood_new[])",
        expected: &[("stops", "SELECT count(*) FROM tagged WHERE 'b' = ANY (moods)")],
    },
    Case {
        made: "CREATE TABLE cut (id int PRIMARY KEY, a text);",
        rows: "INSERT INTO cut VALUES (1, 'äöü'), (2, 'äöüß'), (3, NULL);",
        statement: "ALTER TABLE cut ALTER COLUMN a TYPE char(3)",
        expected: &[("stops", "SELECT count(*) FROM cut WHERE length(a) > 3")],
    },
    Case {
        made: "CREATE TABLE lots (id int PRIMARY KEY, a int);",
        rows: "INSERT INTO lots SELECT i, i % 7 FROM generate_series(1, 5000) i;",
        statement: "CREATE UNIQUE INDEX lots_a ON lots (a) WHERE a <> 0",
        expected: &[("stops", "SELECT count(*) - count(DISTINCT a) FROM lots WHERE a <> 0")],
    },
];

#[server_test]
fn what_is_not_plain_is_counted_as_sql_counts_it() {
    let database = Database::new("counting_odd");
    let made: Vec<&str> = CASES.iter().map(|case| case.made).collect();
    let types = "CREATE SCHEMA \"Ödd\"; CREATE TYPE odd_mood AS ENUM ('a', 'b');\n";
    let project = Folder::new("", &[("1_a", &format!("{types}{}", made.join("\n")))]).on(&database);
    project.run("migrate deploy").ended(0);
    let rows: Vec<&str> = CASES.iter().map(|case| case.rows).collect();
    database.run(&rows.join("\n"));
    let statements: Vec<String> =
        CASES.iter().map(|case| format!("{};\n", case.statement)).collect();
    let pending = format!("CREATE TYPE odd_mood_new AS ENUM ('a');\n{}", statements.concat());
    project.write("prisma/migrations/2_b/migration.sql", pending);
    let plan = project.run("plan --json").ended(1).json();
    let mut found = Vec::new();
    for statement in plan["scripts"][0]["statements"].as_array().unwrap() {
        let at = statement["line"].as_u64().unwrap().saturating_sub(2);
        for stake in statement["data"].as_array().unwrap() {
            assert_eq!(stake["precision"], "exact");
            found.push(format!("{at} {} {}", stake["fate"].as_str().unwrap(), stake["number"]));
        }
    }
    let mut expected = Vec::new();
    for (at, case) in CASES.iter().enumerate() {
        for (fate, query) in case.expected {
            expected.push(format!("{at} {fate} {}", database.ask(query).concat()));
        }
    }
    assert_eq!(found, expected);
}
