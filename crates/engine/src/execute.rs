//! `db execute`: a script of the user's, run as it is.

use database::{Cancel, Executed};
use project::{DatabaseUrl, Project};

use crate::{Error, Progress, Settings, datasource, environment};

/// Runs a script on the project's database; on the one that `--url` names, no project is needed.
///
/// # Errors
/// When the database cannot be reached, or refuses the script.
pub async fn execute(
    project: Option<&Project>,
    settings: &Settings,
    script: &str,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Executed, Error> {
    let run = async |url: DatabaseUrl, progress: &mut (dyn Progress + '_)| {
        let session = datasource::connect(&url, settings).await?;
        progress.busy("running the script");
        Ok(database::execute(&session, script, &cancel).await?)
    };
    match (project, &settings.url, &settings.env) {
        (Some(project), ..) => datasource::with_url(project, settings, progress, run).await,
        (None, Some(url), _) => {
            run(DatabaseUrl::parse(url).map_err(project::Error::from)?, progress).await
        }
        (None, None, Some(name)) => run(environment::url(name, settings)?, progress).await,
        (None, None, None) => Err(project::Error::NoUrl.into()),
    }
}
