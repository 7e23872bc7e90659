//! What taking migrations back means on a database: whether it is what it should be, what data goes, and
//! what stands in the way.

use catalog::kinds::table::Table;
use catalog::{Catalog, Loss, Name, Pair, Selection, drift};
use database::{Count, Countable, Session};
use serde::Serialize;

use super::steps::{DownSource, Step};
use crate::loss::PATIENCE;
use crate::{Error, down};

/// Data that is there and will not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostData {
    /// The table.
    pub table: String,
    /// The column, if it is not the whole table.
    pub column: Option<String>,
    /// How many rows, or values; none if they could not be counted.
    pub number: Option<u64>,
    /// Whether that was counted, rather than estimated by the server.
    pub is_exact: bool,
    /// The migration that is taken back.
    pub migration: String,
    /// The table, if it is known under that name now.
    #[serde(skip)]
    pub(super) of: Option<Table>,
}

/// As a person reads it: `table public.users with 3 rows`.
impl std::fmt::Display for LostData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { table, column, number, is_exact, .. } = self;
        let number = match (number, is_exact) {
            (Some(number), true) => number.to_string(),
            (Some(number), false) => format!("about {number}"),
            (None, _) => "an unknown number of".to_owned(),
        };
        match column {
            Some(column) => write!(f, "column {column} of {table} with {number} values"),
            None => write!(f, "table {table} with {number} rows"),
        }
    }
}

/// What all steps change.
fn changed(steps: &[Step]) -> Selection {
    steps.iter().fold(Selection::default(), |all, step| all.and(step.changed()))
}

impl Step {
    /// The objects that differ with the migration and without it.
    pub(super) fn changed(&self) -> Selection {
        Selection::of_all_that_differs(Pair::new(&self.with, &self.without))
    }
}

/// What of the database that the steps are about is not as the migrations make it, each in a line. What
/// hangs on it counts: it would have to go as well.
pub(super) fn drifted(actual: &Catalog, steps: &[Step]) -> Vec<String> {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return Vec::new() };
    let drifted = drift(Pair::new(actual, &first.with));
    let to_do = drift(Pair::new(actual, &last.without));
    let concerned = changed(steps).with_needed(Pair::new(actual, &last.without), &to_do);
    let drifted = drifted.iter().filter(|it| concerned.contains(it.kind, &it.id));
    drifted.map(ToString::to_string).collect()
}

/// The data in the database that goes with the steps.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn losses(
    session: &Session,
    actual: &Catalog,
    steps: &[Step],
) -> Result<Vec<LostData>, Error> {
    let mut lost: Vec<LostData> = Vec::new();
    for step in steps {
        for loss in step.plan.losses() {
            let (name, column) = match loss {
                Loss::Table(table) => (table, None),
                Loss::Column { table, column } => (table, Some(column)),
                Loss::Sequence(_) => continue,
            };
            let table = actual.tables.get(name);
            let has = |column: &String| {
                table.is_some_and(|table| table.columns.iter().any(|it| it.name == *column))
            };
            let is_there = table.is_some() && column.is_none_or(has);
            let id = name.to_string();
            let is_told = lost
                .iter()
                .any(|it| it.table == id && (it.column.is_none() || it.column.as_ref() == column));
            // What is in its partitions is in it.
            let place = table.and_then(|table| table.partition_of.as_ref());
            let goes_with_whole = place
                .is_some_and(|it| step.plan.losses().any(|l| *l == Loss::Table(it.parent.clone())));
            // What an earlier step brought back holds nothing; what one renames has another name now.
            let is_new = !is_there && step.renames.is_empty();
            if is_told || goes_with_whole || is_new {
                continue;
            }
            let count = database::count(session, &countable(name, column), PATIENCE).await?;
            if matches!(count, Some(Count { number: 0, is_exact: true })) {
                continue;
            }
            lost.push(LostData {
                table: id,
                column: column.cloned(),
                number: count.map(|count| count.number),
                is_exact: count.is_some_and(|count| count.is_exact),
                migration: step.migration.name.clone(),
                of: table.filter(|_| is_there).cloned(),
            });
        }
    }
    Ok(lost)
}

fn countable(table: &Name, column: Option<&String>) -> Countable {
    let table = table.clone();
    match column {
        Some(column) => Countable::Values { table, column: column.clone() },
        None => Countable::Rows { table },
    }
}

/// The columns that would come back without values and may not be without, in tables with rows, each
/// with the reason. A `down.sql` by hand may know what to put there.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn obstacles(
    session: &Session,
    actual: &Catalog,
    steps: &[Step],
) -> Result<Vec<String>, Error> {
    let mut obstacles = Vec::new();
    for step in steps.iter().filter(|step| step.source != DownSource::ByHand) {
        for table in step.without.tables.iter() {
            let Some(before) = step.with.tables.get(&table.name) else { continue };
            let returns = table.columns.iter().filter(|column| {
                let is_new = !before.columns.iter().any(|it| it.name == column.name);
                let has_value = column.default.is_some()
                    || column.identity.is_some()
                    || column.generated.is_some();
                is_new && !column.nullable && !has_value
            });
            for column in returns {
                if actual.tables.get(&table.name).is_none() {
                    continue;
                }
                let count =
                    database::count(session, &countable(&table.name, None), PATIENCE).await?;
                let Some(Count { number: 1.., .. }) = count else { continue };
                obstacles.push(format!(
                    "{}: column {} of {} would come back without values, may not be null, and has no \
                     default, while the table has rows; write into down.sql what its values are",
                    step.migration.name, column.name, table.name
                ));
            }
        }
    }
    Ok(obstacles)
}

/// What the steps do not bring back, each in a line.
pub(super) fn not_restored(steps: &[Step]) -> Vec<String> {
    let mut lines = Vec::new();
    for step in steps {
        let name = &step.migration.name;
        // What a person wrote may well bring it back.
        let is_by_hand = step.source == DownSource::ByHand;
        let empty = down::returns_empty(&step.plan, &step.with);
        let changes = down::data_changes(&step.migration);
        let lost = empty.into_iter().chain(changes).filter(|_| !is_by_hand);
        lines.extend(lost.map(|line| format!("{name}: {line}")));
    }
    lines
}
