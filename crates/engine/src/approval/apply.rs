//! Applying a plan that a person has approved.

use std::path::PathBuf;
use std::time::SystemTime;

use database::Cancel;
use project::Project;

use super::fingerprint::Fingerprint;
use super::record::Record;
use super::store::Store;
use crate::destruction::CONSENT;
use crate::{AppliedPlan, Error, Progress, Settings};

/// Where approvals are looked for.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    /// A file with one, besides the user's state folder.
    pub file: Option<PathBuf>,
}

/// Carries out the plan of a fingerprint, if a person has approved it and that still counts: exactly the
/// plan that the person saw, with the answers that the person gave.
///
/// # Errors
/// When the fingerprint is none, nobody has approved, the approval is over, used, or changed; and those of
/// [`apply`](crate::apply()).
pub async fn apply_approved(
    project: &Project,
    settings: &Settings,
    fingerprint: &str,
    approvals: &Approvals,
    now: SystemTime,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<AppliedPlan, Error> {
    let Some(fingerprint) = Fingerprint::parse(fingerprint) else {
        return Err(Error::Unapproved {
            problem: "a plan is named by its fingerprint, which has 64 hexadecimal digits"
                .to_owned(),
            next: vec!["make a plan: the tool plan".to_owned()],
        });
    };
    let unapproved = |problem: &str| Error::Unapproved {
        problem: format!("the plan {fingerprint} is not applied: {problem}"),
        next: vec![format!(
            "a person looks at it and approves it, in a terminal: undrift approve {fingerprint}"
        )],
    };
    let store = Store::open(settings)?;
    let Some(record) = find(&store, &fingerprint, approvals, settings)? else {
        return Err(unapproved("nobody has approved it"));
    };
    if record.fingerprint != fingerprint {
        return Err(unapproved("the approval is of another plan"));
    }
    if record.is_expired(now) {
        return Err(unapproved("the time of the approval is over"));
    }
    let claim = store.claim(&record)?;
    // The person's words are what an agent lacks.
    let mut consented = settings.clone();
    let by = record.by.clone().unwrap_or_else(|| "a person".to_owned());
    consented.environment.insert(CONSENT.to_owned(), format!("approved by {by}: {fingerprint}"));
    let applied = match record.plan() {
        Ok(Some(plan)) => crate::apply(project, &consented, &plan, cancel, progress).await,
        Ok(None) => Err(unapproved("the approval is of another plan")),
        Err(error) => Err(error),
    };
    if applied.is_err() {
        claim.release();
    }
    applied
}

/// The approval of a plan: from the file that a person named, else from the user's state folder.
fn find(
    store: &Store,
    fingerprint: &Fingerprint,
    approvals: &Approvals,
    settings: &Settings,
) -> Result<Option<Record>, Error> {
    let Some(file) = &approvals.file else {
        return store.approval(fingerprint);
    };
    let path = settings.current_directory.join(file);
    let folder = settings.current_directory.canonicalize();
    let is_within =
        folder.is_ok_and(|folder| path.canonicalize().is_ok_and(|path| path.starts_with(folder)));
    if is_within {
        return Err(Error::Unapproved {
            problem: format!(
                "{} lies in the project, where an agent writes, so that it is not trusted",
                path.display()
            ),
            next: vec!["keep approvals elsewhere: undrift approve PLAN -o FILE".to_owned()],
        });
    }
    if !path.exists() {
        return store.approval(fingerprint);
    }
    let record = store.read(&path)?;
    if record.fingerprint == *fingerprint { Ok(Some(record)) } else { store.approval(fingerprint) }
}
