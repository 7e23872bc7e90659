//! What a plan would lose of the data that is there.

use std::collections::BTreeSet;
use std::time::Duration;

use catalog::rename::Renames;
use catalog::{Catalog, Name, Pair};
use database::{Count, Countable, Session};
use planner::{Plan, Warning};

use crate::Error;

/// What stands in a plan's way, each in a sentence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loss {
    /// What is lost, or may make the plan fail.
    pub(crate) warnings: Vec<String>,
    /// What makes the plan fail for certain.
    pub(crate) unexecutable: Vec<String>,
    /// Tables that are dropped without a row in them.
    pub(crate) empty_tables: Vec<String>,
}

/// How long one count may take before the server's estimate has to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Which command can be tried again in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// `migrate dev`
    Dev,
    /// `db push`
    Push,
}

/// Looks at the data that the plan's changes meet. What meets no data is no loss. The plan begins with
/// the renames, which have been applied to the actual catalog and not yet to the database.
///
/// # Errors
/// When the connection breaks.
pub(crate) async fn assess(
    session: &Session,
    plan: &Plan,
    catalogs: Pair<&Catalog>,
    filled_by_client: &BTreeSet<(Name, String)>,
    renames: &Renames,
) -> Result<Loss, Error> {
    let mut loss = Loss::default();
    for warning in planner::warnings(plan, catalogs, filled_by_client) {
        let mut counts = Vec::new();
        for countable in countables(&warning, catalogs.actual) {
            let countable = before(&countable, renames);
            counts.push(database::count(session, &countable, PATIENCE).await?);
        }
        let Some(text) = sentence(&warning, &counts) else {
            if let Warning::TableDropped { table } = warning {
                loss.empty_tables.push(table.name);
            }
            continue;
        };
        let place = if warning.is_blocking() { &mut loss.unexecutable } else { &mut loss.warnings };
        place.push(text);
    }
    Ok(loss)
}

/// What to count for a warning: the data that is lost or stands in the way.
fn countables(warning: &Warning, actual: &Catalog) -> Vec<Countable> {
    let rows = |table: &Name| vec![Countable::Rows { table: table.clone() }];
    let values = |table: &Name, column: &String| {
        vec![Countable::Values { table: table.clone(), column: column.clone() }]
    };
    match warning {
        Warning::PrimaryKeyChanged { table }
        | Warning::TableDropped { table }
        | Warning::RequiredColumnAdded { table, .. }
        | Warning::RequiredColumnRecreated { table, .. } => rows(table),
        Warning::ColumnDropped { table, column }
        | Warning::ColumnRecreated { table, column }
        | Warning::ColumnCast { table, column, .. }
        | Warning::ScalarMadeList { table, column } => values(table, column),
        Warning::ColumnMadeRequired { table, column } => {
            vec![Countable::Nulls { table: table.clone(), column: column.clone() }]
        }
        Warning::UniqueAdded { table, columns } => {
            vec![Countable::Duplicates { table: table.clone(), columns: columns.clone() }]
        }
        Warning::LabelsRemoved { enum_type, labels } => {
            let columns = actual.tables.iter().flat_map(|table| {
                let columns = table.columns.iter();
                let of_type = columns.filter(|column| column.r#type.name == *enum_type);
                of_type.map(|column| Countable::Labels {
                    table: table.name.clone(),
                    column: column.name.clone(),
                    array: column.r#type.array,
                    labels: labels.clone(),
                })
            });
            columns.collect()
        }
    }
}

/// What to count, by the names that it still has.
fn before(countable: &Countable, renames: &Renames) -> Countable {
    let table = renames.table_before(countable.table());
    let column = |column: &String| renames.column_before(countable.table(), column);
    match countable {
        Countable::Rows { .. } => Countable::Rows { table },
        Countable::Values { column: name, .. } => Countable::Values { table, column: column(name) },
        Countable::Nulls { column: name, .. } => Countable::Nulls { table, column: column(name) },
        Countable::Duplicates { columns, .. } => {
            Countable::Duplicates { table, columns: columns.iter().map(column).collect() }
        }
        Countable::Labels { column: name, array, labels, .. } => {
            Countable::Labels { table, column: column(name), array: *array, labels: labels.clone() }
        }
        // No warning is about these: they are of migrations, which speak of what is there.
        Countable::OtherThanLabels { .. }
        | Countable::Repeated { .. }
        | Countable::Breaking { .. }
        | Countable::Orphans { .. }
        | Countable::Unconvertible(_)
        | Countable::Altered(_) => countable.clone(),
    }
}

/// The warning in Prisma's words for data that was counted; nothing if there is no such data. Where
/// counting was not possible, the words are those for data that may be there.
fn sentence(warning: &Warning, counts: &[Option<Count>]) -> Option<String> {
    let total = counts.iter().copied().collect::<Option<Vec<Count>>>();
    let total = total.map(|counts| Count {
        number: counts.iter().map(|count| count.number).sum(),
        is_exact: counts.iter().all(|count| count.is_exact),
    });
    let Some(count) = total else { return Some(warning.to_string()) };
    let number =
        if count.is_exact { count.number.to_string() } else { format!("about {}", count.number) };
    let none = count.number == 0;
    let (are, rows) = if count.number == 1 { ("is", "row has") } else { ("are", "rows have") };
    let text = match warning {
        // These Prisma tells of whatever the data; ours adds what was found.
        Warning::UniqueAdded { .. } if none => format!("{warning} There are none."),
        Warning::UniqueAdded { .. } => format!("{warning} There {are} {number}."),
        Warning::LabelsRemoved { .. } if none => format!("{warning} No row has one of them."),
        Warning::LabelsRemoved { .. } => format!("{warning} {number} {rows} one of them."),
        Warning::PrimaryKeyChanged { .. } if !none => warning.to_string(),
        _ if none => return None,
        Warning::PrimaryKeyChanged { .. } => return None,
        Warning::TableDropped { table } => format!(
            "You are about to drop the `{}` table, which is not empty ({number} rows).",
            table.name
        ),
        Warning::ColumnDropped { table, column } => format!(
            "You are about to drop the column `{column}` on the `{}` table, which still contains \
             {number} non-null values.",
            table.name
        ),
        Warning::ColumnRecreated { table, column } => format!(
            "The `{column}` column on the `{}` table would be dropped and recreated. This will lead \
             to data loss.",
            table.name
        ),
        Warning::ColumnCast { table, column, types } => format!(
            "You are about to alter the column `{column}` on the `{}` table, which contains {number} \
             non-null values. The data in that column will be cast from `{}` to `{}`.",
            table.name, types.actual, types.desired
        ),
        Warning::RequiredColumnAdded { table, column, filled_by_client: true } => format!(
            "The required column `{column}` was added to the `{}` table with a prisma-level default \
             value. There are {number} rows in this table, it is not possible to execute this step. \
             Please add this column as optional, then populate it before making it required.",
            table.name
        ),
        Warning::RequiredColumnAdded { table, column, filled_by_client: false } => format!(
            "Added the required column `{column}` to the `{}` table without a default value. There \
             are {number} rows in this table, it is not possible to execute this step.",
            table.name
        ),
        Warning::RequiredColumnRecreated { table, column } => format!(
            "Changed the type of `{column}` on the `{}` table. No cast exists, the column would be \
             dropped and recreated, which cannot be done since the column is required and there is \
             data in the table.",
            table.name
        ),
        Warning::ColumnMadeRequired { table, column } => format!(
            "Made the column `{column}` on table `{}` required, but there are {number} existing NULL \
             values.",
            table.name
        ),
        Warning::ScalarMadeList { table, column } => format!(
            "Changed the column `{column}` on the `{}` table from a scalar field to a list field. \
             There are {number} non-null values in that column, this step cannot be executed.",
            table.name
        ),
    };
    Some(text)
}
