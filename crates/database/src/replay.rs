//! Replaying a migrations folder on an empty shadow database.

use crate::cancel::Cancel;
use crate::deploy::{Located, Message, MigrationFailure, needs_client};
use crate::session::Ran;
use crate::{Error, Session};
use project::Migration;
use script::{Batch, Boundaries, Kind, Script};
use std::collections::BTreeSet;

/// Runs all migrations in order, without a history table. The database must be
/// [empty](ensure_empty).
///
/// A script goes over as one message, as Prisma sends it, or statement by statement where that
/// cannot be. A role that exists is taken as created, for roles belong to the server and may stem
/// from the replay before.
pub async fn replay(session: &Session, migrations: &[Migration]) -> Result<(), Error> {
    for migration in migrations {
        let script = Script::parse(&migration.script);
        let whole = goes_as_one_message(&script);
        if let Some((number, error)) = needs_client(&script) {
            let statement = Located { number, byte: None }.describe(&script);
            let migration = migration.name.clone();
            let failure = MigrationFailure { migration, error, statement, statements_done: None };
            return Err(Error::ReplayFailed(Box::new(failure)));
        }
        let mut result = if whole { replay_whole(session, &script).await } else { Ok(()) };
        let again = matches!(&result, Err(Stop::Refused(failure)) if asks_for_steps(failure));
        if (again && script.is_certain()) || !whole {
            result = replay_in_steps(session, &script).await;
        }
        match result {
            Ok(()) => {}
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Refused(mut failure)) => {
                failure.migration.clone_from(&migration.name);
                return Err(Error::ReplayFailed(failure));
            }
        }
        if script.changes_session() {
            session.run("restoring settings", &session.restore_settings()).await?;
        }
    }
    Ok(())
}

/// Runs one statement of a migration as it stands, by its number from 0.
///
/// # Errors
/// [`Error::ReplayFailed`] when the server refuses it; a transaction that was open is rolled back then.
pub async fn replay_statement(
    session: &Session,
    migration: &Migration,
    script: &Script<'_>,
    at: usize,
) -> Result<(), Error> {
    if let Some((number, error)) = needs_client(script).filter(|(number, _)| *number == at) {
        let statement = Located { number, byte: None }.describe(script);
        let migration = migration.name.clone();
        let failure = MigrationFailure { migration, error, statement, statements_done: Some(at) };
        return Err(Error::ReplayFailed(Box::new(failure)));
    }
    match send(session, script, &Message::verbatim(script, at..at + 1)).await {
        Ok(()) => Ok(()),
        Err(Stop::Refused(failure)) if is_existing_role(&failure) => Ok(()),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Refused(mut failure)) => {
            failure.migration.clone_from(&migration.name);
            Err(Error::ReplayFailed(failure))
        }
    }
}

/// Fails if a database holds anything that a user made: it is not to be used as a shadow.
pub async fn ensure_empty(session: &Session) -> Result<(), Error> {
    let question = "
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT EXISTS (
                  SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
        UNION ALL
        SELECT pg_catalog.format('%I.%I', n.nspname, t.typname)
        FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND t.typtype IN ('e', 'd') AND NOT EXISTS (
                  SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid
                        AND d.deptype = 'e')
        UNION ALL
        SELECT pg_catalog.format('%I.%I()', n.nspname, p.proname)
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (
                  SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                        AND d.deptype = 'e')
        ORDER BY 1";
    let rows = session.rows("looking whether the shadow database is empty", question).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let found = rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect();
    Err(Error::ShadowNotEmpty { database: session.server().database.clone(), found })
}

/// Why a script did not go through.
enum Stop {
    Failed(Error),
    Refused(Box<MigrationFailure>),
}

/// Whether one message does what the script means: it is one transaction then.
fn goes_as_one_message(script: &Script<'_>) -> bool {
    let controls = |kind: &Kind| matches!(kind, Kind::Begin | Kind::Commit | Kind::Rollback);
    let batches = script.batches(Boundaries::Absorbed, &BTreeSet::new());
    !script.is_certain()
        || !script.statements().iter().any(|statement| controls(&statement.kind))
            && batches.is_some_and(|batches| {
                matches!(batches.as_slice(), [] | [Batch::Transaction { .. }])
            })
}

/// Whether a script that was refused as one message may pass statement by statement.
fn asks_for_steps(failure: &MigrationFailure) -> bool {
    // active_sql_transaction, invalid_transaction_termination, unsafe_new_enum_value_usage,
    // object_in_use; duplicate_object for roles.
    matches!(&*failure.error.sqlstate, "25001" | "2D000" | "55P04" | "55006")
        || is_existing_role(failure)
}

/// Whether it failed because a role is there already.
fn is_existing_role(failure: &MigrationFailure) -> bool {
    failure.error.sqlstate == "42710"
        && failure.statement.as_ref().is_some_and(|statement| {
            let mut words = statement.text.split_whitespace().map(str::to_ascii_uppercase);
            words.next().is_some_and(|word| word == "CREATE")
                && words.next().is_some_and(|word| matches!(&*word, "ROLE" | "USER" | "GROUP"))
        })
}

async fn replay_whole(session: &Session, script: &Script<'_>) -> Result<(), Stop> {
    send(session, script, &Message::verbatim(script, 0..script.statements().len())).await
}

async fn replay_in_steps(session: &Session, script: &Script<'_>) -> Result<(), Stop> {
    for at in 0..script.statements().len() {
        match send(session, script, &Message::verbatim(script, at..at + 1)).await {
            Err(Stop::Refused(failure)) if is_existing_role(&failure) => {}
            result => result?,
        }
    }
    Ok(())
}

async fn send(session: &Session, script: &Script<'_>, message: &Message<'_>) -> Result<(), Stop> {
    let Ran { completed, error } = session.run_counting(&message.text, &Cancel::default()).await;
    let Some(error) = error else { return Ok(()) };
    let error = session.error("replaying a migration", &error).into_server_error();
    let error = error.map_err(Stop::Failed)?;
    session.run("rolling back", "ROLLBACK").await.map_err(Stop::Failed)?;
    let located = message.locate(&error, completed);
    let statement = located.and_then(|located| located.describe(script));
    let migration = String::new();
    Err(Stop::Refused(Box::new(MigrationFailure {
        migration,
        error,
        statement,
        statements_done: None,
    })))
}
