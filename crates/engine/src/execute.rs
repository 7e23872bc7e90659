//! `db execute`: a script of the user's, run as it is.

use database::{Cancel, Executed};
use lint::Loss;
use project::{Action, DatabaseUrl, Project};
use script::Script;

use crate::{Error, Progress, Settings, datasource, destruction, environment};

/// What it is called where it is refused.
const LOSING: &str = "db execute with loss of data";

/// What a script that destroys data is to the environments.
const ACTION: Action = Action::PushWithLoss;

/// Runs a script on the project's database; on the one that `--url` names, no project is needed.
///
/// # Errors
/// When the script destroys data by its words and the environment of the database forbids that or an agent
/// called without the user's consent; when the database cannot be reached, or refuses the script.
pub async fn execute(
    project: Option<&Project>,
    settings: &Settings,
    script: &str,
    cancel: Cancel,
    progress: &mut (dyn Progress + '_),
) -> Result<Executed, Error> {
    let run = async |url: DatabaseUrl, progress: &mut (dyn Progress + '_)| {
        let losses = lint::losses(&Script::parse(script), url.schema());
        if !losses.is_empty() {
            let permitted = destruction::permit(&url, ACTION, LOSING, settings);
            tell(&losses, permitted, progress)?;
        }
        let session = datasource::connect(&url, settings).await?;
        if !losses.is_empty() {
            let permitted = destruction::permit_on(&session, &url, ACTION, LOSING, settings).await;
            tell(&losses, permitted, progress)?;
        }
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

/// Says which statements a script is refused for.
fn tell(
    losses: &[Loss],
    permitted: Result<(), Error>,
    progress: &mut (dyn Progress + '_),
) -> Result<(), Error> {
    permitted.inspect_err(|_| {
        for Loss { statement, what } in losses {
            progress.notice(&format!("statement {}: {what}", statement + 1));
        }
    })
}
