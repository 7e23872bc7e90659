//! The script that fills a column some rows at a time.

use super::Beside;
use super::trigger::mark;
use crate::ddl::write;
use crate::{literal, quoted};

/// How fast rows are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many rows at most are written in one transaction.
    pub rows: u32,
    /// How long to wait behind each, in milliseconds.
    pub pause: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: 1000, pause: 50 }
    }
}

impl Beside {
    /// The statement that fills the rows that are there, each lot in a transaction of its own, so that
    /// nobody waits long for a row. It goes through the table by `key`, the columns of a unique index that
    /// take no null; without, it looks for rows that lack a value. Run again, it goes on with what is left,
    /// which its quotes say to a deploy.
    /// It stands alone: a block that commits is refused within a transaction.
    pub fn backfill(&self, key: &[String], pace: Pace) -> String {
        let block = if key.is_empty() { self.by_row(pace) } else { self.by_key(key, pace) };
        let mark = mark("$repeatable$", &block);
        format!("DO {mark}{block}{mark}")
    }

    /// The rows that lack a value, and the value.
    fn assignment(&self) -> (String, String) {
        let (column, value) = (quoted(&self.column), self.value());
        (format!("{column} = ({value})"), format!("{column} IS NULL AND ({value}) IS NOT NULL"))
    }

    fn by_key(&self, key: &[String], pace: Pace) -> String {
        let Pace { rows, pause } = pace;
        let table = write::name(&self.table);
        let (set, lacks) = self.assignment();
        let listed = |text: &dyn Fn(usize, &str) -> String| -> String {
            let texts = key.iter().enumerate().map(|(at, column)| text(at + 1, &quoted(column)));
            texts.collect::<Vec<_>>().join(", ")
        };
        let columns = listed(&|_, column| column.to_owned());
        let (from, to) = (
            listed(&|at, _| format!("undrift_from_{at}")),
            listed(&|at, _| format!("undrift_to_{at}")),
        );
        let backwards = listed(&|_, column| format!("{column} DESC"));
        let declared: Vec<String> = key
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let (at, r#type) = (at + 1, format!("{table}.{}%TYPE", quoted(column)));
                format!("    undrift_from_{at} {type};\n    undrift_to_{at} {type};\n")
            })
            .collect();
        let declared = declared.concat();
        let write = retried(&format!(
            "UPDATE {table} SET {set}\n                \
             WHERE ({columns}) >= ({from}) AND ({columns}) <= ({to})\n                \
             AND {lacks};"
        ));
        let behind_one = rows.saturating_add(1);
        let next = |to: &str, from: &str| -> String {
            let pairs = to.split(", ").zip(from.split(", "));
            let set = pairs.map(|(to, from)| format!("        {from} := {to};\n"));
            set.collect::<Vec<_>>().concat()
        };
        let (about, tell, done) = (self.about(), tell(), DONE);
        format!(
            "
#variable_conflict use_column
DECLARE
{declared}{VARIABLES}{about}BEGIN
    SELECT {columns} INTO {from} FROM {table} ORDER BY {columns} LIMIT 1;
    WHILE undrift_from_1 IS NOT NULL LOOP
        SELECT {columns} INTO {to} FROM (
            SELECT {columns} FROM {table} WHERE ({columns}) >= ({from})
            ORDER BY {columns} LIMIT {behind_one}
        ) AS lot ORDER BY {backwards} LIMIT 1;
        EXIT WHEN undrift_to_1 IS NULL;
{write}        COMMIT;
        undrift_seen := undrift_seen + {rows};
        undrift_total := undrift_total + undrift_filled;
        EXIT WHEN ({from}) = ({to});
{next}{tell}        IF undrift_filled > 0 THEN
            PERFORM pg_sleep({pause} / 1000.0);
        END IF;
    END LOOP;
{done}END
",
            next = next(&to, &from)
        )
    }

    fn by_row(&self, pace: Pace) -> String {
        let Pace { rows, pause } = pace;
        let table = write::name(&self.table);
        let (set, lacks) = self.assignment();
        // The same place in two partitions is two rows.
        let write = retried(&format!(
            "UPDATE {table} SET {set}\n                \
             WHERE (tableoid, ctid) IN (\n                    \
             SELECT tableoid, ctid FROM {table} WHERE {lacks} LIMIT {rows}\n                \
             );"
        ));
        let (about, tell, done) = (self.about(), tell(), DONE);
        format!(
            "
#variable_conflict use_column
DECLARE
{VARIABLES}{about}BEGIN
    LOOP
{write}        COMMIT;
        EXIT WHEN undrift_filled = 0;
        undrift_seen := undrift_seen + undrift_filled;
        undrift_total := undrift_total + undrift_filled;
{tell}        PERFORM pg_sleep({pause} / 1000.0);
    END LOOP;
{done}END
"
        )
    }

    /// How many rows there are, as the statistics say.
    fn about(&self) -> String {
        let table = literal(&write::name(&self.table));
        format!(
            "    undrift_about bigint := (\n        \
             SELECT greatest(reltuples, 0)::bigint FROM pg_catalog.pg_class WHERE oid = {table}::regclass\n    \
             );\n"
        )
    }
}

/// What both ways count.
const VARIABLES: &str = "    undrift_filled bigint := 0;
    undrift_total bigint := 0;
    undrift_seen bigint := 0;
    undrift_told timestamptz := clock_timestamp();
";

/// What is said in the end.
const DONE: &str = "    RAISE NOTICE 'backfill: % rows filled', undrift_total;\n";

/// Says how far it is, once in a second.
fn tell() -> &'static str {
    "        IF clock_timestamp() > undrift_told + interval '1 second' THEN
            RAISE NOTICE 'backfill: % rows filled, % of about % looked at', undrift_total, undrift_seen,
                greatest(undrift_about, undrift_seen);
            undrift_told := clock_timestamp();
        END IF;
"
}

/// A lot that meets a lock of somebody else's is tried again.
fn retried(update: &str) -> String {
    format!(
        "        FOR undrift_attempt IN 1..10 LOOP
            BEGIN
                {update}
                GET DIAGNOSTICS undrift_filled = ROW_COUNT;
                EXIT;
            EXCEPTION WHEN deadlock_detected OR lock_not_available THEN
                IF undrift_attempt = 10 THEN
                    RAISE;
                END IF;
                PERFORM pg_sleep(undrift_attempt / 10.0);
            END;
        END LOOP;
"
    )
}
