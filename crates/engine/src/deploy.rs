//! Applying the pending migrations.

use database::{Cancel, DeployOptions, DeployReport, LockOptions, Resumption, Session};
use project::{DatabaseUrl, Migration, Project};
use serde::Serialize;

use crate::backup::{self, Backup, BackupRequest};
use crate::drift::{is_adoption, recognise};
use crate::heard::Heard;
use crate::shadow::Shadow;
use crate::status::Migrations;
use crate::{Error, Progress, Settings, datasource, preflight, schema, stake, waiting};

/// What a deploy is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeployRequest {
    /// The backup that is made first; none if only `undrift.toml` may ask for one.
    pub backup: Option<BackupRequest>,
}

/// What a deploy did.
#[derive(Debug, Clone, Serialize)]
pub struct Deployment {
    /// The database.
    pub datasource: datasource::Described,
    /// Whether the database was made for it.
    pub created_database: bool,
    /// The migrations folder, as the user would write it.
    pub migrations_folder: String,
    /// How many migrations it holds.
    pub migrations_found: usize,
    /// The migrations that were recorded and not run, since they adopt what the database already has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recognised: Vec<String>,
    /// The backup that was made first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    /// What was applied.
    #[serde(flatten)]
    pub report: DeployReport,
}

/// Applies the pending migrations, each in one transaction with its row of the history.
///
/// # Errors
/// When the project cannot be read, the database not be reached or written, somebody else deploys, the
/// history holds a failure, or a migration fails; what was applied before stays applied.
pub async fn deploy(
    project: &Project,
    settings: &Settings,
    request: &DeployRequest,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Deployment, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
        let schemas = schema::declared(project).map(|declared| declared.schemas);
        let schemas = schemas.unwrap_or_else(|_| vec![url.schema().to_owned()]);
        let (target, interrupted, mut made) = (url.clone(), cancel.clone(), None);
        let ready = async |session: &Session, progress: &mut (dyn Progress + '_)| {
            let looking =
                preflight::before_deploy(session, &target, settings, &migrations, progress);
            Box::pin(looking).await?;
            stake::tell(session, &schemas, &migrations, progress).await?;
            let place = backup::Place { url: &target, settings, session, cancel: &interrupted };
            let asked = request.backup.as_ref();
            let keeping = backup::before_deploy(&place, asked, &migrations, progress);
            made = Box::pin(keeping).await?;
            Ok(())
        };
        let deployed = deploy_to(url, project, settings, cancel, ready, progress);
        let deployed = Box::pin(deployed).await?;
        Ok(Deployment { backup: made, ..deployed })
    })
    .await
}

/// Does the same on a database, if `check` finds nothing against it once the migration lock is held.
///
/// # Errors
/// Those of [`deploy`] and of the check.
pub(crate) async fn deploy_to(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    cancel: Cancel,
    check: impl AsyncFnOnce(&Session, &mut (dyn Progress + '_)) -> Result<(), Error>,
    progress: &mut (dyn Progress + '_),
) -> Result<Deployment, Error> {
    let folder = project::read_migrations(&project.migrations_folder)?;
    let datasource = datasource::describe(project, &url);
    progress.datasource(&datasource);
    let schemas = schema::declared(project).map(|declared| declared.schemas).unwrap_or_default();
    let mut deployer = Deployer::for_database(&url, schemas.clone(), settings, cancel)?;
    let (session, created_database) = deployer.connect(&url, settings).await?;
    waiting::apply_on(&session, &url, settings, &mut deployer.options).await?;
    if created_database {
        progress.database_created(&datasource);
    }
    let migrations_folder = project.display(&project.migrations_folder);
    progress.migrations_found(folder.migrations.len(), &migrations_folder);
    let migrations = &folder.migrations;
    session.ensure_writable().await?;
    deployer.lock(&session, progress).await?;
    let outcome = async {
        check(&session, progress).await?;
        if migrations.iter().any(is_adoption) {
            let shadow = Shadow::of(project, settings, schemas, &session)?;
            return recognise_and_apply(&deployer, &session, &shadow, migrations, progress).await;
        }
        Ok((deployer.apply(&session, migrations, progress).await?, Vec::new()))
    };
    let outcome = outcome.await;
    let unlocked = deployer.unlock(&session).await;
    let (report, recognised) = outcome?;
    unlocked?;
    Ok(Deployment {
        recognised,
        datasource,
        created_database,
        migrations_folder,
        migrations_found: folder.migrations.len(),
        backup: None,
        report,
    })
}

/// Applies migrations up to each that adopts drift, which is only recorded where the database has what
/// it makes. The lock must be held.
async fn recognise_and_apply(
    deployer: &Deployer,
    session: &Session,
    shadow: &Shadow<'_>,
    migrations: &[Migration],
    progress: &mut (dyn Progress + '_),
) -> Result<(DeployReport, Vec<String>), Error> {
    let mut report = DeployReport::default();
    let mut recognised = recognise(session, shadow, migrations, progress).await?;
    let rows = database::history(session).await?;
    let found = Migrations::compare(migrations, rows.as_deref());
    let is_pending = |it: &Migration| is_adoption(it) && found.pending.contains(&it.name);
    for (at, _) in migrations.iter().enumerate().filter(|(_, it)| is_pending(it)) {
        let before = migrations.get(..at).unwrap_or_default();
        report.applied.extend(deployer.apply(session, before, progress).await?.applied);
        recognised.extend(recognise(session, shadow, migrations, progress).await?);
    }
    report.applied.extend(deployer.apply(session, migrations, progress).await?.applied);
    Ok((report, recognised))
}

/// What applies migrations: for `migrate deploy`, and for the commands of which that is a part.
pub(crate) struct Deployer {
    options: DeployOptions,
}

impl Deployer {
    /// `schemas` are those that must be empty when there is no history.
    pub(crate) fn new(schemas: Vec<String>, settings: &Settings, cancel: Cancel) -> Self {
        let lock = match settings.migration_lock_timeout {
            _ if settings.disables_lock() => LockOptions::Disabled,
            Some(limit) => LockOptions::Wait(limit),
            None => LockOptions::default(),
        };
        let seed = settings.run;
        Self { options: DeployOptions { lock, schemas, cancel, seed, ..DeployOptions::default() } }
    }

    /// The same, with the patience that the environment of a database asks for.
    ///
    /// # Errors
    /// When `undrift.toml` cannot be read.
    pub(crate) fn for_database(
        url: &DatabaseUrl,
        schemas: Vec<String>,
        settings: &Settings,
        cancel: Cancel,
    ) -> Result<Self, Error> {
        let mut deployer = Self::new(schemas, settings, cancel);
        waiting::apply(url, settings, &mut deployer.options)?;
        Ok(deployer)
    }

    /// Connects to the database, and makes it if it is not there.
    pub(crate) async fn connect(
        &self,
        url: &DatabaseUrl,
        settings: &Settings,
    ) -> Result<(Session, bool), Error> {
        let options = datasource::options(url, settings);
        tokio::select! {
            connected = database::connect_or_create(url, &options) => Ok(connected?),
            () = self.options.cancel.cancelled() => Err(Error::Interrupted),
        }
    }

    /// Takes the migration lock for more than one use; within it, [`Deployer::apply`] takes it again.
    pub(crate) async fn lock(
        &self,
        session: &Session,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        let DeployOptions { lock, cancel, .. } = &self.options;
        Ok(database::lock(session, *lock, cancel, &mut Heard::new(progress)).await?)
    }

    /// Gives the lock back.
    pub(crate) async fn unlock(&self, session: &Session) -> Result<(), Error> {
        Ok(database::unlock(session, self.options.lock).await?)
    }

    /// Goes on with a migration that failed, with the lock held; see [`database::resume`].
    pub(crate) async fn resume(
        &self,
        session: &Session,
        resumption: Resumption<'_>,
        progress: &mut (dyn Progress + '_),
        prove: impl AsyncFnOnce(&Session) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut heard = Heard::new(progress);
        Box::pin(database::resume(session, resumption, &self.options, &mut heard, prove)).await
    }

    /// Applies what is pending.
    pub(crate) async fn apply(
        &self,
        session: &Session,
        migrations: &[Migration],
        progress: &mut (dyn Progress + '_),
    ) -> Result<DeployReport, Error> {
        let mut heard = Heard::new(progress);
        let deployed =
            Box::pin(database::deploy(session, migrations, &self.options, &mut heard)).await;
        deployed.map_err(|failed| Error::Deploy {
            error: Box::new(as_interruption(failed.error, &self.options.cancel)),
            applied: failed.report.applied.into_iter().map(|applied| applied.name).collect(),
        })
    }
}

/// The server may be told of an interruption when the statement it was for has just ended; then it
/// cancels the next one, whichever that is.
fn as_interruption(error: database::Error, cancel: &Cancel) -> database::Error {
    let was_canceled =
        matches!(&error, database::Error::Server { cause, .. } if cause.sqlstate == QUERY_CANCELED);
    if was_canceled && cancel.is_cancelled() { database::Error::Interrupted } else { error }
}

/// The SQLSTATE of a statement that was cancelled.
const QUERY_CANCELED: &str = "57014";
