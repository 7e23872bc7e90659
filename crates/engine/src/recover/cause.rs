//! Why a migration failed: the error as it was kept, or found again where it was lost.

use database::Session;
use serde::Serialize;

use super::position::Position;
use super::{Case, Found, Run};
use crate::Error;

/// Why a migration failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueError {
    /// What the server said.
    pub text: String,
    /// The statement it is about, from 1, if that is known.
    pub statement: Option<usize>,
    /// Who says so.
    pub witness: Witness,
}

/// Who knows the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The history: whoever ran the migration kept it.
    History,
    /// The shadow database, on which it fails as well: it has nothing to do with the data.
    Shadow,
    /// The database itself, in a trial of which nothing was kept.
    Trial,
    /// A trial came to its end, or to a statement that cannot be tried: there is no error now.
    TrialPassed,
}

impl Run<'_> {
    /// Finds out why the migration failed.
    pub(super) async fn true_error(
        &self,
        case: &Case<'_>,
        found: &Found,
        position: &Position,
    ) -> Result<Option<TrueError>, Error> {
        if self.request.tries {
            return self.tried(&self.session, case, position).await.map(Some);
        }
        let failed = database::FailedMigration::new(&found.row, false);
        let kept = failed.cause().filter(|text| !is_lost(text));
        if let Some(text) = kept {
            let text = script::without_passwords(&text).into_owned();
            return Ok(Some(TrueError { text, statement: None, witness: Witness::History }));
        }
        let refused = case.trail.failure.as_ref().map(|failure| TrueError {
            text: failure.error.to_string(),
            statement: failure.statement.as_ref().map(|statement| statement.number),
            witness: Witness::Shadow,
        });
        Ok(refused)
    }

    /// Runs what is left on the database itself, and rolls it back.
    async fn tried(
        &self,
        session: &Session,
        case: &Case<'_>,
        position: &Position,
    ) -> Result<TrueError, Error> {
        let from = self.request.from.and_then(|number| number.checked_sub(1));
        let from = from.or(position.candidates.first().copied()).unwrap_or(0);
        let trial = database::trial(session, case.script, from..case.len(), &self.cancel).await?;
        if let Some(failure) = trial.failure {
            return Ok(TrueError {
                text: failure.error.to_string(),
                statement: failure.statement.map(|statement| statement.number),
                witness: Witness::Trial,
            });
        }
        let text = match trial.stopped_at {
            Some(at) => format!(
                "no error up to statement {}, which cannot be tried in a transaction",
                at + 1
            ),
            None => "no error: what is left of the migration can be run now".to_owned(),
        };
        let statement = trial.stopped_at.map(|at| at + 1);
        Ok(TrueError { text, statement, witness: Witness::TrialPassed })
    }
}

/// Whether an error says only that there was another one before it.
fn is_lost(text: &str) -> bool {
    text.is_empty() || text.contains("current transaction is aborted")
}
