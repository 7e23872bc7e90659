//! Applying one migration.

use super::effect::{Effect, effect, is_knowable};
use super::message::Located;
use super::{DeployOptions, Message, MigrationFailure};
use crate::history::{Entry, JOURNAL, JOURNAL_UNKNOWABLE, TABLE, denied, write};
use crate::lock::lock;
use crate::progress::{Progress, Silent};
use crate::session::Ran;
use crate::{Error, ServerError, Session};
use project::Migration;
use script::{Alone, Batch, Boundaries, Ending, Kind, Script};
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;
use tokio::time::sleep;

/// A migration that is being applied.
pub(super) struct Run<'a> {
    pub(super) session: &'a Session,
    pub(super) options: &'a DeployOptions,
    pub(super) migration: &'a Migration,
    pub(super) entry: &'a Entry,
    pub(super) last_word: LastWord,
}

/// Who says that a migration is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastWord {
    /// Its last transaction, or a statement behind its last step.
    Run,
    /// The caller, with the script that [`Run::apply`] answers: the last transaction is open until then.
    Caller,
}

/// How far a migration is.
struct State {
    /// Whether its row is in the history.
    recorded: bool,
    /// How many of its statements are done.
    done: usize,
    /// Whether the next statement may have been begun by an earlier run.
    resumed: bool,
    boundaries: Boundaries,
    /// Statements seen to be refused in a transaction.
    alone: BTreeSet<usize>,
    /// What the caller has to send at the end.
    left_to_say: String,
}

/// Why a batch did not go through.
enum Stop {
    /// Nothing to be done about it.
    Failed(Error),
    /// The server stopped a statement; what was sent with it is rolled back.
    Refused { error: ServerError, located: Option<Located> },
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Run<'_> {
    /// Applies the migration; `recorded` and `done` say how far an earlier run came. Answers what is left
    /// to say to the server.
    pub(super) async fn apply(
        &self,
        recorded: bool,
        done: usize,
        progress: &mut dyn Progress,
    ) -> Result<String, Error> {
        let script = Script::parse(&self.migration.script);
        let mut state = State {
            recorded,
            done,
            resumed: recorded,
            boundaries: Boundaries::Absorbed,
            alone: BTreeSet::new(),
            left_to_say: String::new(),
        };
        if let Some((number, error)) = needs_client(&script) {
            let located = Some(Located { number, byte: None });
            return Err(self.record_failure(&script, &state, error, located).await);
        }
        let mut attempt = 1;
        loop {
            let (error, located) = match self.run(&script, &mut state, progress).await {
                Ok(()) => return Ok(state.left_to_say),
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Refused { error, located }) => (error, located),
            };
            if self.options.cancel.is_cancelled() && error.sqlstate == "57014" {
                return Err(Error::Interrupted);
            }
            let rolled_back = state.is_rolled_back(&script, located);
            if rolled_back && self.should_try_again(&error, attempt).await {
                attempt += 1;
            } else if !rolled_back || !state.replan(&script, &error, located) {
                return Err(self.record_failure(&script, &state, error, located).await);
            }
        }
    }

    /// Runs what is left of the migration.
    async fn run(
        &self,
        script: &Script<'_>,
        state: &mut State,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        let batches = match script.batches(state.boundaries, &state.alone) {
            Some(batches) if script.is_certain() => batches,
            Some(_) | None => return self.run_as_it_stands(script, state).await,
        };
        let end = script.statements().len();
        if state.done >= end {
            // An empty script, or a kill before the last word.
            return self.run_transaction(script, end..end, Ending::Commit, state).await;
        }
        for batch in batches {
            let statements = batch.statements();
            if statements.end <= state.done {
                continue;
            }
            match batch {
                Batch::Transaction { statements, ending } => {
                    let rest = statements.start.max(state.done)..statements.end;
                    self.run_transaction(script, rest, ending, state).await?;
                }
                Batch::Alone(at) => self.run_alone(script, at, state, progress).await?,
            }
            state.done = statements.end;
            state.resumed = false;
        }
        Ok(())
    }

    /// Runs statements and their mark in the history as one transaction.
    async fn run_transaction(
        &self,
        script: &Script<'_>,
        statements: Range<usize>,
        ending: Ending,
        state: &mut State,
    ) -> Result<(), Stop> {
        let end = statements.end;
        let mut before = vec!["BEGIN".to_owned()];
        if let Some(locks) = self.options.table_locks {
            before.push(format!("SET LOCAL lock_timeout = '{}ms'", locks.wait.as_millis()));
        }
        before.extend(settings(script, statements.start));
        let mark = self.mark(script, end, state);
        let restore =
            if script.changes_session() { self.session.restore_settings() } else { String::new() };
        let (mut after, last_word) = match ending {
            Ending::Commit => (String::new(), format!("{restore}{mark};COMMIT")),
            Ending::Rollback => (format!("ROLLBACK;{restore}"), mark),
        };
        if self.is_callers(script, end) {
            state.left_to_say = last_word;
        } else {
            after.push_str(&last_word);
        }
        let message = Message::new(script, statements, &before, &after);
        self.send(&message).await?;
        state.recorded = true;
        Ok(())
    }

    /// Whether what is to be said after so many statements is left to the caller.
    fn is_callers(&self, script: &Script<'_>, done: usize) -> bool {
        self.last_word == LastWord::Caller && done >= script.statements().len()
    }

    /// Runs one statement outside any transaction, then looks whether it took effect.
    async fn run_alone(
        &self,
        script: &Script<'_>,
        at: usize,
        state: &mut State,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        let alone = match script.statements().get(at).map(|statement| &statement.kind) {
            Some(Kind::Alone(alone)) => alone.clone(),
            // Refused in a transaction without its words saying so: a procedure that commits.
            _ => Alone::Unknowable,
        };
        let schema = &self.session.server().schema;
        let journal = if is_knowable(&alone) { JOURNAL } else { JOURNAL_UNKNOWABLE };
        if !state.recorded {
            let insert = self.entry.insert_started(schema, Some(journal), at);
            write(self.session, "recording a migration as begun", &insert).await?;
            state.recorded = true;
        } else if !is_knowable(&alone) || state.resumed {
            let update = self.entry.update_steps(schema, at, journal);
            write(self.session, "recording how far a migration is", &update).await?;
        }
        for setting in settings(script, at) {
            self.session.run("restoring the script's settings", &setting).await?;
        }

        let message = Message::verbatim(script, at..at + 1);
        let statement = message.text.clone();
        match effect(self.session, &alone).await? {
            Effect::Done if state.resumed => {}
            Effect::InvalidIndex { index } => {
                let name = &self.migration.name;
                progress.invalid_index_dropped(name, &index);
                let drop = format!("DROP INDEX CONCURRENTLY {index}");
                self.session.run("dropping an index left half built", &drop).await?;
                progress.statement_started(name, &statement);
                self.send(&message).await?;
            }
            Effect::Remaining(rest) => {
                self.session.run("finishing a statement left half done", &rest).await?;
            }
            // On a first run the server itself says that there is such a thing already.
            Effect::Done | Effect::NotDone | Effect::Unknowable => {
                progress.statement_started(&self.migration.name, &statement);
                self.send(&message).await?;
            }
        }
        if let Effect::InvalidIndex { index } = effect(self.session, &alone).await? {
            let message = format!("the index {index} was built, but is not valid");
            let hint = "Drop it and run the migration again.";
            return Err(Stop::Refused {
                error: ServerError::ours("55000", &message, hint),
                located: Some(Located { number: at, byte: None }),
            });
        }
        if script.changes_session() {
            self.session.run("restoring settings", &self.session.restore_settings()).await?;
            // DISCARD ALL gives all advisory locks back.
            let (lock_options, cancel) = (self.options.lock, &self.options.cancel);
            if statement.to_ascii_uppercase().starts_with("DISCARD") {
                lock(self.session, lock_options, cancel, &mut Silent).await?;
            }
        }
        let mark = self.mark(script, at + 1, state);
        if self.is_callers(script, at + 1) {
            state.left_to_say = mark;
            return Ok(());
        }
        write(self.session, "recording how far a migration is", &mark).await?;
        Ok(())
    }

    /// Sends a script whose transaction control, or whose boundaries, cannot be taken apart.
    async fn run_as_it_stands(&self, script: &Script<'_>, state: &mut State) -> Result<(), Stop> {
        let schema = &self.session.server().schema;
        if !state.recorded {
            let insert = self.entry.insert_started(schema, None, 0);
            write(self.session, "recording a migration as begun", &insert).await?;
            state.recorded = true;
        }
        self.send(&Message::verbatim(script, 0..script.statements().len())).await?;
        if self.session.is_in_transaction().await? {
            self.session.run("rolling back", "ROLLBACK").await?;
            return Err(Stop::Refused { error: left_open(), located: None });
        }
        let restore = self.session.restore_settings();
        self.session.run("restoring settings", &restore).await?;
        let mark = self.entry.update_finished(schema);
        match self.last_word {
            LastWord::Run => write(self.session, "recording a migration", &mark).await?,
            LastWord::Caller => state.left_to_say = mark,
        }
        Ok(())
    }

    /// The statement that tells the history how far the migration is.
    fn mark(&self, script: &Script<'_>, done: usize, state: &State) -> String {
        let schema = &self.session.server().schema;
        let finished = done >= script.statements().len();
        match (state.recorded, finished) {
            (false, true) => self.entry.insert_applied(schema),
            (false, false) => self.entry.insert_started(schema, Some(JOURNAL), done),
            (true, false) => self.entry.update_steps(schema, done, JOURNAL),
            (true, true) => self.entry.update_finished(schema),
        }
    }

    async fn send(&self, message: &Message<'_>) -> Result<(), Stop> {
        let Ran { completed, error } =
            self.session.run_counting(&message.text, &self.options.cancel).await;
        let Some(error) = error else { return Ok(()) };
        let error = self.session.error("applying a migration", &error).into_server_error()?;
        self.session.run("rolling back", "ROLLBACK").await?;
        let located = message.locate(&error, completed);
        // Not the script's statement but our own: it is the history that may not be written.
        if located.is_none() && error.is_insufficient_privilege() && error.message.contains(TABLE) {
            let cause = Box::new(error);
            let error = Error::Server { doing: "recording a migration".to_owned(), cause };
            return Err(Stop::Failed(denied(self.session, error, "write").await));
        }
        Err(Stop::Refused { error, located })
    }

    /// Whether a lock on a table was not to be had and there are attempts left; waits if so.
    async fn should_try_again(&self, error: &ServerError, attempt: u32) -> bool {
        let Some(locks) = self.options.table_locks else { return false };
        // lock_not_available, deadlock_detected
        if !matches!(error.sqlstate.as_str(), "55P03" | "40P01") || attempt >= locks.attempts {
            return false;
        }
        let pause = Duration::from_millis(200).saturating_mul(1 << attempt.min(6));
        tokio::select! {
            () = sleep(pause) => true,
            () = self.options.cancel.cancelled() => false,
        }
    }

    /// Leaves the row that Prisma leaves, so that either tool reports the failure.
    async fn record_failure(
        &self,
        script: &Script<'_>,
        state: &State,
        error: ServerError,
        located: Option<Located>,
    ) -> Error {
        let failure = MigrationFailure {
            migration: self.migration.name.clone(),
            error,
            statement: located.and_then(|located| located.describe(script)),
            statements_done: state.runs_in_batches(script).then_some(state.done),
        };
        let schema = &self.session.server().schema;
        let script = match (state.recorded, state.runs_in_batches(script)) {
            (false, _) => self.entry.insert_started(schema, Some(&failure.to_string()), 0),
            (true, false) => self.entry.update_failed(schema, &failure.to_string()),
            (true, true) => self.entry.update_failed(schema, &format!("{JOURNAL}\n\n{failure}")),
        };
        let restore = self.session.restore_settings();
        let restored = self.session.run("restoring settings", &restore).await;
        if let Err(error @ Error::ConnectionClosed { .. }) = restored {
            return error;
        }
        // Without the row the history says that the migration is pending, which is true as well.
        drop(write(self.session, "recording a failed migration", &script).await);
        Error::MigrationFailed(Box::new(failure))
    }
}

impl State {
    /// Whether the script is taken apart, rather than sent as it stands.
    fn runs_in_batches(&self, script: &Script<'_>) -> bool {
        script.is_certain() && script.batches(self.boundaries, &self.alone).is_some()
    }

    /// Whether nothing is left of what was refused, so that it can be run once more.
    fn is_rolled_back(&self, script: &Script<'_>, located: Option<Located>) -> bool {
        let commits_by_itself = located.is_some_and(|located| {
            let kind = script.statements().get(located.number).map(|statement| &statement.kind);
            self.alone.contains(&located.number) || kind == Some(&Kind::Alone(Alone::Unknowable))
        });
        self.runs_in_batches(script) && !commits_by_itself
    }

    /// Looks for another way to run a script, given why the last one was refused.
    fn replan(
        &mut self,
        script: &Script<'_>,
        error: &ServerError,
        located: Option<Located>,
    ) -> bool {
        match error.sqlstate.as_str() {
            // active_sql_transaction, invalid_transaction_termination: it wants to be alone.
            "25001" | "2D000" => {
                let Some(located) = located else { return false };
                let statement = script.statements().get(located.number);
                let fit = statement.is_some_and(|statement| {
                    matches!(statement.kind, Kind::Ordinary | Kind::AddLabel(_))
                        && !statement.lasts_for_transaction
                });
                fit && self.alone.insert(located.number)
            }
            // A label is used before its transaction ended, a table altered with triggers still to
            // fire: the script's own boundaries may be what makes it work.
            "55P04" | "55006" if self.boundaries == Boundaries::Absorbed => {
                self.boundaries = Boundaries::Own;
                script.batches(Boundaries::Own, &self.alone)
                    != script.batches(Boundaries::Absorbed, &self.alone)
            }
            _ => false,
        }
    }
}

/// The settings that a script made before one of its statements.
fn settings(script: &Script<'_>, before: usize) -> Vec<String> {
    let earlier = script.statements().get(..before).unwrap_or_default();
    earlier
        .iter()
        .filter(|statement| statement.is_setting)
        .map(|statement| script.statement_text(statement).to_owned())
        .collect()
}

/// The statement that waits for data from a client, if there is one. Sent to the server, it would
/// wait for ever.
pub(crate) fn needs_client(script: &Script<'_>) -> Option<(usize, ServerError)> {
    let number =
        script.statements().iter().position(|statement| statement.kind == Kind::CopyStream)?;
    let error = ServerError::ours(
        "0A000",
        "COPY from STDIN or to STDOUT needs a client that has the data",
        "Write INSERT statements instead, or load the data with psql.",
    );
    Some((number, error))
}

fn left_open() -> ServerError {
    ServerError::ours(
        "25000",
        "the script begins a transaction that it does not end; what it did is rolled back",
        "Add COMMIT, or leave BEGIN out: undrift runs it in a transaction.",
    )
}
