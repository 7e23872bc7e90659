//! Whether each `down.sql` takes its migration back: tried on the shadow database, and remembered.

use std::collections::BTreeMap;

use database::Session;
use project::{DownFile, Migration, Origin};

use crate::shadow::Shadow;
use crate::{Error, Progress, down, shadow};

/// What came of trying a `down.sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) struct DownTrial {
    /// The migration.
    pub(in crate::check) migration: String,
    /// What is other than before the migration, after it and its down; nothing is good.
    pub(in crate::check) differences: Vec<String>,
}

/// Tries each `down.sql` that is for its migration as it is.
///
/// # Errors
/// When there is no shadow database, or the connection breaks.
pub(super) async fn verify(
    shadow: &Shadow<'_>,
    migrations: &[Migration],
    downs: &BTreeMap<String, Result<Option<DownFile>, Error>>,
    progress: &mut (dyn Progress + '_),
) -> Result<Vec<DownTrial>, Error> {
    let mut known = Vec::new();
    let mut open: Vec<(usize, &DownFile)> = Vec::new();
    for (at, migration) in migrations.iter().enumerate() {
        let Some(Ok(Some(file))) = downs.get(&migration.name) else { continue };
        let is_tried = match file.origin {
            Origin::Generated | Origin::ByHand => file.incomplete.is_empty(),
            Origin::Outdated | Origin::ByHandOutdated => false,
        };
        let before = migrations.get(..=at).unwrap_or_default();
        match shadow.recall_trial(before, &file.script) {
            _ if !is_tried => {}
            Some(differences) => {
                known.push(DownTrial { migration: migration.name.clone(), differences });
            }
            None => open.push((at, file)),
        }
    }
    if !open.is_empty() {
        let fully = shadow.fully();
        let work = async |session: &Session| try_all(&fully, session, migrations, &open).await;
        progress.busy("trying the down migrations on a shadow database");
        let tried = fully.on_empty(progress, work).await?;
        for ((at, file), trial) in open.iter().zip(&tried) {
            let before = migrations.get(..=*at).unwrap_or_default();
            shadow.remember_trial(before, &file.script, &trial.differences);
        }
        known.extend(tried);
    }
    Ok(known)
}

/// Tries them in the order of their migrations, on a shadow that goes forward with them.
async fn try_all(
    shadow: &Shadow<'_>,
    session: &Session,
    migrations: &[Migration],
    open: &[(usize, &DownFile)],
) -> Result<Vec<DownTrial>, Error> {
    let mut trials = Vec::new();
    let mut replayed = 0;
    for (at, file) in open {
        let rest = migrations.get(replayed..*at).unwrap_or_default();
        database::replay(session, rest).await?;
        let without = shadow.read(session).await?;
        let own = migrations.get(*at..=*at).unwrap_or_default();
        database::replay(session, own).await?;
        let differences = down::differences(shadow, session, &file.script, &without).await?;
        if !differences.is_empty() {
            // Whatever it left, the next one does not begin with it.
            shadow::empty(session).await?;
            database::replay(session, migrations.get(..*at).unwrap_or_default()).await?;
        }
        replayed = *at;
        let migration = own.first().map(|own| own.name.clone()).unwrap_or_default();
        trials.push(DownTrial { migration, differences });
    }
    Ok(trials)
}
