//! `migrate reset`: everything dropped, and the migrations applied anew.

use database::{Applied, Cancel};
use project::{Action, DatabaseUrl, Project};
use serde::Serialize;

use crate::deploy::Deployer;
use crate::questions::{Dialogue, Question};
use crate::{Error, Progress, Settings, datasource, destruction, schema};

/// What it is called where it is refused.
const DOING: &str = "migrate reset";

/// What a reset did.
#[derive(Debug, Clone, Serialize)]
pub struct Reset {
    /// The database.
    pub datasource: datasource::Described,
    /// Whether the database was made for it.
    pub created_database: bool,
    /// The schemas that were emptied.
    pub schemas: Vec<String>,
    /// The migrations that were applied.
    pub applied: Vec<Applied>,
}

/// Drops everything in the schemas of the datasource, and applies all migrations.
///
/// Without `force` it is asked for, by the name of the database.
///
/// # Errors
/// When the environment forbids it, an agent called without the user's consent, the question is not
/// answered, or a migration fails; the schemas are then as far as the migrations before it.
pub async fn reset(
    project: &Project,
    settings: &Settings,
    force: bool,
    dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Reset, Error> {
    datasource::with_url(project, settings, progress, async |url, progress| {
        Box::pin(reset_on(url, project, settings, force, dialogue, cancel, progress)).await
    })
    .await
}

async fn reset_on(
    url: DatabaseUrl,
    project: &Project,
    settings: &Settings,
    force: bool,
    mut dialogue: Dialogue<'_>,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Reset, Error> {
    let schemas = schema::declared(project)?.schemas;
    // A folder that cannot be read is told before anything is gone.
    let migrations = project::read_migrations(&project.migrations_folder)?.migrations;
    let described = datasource::describe(project, &url);
    progress.datasource(&described);
    destruction::permit(&url, Action::Reset, DOING, settings)?;
    if !force {
        let question = Question::typed(
            "reset",
            &format!(
                "Are you sure you want to reset your database? All data in {} will be lost.",
                list(&schemas)
            ),
            &url.database,
            "--force",
        );
        progress.asking();
        dialogue.ask(std::slice::from_ref(&question))?;
        if !dialogue.answers().answer(&question).is_some_and(|answer| question.is_yes(answer)) {
            return Err(Error::Declined("Reset cancelled."));
        }
    }
    let deployer = Deployer::new(schemas.clone(), settings, cancel);
    let (session, created_database) = deployer.connect(&url, settings).await?;
    if created_database {
        progress.database_created(&described);
    }
    destruction::permit_on(&session, &url, Action::Reset, DOING, settings).await?;
    deployer.lock(&session, progress).await?;
    progress.busy("dropping everything");
    // The history table may be in a schema that the datasource does not name.
    let mut emptied = schemas;
    if !emptied.iter().any(|schema| schema == url.schema()) {
        emptied.push(url.schema().to_owned());
    }
    let outcome = async {
        database::reset_schemas(&session, &emptied).await?;
        deployer.apply(&session, &migrations, progress).await
    };
    let outcome = outcome.await;
    let unlocked = deployer.unlock(&session).await;
    let applied = outcome?.applied;
    unlocked?;
    Ok(Reset { datasource: described, created_database, schemas: emptied, applied })
}

fn list(schemas: &[String]) -> String {
    let names: Vec<String> = schemas.iter().map(|schema| format!("\"{schema}\"")).collect();
    let noun = if names.len() == 1 { "schema" } else { "schemas" };
    format!("{noun} {}", names.join(", "))
}
