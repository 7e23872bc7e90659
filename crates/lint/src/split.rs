//! A migration cut into three: what lets old and new programs live together, what fills the rows that are
//! there, and what then takes the freedom away.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is new among actions is to be passed over until it is asked about"
)]

use std::collections::BTreeMap;

use catalog::{Name, quoted};
use script::{Script, Tokens};

use crate::action::{ActionKind, Alteration};
use crate::context::Context;
use crate::known::is_required;
use crate::migration::{Migration, Step};

/// A migration, cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What comes first: everything that asks nothing of the rows that are there.
    pub expand: String,
    /// One script for each column that is filled, with the column's name.
    pub backfills: Vec<(String, String)>,
    /// What comes last: columns are required, values unique.
    pub contract: String,
}

/// Cuts a migration, with SQL expressions for the values of required columns that are added; none if
/// nothing in it has to wait for the rows that are there.
pub fn split(
    script: &Script<'_>,
    context: &Context<'_>,
    fills: &BTreeMap<(Name, String), String>,
) -> Option<Split> {
    let migration = Migration::new(script, context);
    if !script.is_certain() {
        return None;
    }
    let (mut expand, mut contract) = (String::new(), String::new());
    let mut backfills = Vec::new();
    let mut end = 0;
    for (at, statement) in script.statements().iter().enumerate() {
        let gap = script.text().get(end..statement.span.start).unwrap_or_default();
        let gap = gap.trim_start().strip_prefix(';').unwrap_or(gap);
        end = statement.span.end;
        let text = script.statement_text(statement);
        let own: Vec<&Step> = migration.steps.iter().filter(|step| step.statement == at).collect();
        let is_unique = own.iter().any(|step| {
            let is_there = !step.effect.locks.is_empty();
            is_there && matches!(&step.action.kind, ActionKind::CreateIndex(new) if new.unique)
        });
        if is_unique {
            contract.extend([gap, text, ";"]);
            continue;
        }
        let mut rewritten = text.to_owned();
        for step in own.iter().rev() {
            let Some((table, column)) = required(step) else { continue };
            let Some(fill) = fills.get(&(table.clone(), column.to_owned())) else { continue };
            let start = step.action.span.start.checked_sub(statement.span.start)?;
            let part = script.text().get(step.action.span.clone())?;
            let place = not_null(part)?;
            rewritten.replace_range(start + place.start..start + place.end, "");
            let on = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
            backfills.insert(0, (column.to_owned(), backfill(&on, &quoted(column), fill)));
            let column = quoted(column);
            let required = format!("ALTER TABLE {on} ALTER COLUMN {column} SET NOT NULL;");
            contract.extend(["\n-- AlterTable\n", &required]);
        }
        expand.extend([gap, &rewritten, ";"]);
    }
    let trimmed = |text: &str| format!("{}\n", text.trim());
    (!contract.is_empty()).then(|| Split {
        expand: if expand.trim().is_empty() { String::new() } else { trimmed(&expand) },
        backfills,
        contract: trimmed(&contract),
    })
}

/// The required column that a step adds to a table that is there.
fn required(step: &Step) -> Option<(&Name, &str)> {
    match &step.action.kind {
        ActionKind::AlterTable(table, Alteration::AddColumn(column))
            if is_required(column) && !step.effect.locks.is_empty() =>
        {
            Some((table, &column.name))
        }
        _ => None,
    }
}

/// Where a column definition says that it takes no null, with the space before it.
fn not_null(part: &str) -> Option<std::ops::Range<usize>> {
    let tokens = Tokens::of(part);
    let words = tokens.words();
    let at = words.position(|words| words.starts(&["NOT", "NULL"]))?;
    let span = words.skip(at).take(2).span();
    let before = part.get(..span.start)?.trim_end().len();
    Some(before..span.end)
}

/// A script that fills a column some rows at a time, each time in a transaction of its own, so that nobody
/// waits long for a row. Run again, it goes on with what is left. It stands alone: a block that commits
/// is refused within a transaction.
fn backfill(table: &str, column: &str, fill: &str) -> String {
    let block = format!(
        "
DECLARE
    filled bigint;
    total bigint := 0;
BEGIN
    LOOP
        UPDATE {table} SET {column} = ({fill})
        WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM {table} WHERE {column} IS NULL AND ({fill}) IS NOT NULL LIMIT 5000
        ));
        GET DIAGNOSTICS filled = ROW_COUNT;
        EXIT WHEN filled = 0;
        COMMIT;
        total := total + filled;
        RAISE NOTICE '% rows filled', total;
        PERFORM pg_sleep(0.05);
    END LOOP;
END
"
    );
    let mut mark = "$backfill$".to_owned();
    while block.contains(&mark) {
        mark.insert(1, '_');
    }
    format!("-- Fills rows that are there, 5000 at a time\nDO {mark}{block}{mark};\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use catalog::Name;
    use script::Script;

    use super::split;
    use crate::Context;

    #[test]
    fn what_waits_for_the_rows_comes_last() {
        let text = "-- AlterTable\nALTER TABLE \"a\" ADD COLUMN     \"b\" INTEGER NOT NULL,\nADD COLUMN \"c\" TEXT;\n\n\
                    -- CreateIndex\nCREATE UNIQUE INDEX \"i\" ON \"a\"(\"c\");\n\n-- CreateTable\nCREATE TABLE d (e int NOT NULL);\n";
        let fills = BTreeMap::from([((Name::new("public", "a"), "b".to_owned()), "1".to_owned())]);
        let cut = split(&Script::parse(text), &Context::none(), &fills).unwrap();
        assert_eq!(
            cut.expand,
            "-- AlterTable\nALTER TABLE \"a\" ADD COLUMN     \"b\" INTEGER,\nADD COLUMN \"c\" TEXT;\n\n\
             -- CreateTable\nCREATE TABLE d (e int NOT NULL);\n"
        );
        assert_eq!(
            cut.contract,
            "-- AlterTable\nALTER TABLE \"public\".\"a\" ALTER COLUMN \"b\" SET NOT NULL;\n\n\
             -- CreateIndex\nCREATE UNIQUE INDEX \"i\" ON \"a\"(\"c\");\n"
        );
        let [(column, script)] = cut.backfills.as_slice() else { panic!("{cut:?}") };
        assert_eq!(column, "b");
        assert!(script.contains("SET \"b\" = (1)"), "{script}");
        assert_eq!(Script::parse(script).statements().len(), 1);
        assert_eq!(split(&Script::parse("CREATE TABLE a ();"), &Context::none(), &fills), None);
    }
}
