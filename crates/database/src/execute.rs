//! Scripts of the user's and changes without a history.

use serde::Serialize;
use tokio_postgres::SimpleQueryMessage;

use crate::deploy::{FailedStatement, Located, Message, needs_client};
use crate::{Cancel, Error, ServerError, Session};
use script::Script;

/// What a script gave.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Executed {
    /// The rows of each statement that gives rows.
    pub results: Vec<ResultSet>,
    /// What the server remarked.
    pub notices: Vec<ServerError>,
}

/// The rows of one statement; every value is as the server prints it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ResultSet {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows; null is none.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A script that the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptFailure {
    /// What the server said.
    pub error: ServerError,
    /// The statement it is about, if that is known.
    pub statement: Option<FailedStatement>,
}

/// Runs a script as one simple query, as Prisma does: a transaction, unless it has its own.
///
/// When the user interrupts, the server is asked to stop, and its answer is waited for.
///
/// # Errors
/// When the server refuses the script, or the connection breaks.
pub async fn execute(session: &Session, text: &str, cancel: &Cancel) -> Result<Executed, Error> {
    let script = Script::parse(text);
    if let Some((number, error)) = needs_client(&script) {
        let statement = Located { number, byte: None }.describe(&script);
        return Err(Error::ScriptFailed(Box::new(ScriptFailure { error, statement })));
    }
    // Before anything runs there is nothing that the server could be asked to stop.
    if cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    drop(session.take_notices());
    let client = session.client();
    let answer = client.simple_query(text);
    tokio::pin!(answer);
    let messages = tokio::select! {
        biased;
        messages = &mut answer => messages,
        () = cancel.cancelled() => {
            session.cancel_running().await;
            let messages = answer.await;
            // It may have been done before it heard.
            if messages.is_err() {
                return Err(Error::Interrupted);
            }
            messages
        }
    };
    let messages = match messages {
        Ok(messages) => messages,
        Err(error) => {
            let error = session.error("running the script", &error).into_server_error()?;
            let whole = Message::verbatim(&script, 0..script.statements().len());
            let located = error.position.and_then(|_| whole.locate(&error, 0));
            let statement = located.and_then(|located| located.describe(&script));
            return Err(Error::ScriptFailed(Box::new(ScriptFailure { error, statement })));
        }
    };
    let mut executed = Executed::default();
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                let columns = columns.iter().map(|column| column.name().to_owned()).collect();
                executed.results.push(ResultSet { columns, rows: Vec::new() });
            }
            SimpleQueryMessage::Row(row) => {
                let values = (0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect();
                if let Some(result) = executed.results.last_mut() {
                    result.rows.push(values);
                }
            }
            SimpleQueryMessage::CommandComplete(_) | _ => {}
        }
    }
    executed.notices = session.take_notices();
    Ok(executed)
}

/// Carries statements out in one transaction, all or none. `first` are those whose effect the rest may
/// need committed, such as new labels of an enum type: where the server asks for that, they get a
/// transaction of their own.
///
/// # Errors
/// When the server refuses one, or the connection breaks.
pub async fn carry_out(
    session: &Session,
    first: &[String],
    rest: &[String],
    cancel: &Cancel,
) -> Result<(), Error> {
    session.ensure_writable().await?;
    let all: Vec<String> = first.iter().chain(rest).cloned().collect();
    match transaction(session, &all, cancel).await {
        // unsafe_new_enum_value_usage
        Err(Error::Server { cause, .. }) if cause.sqlstate == "55P04" => {
            transaction(session, first, cancel).await?;
            transaction(session, rest, cancel).await
        }
        result => result,
    }
}

async fn transaction(
    session: &Session,
    statements: &[String],
    cancel: &Cancel,
) -> Result<(), Error> {
    if cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    let mut script = "BEGIN;\n".to_owned();
    for statement in statements {
        script.push_str(statement);
        script.push_str(";\n");
    }
    script.push_str("COMMIT;\n");
    let Some(error) = session.run_counting(&script, cancel).await.error else { return Ok(()) };
    let error = session.error("changing the database", &error);
    if let Error::Server { .. } = &error {
        session.run("rolling back", "ROLLBACK").await?;
    }
    Err(if cancel.is_cancelled() { Error::Interrupted } else { error })
}
