//! Copies of what is dropped, kept in a schema of undrift's own.

use database::Session;
use serde::Serialize;

use super::target::LostData;
use crate::Error;

/// The longest name that PostgreSQL keeps, in bytes.
const LONGEST: usize = 63;

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SavedData {
    /// What was copied.
    pub of: String,
    /// The table that has it now, in the schema `undrift_backup`.
    pub table: String,
    /// The migration that was taken back.
    pub migration: String,
    /// The script that copies it.
    #[serde(skip)]
    pub(super) script: String,
}

/// Plans the copies of what is lost, named by the server's time.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn copies(
    session: &Session,
    losses: &[LostData],
) -> Result<Vec<SavedData>, Error> {
    let question = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS')";
    let rows = session.rows("asking for the time", question).await?;
    let time = rows.first().and_then(|row| row.get(0)).unwrap_or_default().to_owned();
    let mut copies: Vec<SavedData> = Vec::new();
    for (number, lost) in losses.iter().enumerate() {
        let LostData { table, column, migration, of, .. } = lost;
        let Some(of) = of else { continue };
        let what = match column {
            Some(column) => format!("{}_{column}", of.name.name),
            None => of.name.name.clone(),
        };
        let remark = format!(
            "undrift: {} of {table} as it was before {migration} was rolled back at {time} UTC",
            column.as_ref().map_or_else(|| "all".to_owned(), |column| format!("column {column}"))
        );
        let name = name(&time, number, &what, migration);
        let script = of.back_up(column.as_deref(), &name, &remark);
        copies.push(SavedData {
            of: lost.to_string(),
            table: name,
            migration: migration.clone(),
            script,
        });
    }
    Ok(copies)
}

/// The name of a copy: time, number, what it is of, migration; cut to what PostgreSQL keeps.
pub(crate) fn name(time: &str, number: usize, what: &str, migration: &str) -> String {
    let whole = format!("{time}_{}_{what}_{migration}", number + 1);
    let whole = whole.trim_end_matches('_');
    let mut end = whole.len().min(LONGEST);
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    whole.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_are_no_longer_than_postgresql_keeps() {
        assert_eq!(name("2026", 0, "User_name", "1_x"), "2026_1_User_name_1_x");
        let long = name("20260101000000", 1, &"é".repeat(40), "1_x");
        assert!(long.len() <= 63 && long.starts_with("20260101000000_2_é"), "{long}");
    }
}
