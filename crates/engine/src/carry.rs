//! A full plan on the database: what it destroys there, and carrying it out so that the outcome is
//! proven, or nothing has happened.

use catalog::{Catalog, Loss, Pair, drift};
use database::{Cancel, Count, Countable, Session};
use planner::full::FullPlan;

use crate::Error;
use crate::loss::PATIENCE;

/// Says what data a plan destroys on that database, each in a few words: rows, values, positions of
/// sequences. What holds nothing is not among it.
///
/// # Errors
/// When the connection breaks.
pub(crate) async fn losses(session: &Session, plan: &FullPlan) -> Result<Vec<String>, Error> {
    let mut losses = Vec::new();
    for loss in plan.losses() {
        let text = match loss {
            Loss::Table(table) => {
                let rows = Countable::Rows { table: table.clone() };
                let Some(number) = number(session, &rows).await? else { continue };
                format!("the table {table} with {number} rows")
            }
            Loss::Column { table, column } => {
                let values = Countable::Values { table: table.clone(), column: column.clone() };
                let Some(number) = number(session, &values).await? else { continue };
                format!("the column {column} of {table} with {number} values")
            }
            Loss::Sequence(sequence) => format!("the position of the sequence {sequence}"),
        };
        losses.push(text);
    }
    losses.dedup();
    Ok(losses)
}

/// The number as it is told; none if it is zero.
async fn number(session: &Session, what: &Countable) -> Result<Option<String>, Error> {
    Ok(match database::count(session, what, PATIENCE).await? {
        Some(Count { number: 0, is_exact: true }) => None,
        Some(Count { number, is_exact: true }) => Some(number.to_string()),
        Some(Count { number, is_exact: false }) => Some(format!("about {number}")),
        None => Some("an unknown number of".to_owned()),
    })
}

/// Carries a plan out. In the last of its transactions the database is read again: it must be what is
/// desired; then `record` writes down what was done, and only then all is committed.
///
/// # Errors
/// When the plan lacks something or the outcome is another ([`Error::Unproven`]), the server refuses a
/// statement, or the user interrupts.
pub(crate) async fn carry_out(
    session: &Session,
    plan: &FullPlan,
    desired: &Catalog,
    schemas: &[String],
    cancel: &Cancel,
    record: impl AsyncFnOnce(&Session) -> Result<(), Error>,
) -> Result<(), Error> {
    if !plan.unsupported.is_empty() {
        return Err(Error::Unproven(plan.unsupported.iter().map(ToString::to_string).collect()));
    }
    let scripts: Vec<String> = plan.batches.iter().map(planner::full::Batch::body).collect();
    run(session, &scripts, desired, schemas, cancel, record).await
}

/// Runs scripts as [`carry_out`] runs a plan: kept only if the database is then what is desired.
///
/// # Errors
/// When the outcome is another ([`Error::Unproven`]), the server refuses a statement, or the user
/// interrupts.
pub(crate) async fn run(
    session: &Session,
    scripts: &[String],
    desired: &Catalog,
    schemas: &[String],
    cancel: &Cancel,
    record: impl AsyncFnOnce(&Session) -> Result<(), Error>,
) -> Result<(), Error> {
    let check = async |session: &Session| -> Result<(), Error> {
        let mut actual = database::introspect_in_transaction(session, Some(schemas)).await?;
        actual.without_history_table(&session.server().schema);
        let differences = drift(Pair::new(&actual, desired));
        if !differences.is_empty() {
            return Err(Error::Unproven(differences.iter().map(ToString::to_string).collect()));
        }
        record(session).await
    };
    database::transact(session, scripts, cancel, check).await
}
