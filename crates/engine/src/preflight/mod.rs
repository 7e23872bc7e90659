//! `preflight`: what stands in the way of a deploy, and what it would do harm to.
//!
//! What the pending migrations touch is read from their text ([`touched`]). Each probe has one question to
//! the server; all of them go in one message ([`round`]), and each [probe](probes) judges its own answer.
//! Before a deploy that is all; `undrift preflight` asks RDS, too.

mod finding;
mod instance;
mod probes;
mod round;
mod touched;

use std::time::Duration;

use database::Session;
use lint::Severity;
use project::{Class, DatabaseUrl, Environments, Migration, Project};
use serde::Serialize;

pub use finding::PreflightFinding;
pub(crate) use finding::duration;
pub(crate) use instance::Instance;

use crate::pending::Pending;
use crate::{Described, Error, Progress, Settings, backup, datasource, rds};
use probes::{PROBES, Surroundings};
use touched::Touched;

/// What `preflight` found.
#[derive(Debug, Clone, Serialize)]
pub struct Preflight {
    /// The database.
    pub datasource: Described,
    /// The class of its environment: `production`.
    pub class: String,
    /// The pending migrations.
    pub pending: Vec<String>,
    /// What was found, the worst first.
    pub findings: Vec<PreflightFinding>,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
    /// What was looked for.
    pub checked: Vec<&'static str>,
    /// What could not be told, and why.
    pub unknown: Vec<Unknown>,
}

/// Something that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// What was looked for.
    pub what: String,
    /// Why it could not be told.
    pub reason: String,
}

/// Looks what stands in the way of a deploy, and changes nothing.
///
/// # Errors
/// When the project cannot be read, or the database not be reached.
pub async fn preflight(
    project: &Project,
    settings: &Settings,
    progress: &mut (dyn Progress + '_),
) -> Result<Preflight, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
        let described = datasource::describe(project, &url);
        progress.datasource(&described);
        progress.busy("looking what stands in the way");
        let session = datasource::connect(&url, settings).await?;
        let rows = database::history(&session).await?;
        let pending = Pending::of(&migrations, rows.as_deref(), &session.server().schema);
        let mut unknown = Vec::new();
        let instance = match asked(&url, settings).await {
            Ok(instance) => instance,
            Err(reason) => {
                let what = "what RDS says of the instance".to_owned();
                unknown.push(Unknown { what, reason });
                None
            }
        };
        let looked = look(&session, &pending, rows.is_some(), instance.as_ref(), true).await?;
        unknown.extend(looked.unknown);
        let class = class(&url, settings, looked.is_managed)?;
        Ok(Preflight::new(described, class, &pending, looked.findings, unknown))
    })
    .await
}

impl Preflight {
    fn new(
        datasource: Described,
        class: Class,
        pending: &Pending<'_>,
        findings: Vec<PreflightFinding>,
        unknown: Vec<Unknown>,
    ) -> Self {
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        Self {
            datasource,
            class: class.to_string(),
            pending: pending.migrations.iter().map(|it| it.name.clone()).collect(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            findings,
            checked: PROBES.iter().map(|probe| probe.name).collect(),
            unknown,
        }
    }
}

/// Looks before a deploy, in one message to the server. Errors stop it on production; everything else is
/// told, since where nobody is served a migration that fails does no harm.
///
/// # Errors
/// [`Error::Preflight`], or when the connection breaks.
pub(crate) async fn before_deploy(
    session: &Session,
    url: &DatabaseUrl,
    settings: &Settings,
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    let rows = database::history(session).await?;
    let pending = Pending::of(migrations, rows.as_deref(), &session.server().schema);
    if pending.migrations.is_empty() {
        return Ok(());
    }
    let looked = look(session, &pending, rows.is_some(), None, false).await?;
    let is_production = class(url, settings, looked.is_managed)? == Class::Production;
    let (errors, others): (Vec<_>, Vec<_>) =
        looked.findings.into_iter().partition(|it| it.severity == Severity::Error);
    // A note is for whoever asks.
    for finding in others.iter().filter(|it| it.severity == Severity::Warning) {
        progress.notice(&format!("{finding}: {}", finding.command));
    }
    if is_production && !errors.is_empty() {
        return Err(Error::Preflight(errors));
    }
    for finding in &errors {
        progress.notice(&format!("{finding}: {}", finding.command));
    }
    Ok(())
}

/// What RDS says of the instance, where there is one, and it answers in time.
async fn asked(url: &DatabaseUrl, settings: &Settings) -> Result<Option<Instance>, String> {
    let is_named = backup::environment(url, settings).is_ok_and(|it| it.instance.is_some());
    if rds::host(url).is_none() && !is_named {
        return Ok(None);
    }
    match tokio::time::timeout(PATIENCE, rds::behind(url, settings, None)).await {
        Ok(Ok(behind)) => Ok(Some(behind.instance)),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("RDS did not answer in {} s", PATIENCE.as_secs())),
    }
}

/// How long RDS may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the probes made out.
struct Looked {
    findings: Vec<PreflightFinding>,
    unknown: Vec<Unknown>,
    is_managed: bool,
}

/// Asks all probes. `is_thorough` is for whoever has time for more than a moment.
async fn look(
    session: &Session,
    pending: &Pending<'_>,
    has_history: bool,
    instance: Option<&Instance>,
    is_thorough: bool,
) -> Result<Looked, Error> {
    let touched = Touched::by(pending);
    let mut around = Surroundings {
        touched: &touched,
        server: session.server(),
        has_history,
        is_managed: false,
        now: session.server().clock_milliseconds / 1000,
        instance,
        is_thorough,
    };
    let managed =
        "SELECT coalesce(current_setting('rds.extensions', true), '') <> '' AS is_managed";
    let mut questions = vec![Some(managed.to_owned())];
    questions.extend(PROBES.iter().map(|probe| (probe.question)(&around)));
    let mut answers = round::ask(session, &questions).await?.into_iter();
    let managed: Vec<Managed> = answers.next().unwrap_or_default().rows().unwrap_or_default();
    around.is_managed = instance.is_some() || managed.iter().any(|it| it.is_managed);
    let (mut findings, mut unknown) = (Vec::new(), Vec::new());
    for (probe, answer) in PROBES.iter().zip(answers) {
        match (probe.judge)(&around, &answer) {
            Ok(found) => findings.extend(found),
            Err(reason) => unknown.push(Unknown { what: probe.about.to_owned(), reason }),
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(Looked { findings, unknown, is_managed: around.is_managed })
}

/// Whether the server is Amazon's, by a setting that only theirs have.
#[derive(serde::Deserialize)]
struct Managed {
    is_managed: bool,
}

/// The class of a database. One that only looks as if it were on this machine, behind a tunnel to RDS, is
/// production until an environment names it.
fn class(url: &DatabaseUrl, settings: &Settings, is_managed: bool) -> Result<Class, Error> {
    let environments = Environments::read(&settings.current_directory, &settings.environment)?;
    let environment = environments.class_of(url);
    let is_disguised = environment.name.is_none() && is_managed;
    Ok(if is_disguised { Class::Production } else { environment.class })
}
