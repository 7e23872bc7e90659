//! Throwing old backups away.

use std::collections::BTreeMap;
use std::fs;

use catalog::{BACKUP_SCHEMA, quoted};
use database::{BackupState, Session};
use project::Project;
use serde::Serialize;

use super::{Backup, Kept, list, snapshot};
use crate::questions::{Dialogue, Question};
use crate::{Described, Error, Progress, Settings, datasource, destruction};

/// What it is called where it is refused.
const DOING: &str = "backup prune";

/// What may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneRequest {
    /// So many of each kind stay, at least one.
    pub keep: usize,
    /// What is younger stays, in seconds.
    pub older_than: i64,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// What went.
#[derive(Debug, Clone, Serialize)]
pub struct Pruned {
    /// The database.
    pub datasource: Described,
    /// The backups that went, or would, the oldest first.
    pub gone: Vec<Backup>,
    /// What could not be thrown away, and why.
    pub left: Vec<String>,
    /// How many backups there still are.
    pub kept: usize,
    /// Whether nothing was done.
    pub dry_run: bool,
}

/// Throws old backups away: those that are beyond the number to keep of their kind, and old enough. The
/// newest whole one of each kind always stays.
///
/// # Errors
/// When a question is not answered, it is forbidden, or the server refuses.
pub async fn prune(
    project: &Project,
    settings: &Settings,
    request: PruneRequest,
    mut dialogue: Dialogue<'_>,
    progress: &mut (dyn Progress + '_),
) -> Result<Pruned, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let datasource = datasource::describe(project, &url);
        progress.datasource(&datasource);
        let session = datasource::connect(&url, settings).await?;
        let rows = database::backups(&session).await?;
        let all: Vec<Backup> = rows.iter().filter_map(list::read).collect();
        let gone = old(&all, request);
        let kept = all.len() - gone.len();
        let dry_run = request.dry_run;
        let mut pruned = Pruned { datasource, gone: Vec::new(), left: Vec::new(), kept, dry_run };
        if dry_run || gone.is_empty() {
            pruned.gone = gone;
            return Ok(pruned);
        }
        session.ensure_writable()?;
        destruction::permit_reviewed(&url, DOING, settings)?;
        let about: Vec<String> = gone
            .iter()
            .map(|it| format!("goes: {} of {}: {}", it.id, it.started_at, it.made.kept))
            .collect();
        let question =
            Question::confirm("prune", "Throw these backups away?", "--yes").about(&about);
        if dialogue.answers().answer(&question).is_none() {
            for line in &about {
                progress.notice(line);
            }
            progress.asking();
        }
        dialogue.ask(std::slice::from_ref(&question))?;
        if !dialogue.answers().answer(&question).is_some_and(|answer| question.is_yes(answer)) {
            return Err(Error::Declined("Nothing was thrown away."));
        }
        for backup in gone {
            progress.busy(&format!("throwing {} away", backup.id));
            match throw_away(&session, settings, &backup).await {
                Ok(()) => pruned.gone.push(backup),
                Err(error) => {
                    pruned.kept += 1;
                    pruned.left.push(format!("{}: {error}", backup.id));
                }
            }
        }
        Ok(pruned)
    })
    .await
}

/// The backups that may go, the oldest first; `all` has the newest first.
fn old(all: &[Backup], request: PruneRequest) -> Vec<Backup> {
    let mut whole: BTreeMap<String, usize> = BTreeMap::new();
    let mut old: Vec<Backup> = Vec::new();
    for backup in all {
        let is_whole = backup.state == BackupState::Done;
        let is_old = backup.age >= request.older_than;
        let mut is_kept = false;
        if is_whole {
            let kind = backup.made.kept.kind().map_or_else(String::new, |kind| kind.to_string());
            let count = whole.entry(kind).or_default();
            *count += 1;
            is_kept = *count <= request.keep.max(1);
        }
        if is_old && !is_kept {
            old.push(backup.clone());
        }
    }
    old.reverse();
    old
}

async fn throw_away(session: &Session, settings: &Settings, backup: &Backup) -> Result<(), Error> {
    let mut script = "BEGIN;\n".to_owned();
    match &backup.made.kept {
        Kept::Nothing { .. } | Kept::PointInTime { .. } => {}
        Kept::Rows { copies } => {
            for copied in copies {
                for part in
                    ["DROP TABLE IF EXISTS ", &quoted(BACKUP_SCHEMA), ".", &quoted(&copied.copy)]
                {
                    script.push_str(part);
                }
                script.push_str(";\n");
            }
        }
        Kept::Dump { file, .. } => match fs::remove_file(file) {
            Ok(()) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound && is_here(file) => {}
            Err(cause) => {
                return Err(Error::File { doing: "removing", path: file.clone(), cause });
            }
        },
        Kept::Snapshot { identifier, source, .. } => {
            snapshot::delete(&settings.aws(), identifier, source).await?;
        }
    }
    script.push_str(&database::forgetting_backup(&backup.id));
    script.push_str("COMMIT;\n");
    match session.run("throwing a backup away", &script).await {
        Err(error @ database::Error::Server { .. }) => {
            session.run("rolling back", "ROLLBACK").await?;
            Err(error.into())
        }
        done => Ok(done?),
    }
}

/// Whether a file would be on this machine: its folder is.
fn is_here(file: &std::path::Path) -> bool {
    file.parent().is_some_and(std::path::Path::is_dir)
}

#[cfg(test)]
mod tests {
    use database::BackupState;

    use super::{Backup, PruneRequest, old};
    use crate::backup::{Kept, Made};

    fn backup(id: &str, state: BackupState, age: i64) -> Backup {
        let kept = Kept::Rows { copies: Vec::new() };
        Backup {
            id: id.to_owned(),
            state,
            started_at: String::new(),
            finished_at: None,
            age,
            made: Made { migrations: Vec::new(), plan: String::new(), kept },
            restore: Vec::new(),
        }
    }

    #[test]
    fn the_newest_whole_one_stays() {
        let (done, failed) = (BackupState::Done, BackupState::Failed);
        let all = [
            backup("d", failed, 50),
            backup("c", done, 60),
            backup("b", done, 70),
            backup("a", done, 99),
        ];
        let gone = |keep, older_than| {
            let request = PruneRequest { keep, older_than, dry_run: false };
            old(&all, request).into_iter().map(|it| it.id).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(gone(1, 0), "a b d");
        assert_eq!(gone(0, 0), "a b d");
        assert_eq!(gone(2, 0), "a d");
        assert_eq!(gone(1, 65), "a b");
        assert_eq!(gone(5, 1000), "");
    }
}
