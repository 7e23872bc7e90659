//! What a database is after each statement of a migration, found out on a shadow.

use catalog::Catalog;
use database::{Error as DatabaseError, MigrationFailure, Session};
use project::Migration;
use script::{Kind, Script};

use crate::shadow::Shadow;
use crate::{Error, Progress};

/// The states that a migration goes through.
pub(super) struct Trail {
    /// What the database is after none, one, two … of the statements; as far as the shadow came.
    pub(super) states: Vec<Catalog>,
    /// Why the shadow did not come to the end. What fails there has nothing to do with the data.
    pub(super) failure: Option<MigrationFailure>,
}

impl Trail {
    /// Replays the applied migrations, then the one in question statement by statement.
    ///
    /// # Errors
    /// When there is no shadow, or the applied migrations cannot be replayed.
    pub(super) async fn of(
        shadow: &Shadow<'_>,
        applied: &[Migration],
        migration: &Migration,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Self, Error> {
        let walk = async |session: &Session| {
            database::replay(session, applied).await?;
            Self::walk(shadow, session, migration).await
        };
        shadow.on_empty(progress, walk).await
    }

    async fn walk(
        shadow: &Shadow<'_>,
        session: &Session,
        migration: &Migration,
    ) -> Result<Self, Error> {
        let script = Script::parse(&migration.script);
        let mut now = database::introspect_fully(session, Some(&shadow.schemas)).await?;
        let mut states = vec![now.clone()];
        let mut in_block = false;
        for (at, statement) in script.statements().iter().enumerate() {
            match database::replay_statement(session, migration, &script, at).await {
                Ok(()) => {}
                Err(DatabaseError::ReplayFailed(failure)) => {
                    return Ok(Self { states, failure: Some(*failure) });
                }
                Err(error) => return Err(error.into()),
            }
            let text = script.statement_text(statement).to_ascii_uppercase();
            in_block = match &statement.kind {
                Kind::Begin => true,
                Kind::Commit | Kind::Rollback => false,
                Kind::Control => !text.starts_with("PREPARE"),
                Kind::Ordinary | Kind::AddLabel(_) | Kind::Alone(_) | Kind::CopyStream => in_block,
            };
            let changes_nothing = matches!(statement.kind, Kind::Begin) || statement.is_setting;
            if !changes_nothing {
                let schemas = Some(shadow.schemas.as_slice());
                now = if in_block {
                    database::introspect_fully_in_transaction(session, schemas).await?
                } else {
                    database::introspect_fully(session, schemas).await?
                };
            }
            states.push(now.clone());
        }
        if in_block {
            // What a script begins and does not end is rolled back.
            session.run("rolling back", "ROLLBACK").await?;
        }
        Ok(Self { states, failure: None })
    }
}
