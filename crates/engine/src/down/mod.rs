//! Taking a migration back: the SQL that leads from the catalog after it to the catalog before it.
//!
//! `migrate dev` writes it as `down.sql` beside each `migration.sql`, after it has been up and down on a
//! shadow database; `rollback` runs it, and works it out for migrations that have none.

mod plan;
mod text;

use catalog::{Catalog, Pair, drift};
use database::{Cancel, Session};
use project::{Migration, NewDown, Origin};
use script::{Batch, Boundaries, Ending, Script};

use crate::shadow::Shadow;
use crate::{Error, Progress};

pub(crate) use plan::{DownPlan, plan};
pub(crate) use text::{data_changes, render, returns_empty};

/// What takes a migration back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Down {
    /// The SQL, with comments that say what does not come back.
    pub(crate) script: String,
    /// What it leaves undone, and why; none if it was proven.
    pub(crate) incomplete: Vec<String>,
}

/// Works out what takes a migration back that comes behind others, and tries it on a shadow database: up
/// and down must give the catalog before.
///
/// # Errors
/// When there is no shadow database, or the migrations cannot be replayed.
pub(crate) async fn work_out(
    shadow: &Shadow<'_>,
    before: &[Migration],
    migration: &Migration,
    progress: &mut dyn Progress,
) -> Result<Down, Error> {
    let shadow = shadow.fully();
    let work = async |session: &Session| {
        database::replay(session, before).await?;
        let without = shadow.read(session).await?;
        database::replay(session, std::slice::from_ref(migration)).await?;
        let with = shadow.read(session).await?;
        let catalogs = Pair::new(&with, &without);
        let planned = plan(&shadow, session, migration, catalogs).await?;
        let script = render(&planned, &with, migration);
        let mut incomplete: Vec<String> =
            planned.plan.unsupported.iter().map(ToString::to_string).collect();
        if incomplete.is_empty() {
            incomplete = differences(&shadow, session, &script, &without).await?;
        }
        Ok((with, Down { script, incomplete }))
    };
    let (with, down) = shadow.on_empty(progress, work).await?;
    // The next command asks what all of them make.
    let all: Vec<Migration> = before.iter().chain([migration]).cloned().collect();
    shadow.remember_read(&all, with);
    Ok(down)
}

/// Runs a down script on a shadow database, and returns what is then other than before.
///
/// # Errors
/// When the connection breaks.
pub(crate) async fn differences(
    shadow: &Shadow<'_>,
    session: &Session,
    script: &str,
    before: &Catalog,
) -> Result<Vec<String>, Error> {
    let Some(transactions) = transactions(script) else { return Ok(vec![UNFIT.to_owned()]) };
    let nothing = async |_: &Session| Ok::<(), Error>(());
    match database::transact(session, &transactions, &Cancel::default(), nothing).await {
        Ok(()) => {}
        Err(Error::Database(database::Error::Server { cause, .. })) => {
            return Ok(vec![cause.to_string()]);
        }
        Err(error) => return Err(error),
    }
    let found = shadow.read(session).await?;
    Ok(drift(Pair::new(&found, before)).iter().map(ToString::to_string).collect())
}

/// Why a script is not run as a down.
pub(crate) const UNFIT: &str = "it holds something that PostgreSQL does not run in a transaction";

/// The transactions of a down script, each as a script for one that is open; none if there is something
/// in it that cannot be in one, and could not be taken back if it turned out wrong.
pub(crate) fn transactions(script: &str) -> Option<Vec<String>> {
    let script = Script::parse(script);
    if !script.is_certain() {
        return None;
    }
    let batches = script.batches(Boundaries::Own, &std::collections::BTreeSet::new())?;
    let text = |batch: Batch| match batch {
        Batch::Transaction { statements, ending: Ending::Commit } => {
            Some(script.text_in_transaction(statements))
        }
        Batch::Transaction { ending: Ending::Rollback, .. } | Batch::Alone(_) => None,
    };
    let transactions: Option<Vec<String>> = batches.into_iter().map(text).collect();
    transactions.map(|transactions| {
        transactions
            .into_iter()
            .filter(|text| !Script::parse(text).statements().is_empty())
            .collect()
    })
}

/// Writes the `down.sql` of a migration that was just written, if it can be worked out: the migration
/// does not depend on it.
pub(crate) async fn write(
    shadow: &Shadow<'_>,
    before: &[Migration],
    migration: &Migration,
    progress: &mut (dyn Progress + '_),
) -> Result<bool, Error> {
    match work_out(shadow, before, migration, progress).await {
        Ok(down) => {
            let Down { script, incomplete } = &down;
            project::write_down(migration, &NewDown { script, incomplete })?;
            Ok(true)
        }
        Err(Error::Interrupted) => Err(Error::Interrupted),
        Err(error) => {
            progress.notice(&format!("{}: no down.sql: {error}", migration.name));
            Ok(false)
        }
    }
}

/// Whether a migration's `down.sql` was made for what the migration was before somebody changed it, and
/// nobody's work is lost when it is made anew.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn is_outdated(migration: &Migration) -> Result<bool, Error> {
    let down = project::read_down(migration)?;
    Ok(down.is_some_and(|down| down.origin == Origin::Outdated))
}

#[cfg(test)]
mod tests {
    use super::transactions;

    #[test]
    fn a_script_falls_into_transactions() {
        let found = transactions("-- x\nBEGIN;\nDROP TABLE a;\nCOMMIT;\nDROP TABLE b;\n").unwrap();
        let found: Vec<&str> = found.iter().map(|text| text.trim()).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("DROP TABLE a") && !found[0].contains("BEGIN"));
        assert!(found[1].contains("DROP TABLE b"));
        assert_eq!(transactions("-- nothing\n"), Some(Vec::new()));
        assert_eq!(transactions("DROP INDEX CONCURRENTLY a;"), None);
        assert_eq!(transactions("BEGIN; DROP TABLE a; ROLLBACK;"), None);
    }
}
