//! Applying one migration.

use super::effect::{Effect, effect, is_knowable, leftovers};
use super::message::Located;
use super::{Blocked, DeployOptions, Message, MigrationFailure};
use crate::history::{Entry, JOURNAL, JOURNAL_UNKNOWABLE, TABLE, denied, write};
use crate::lock::lock_again;
use crate::patience::Pauses;
use crate::progress::{Attempt, Progress, Silent};
use crate::session::Ran;
use crate::watch::Watch;
use crate::{Error, ServerError, Session};
use project::Migration;
use script::{Alone, Batch, Boundaries, Ending, Kind, Script};
use std::collections::BTreeSet;
use std::fmt::Write as _;
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
struct State<'a> {
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
    /// Who looks at its statements.
    watch: Watch<'a>,
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
            watch: Watch::new(self.session, self.options.table_locks.map(|locks| locks.wait)),
        };
        if let Some((number, error)) = needs_client(&script) {
            let located = Some(Located { number, byte: None });
            return Err(self.record_failure(&script, &state, error, located).await);
        }
        let mut retries = Retries::new(self.options, done);
        loop {
            let (error, located) = match self.run(&script, &mut state, progress).await {
                Ok(()) => return Ok(state.left_to_say),
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Refused { error, located }) => (error, located),
            };
            if self.options.cancel.is_cancelled() && error.sqlstate == "57014" {
                return Err(self.interrupted(&script, &state, progress));
            }
            let rolled_back = state.is_rolled_back(&script, located);
            if rolled_back && is_about_locks(&error) {
                let blockers = state.watch.take_blockers();
                let Some((attempt, pause)) = retries.next(state.done) else {
                    let statement = located.and_then(|located| located.describe(&script));
                    let blocked = Blocked {
                        migration: self.migration.name.clone(),
                        error,
                        statement,
                        attempts: retries.attempts(),
                        statements_done: state.done,
                        blockers,
                    };
                    return Err(self.leave_pending(&script, &state, blocked).await);
                };
                progress.lock_timed_out(&self.migration.name, attempt, pause, &blockers);
                tokio::select! {
                    () = sleep(pause) => {}
                    () = self.options.cancel.cancelled() => {
                        return Err(self.interrupted(&script, &state, progress));
                    }
                }
            } else if !rolled_back || !state.replan(&script, &error, located) {
                return Err(self.record_failure(&script, &state, error, located).await);
            }
        }
    }

    /// Says where the migration stands.
    fn interrupted(
        &self,
        script: &Script<'_>,
        state: &State<'_>,
        progress: &mut dyn Progress,
    ) -> Error {
        if state.runs_in_batches(script) {
            progress.interrupted(&self.migration.name, state.done, script.statements().len());
        }
        Error::Interrupted
    }

    /// Runs what is left of the migration.
    async fn run(
        &self,
        script: &Script<'_>,
        state: &mut State<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        let batches = match script.batches(state.boundaries, &state.alone) {
            Some(batches) if script.is_certain() => batches,
            Some(_) | None => return self.run_as_it_stands(script, state, progress).await,
        };
        let end = script.statements().len();
        if state.done >= end {
            // An empty script, or a kill before the last word.
            return self.run_transaction(script, end..end, Ending::Commit, state, progress).await;
        }
        for batch in batches {
            let statements = batch.statements();
            if statements.end <= state.done {
                continue;
            }
            match batch {
                Batch::Transaction { statements, ending } => {
                    let rest = statements.start.max(state.done)..statements.end;
                    self.run_transaction(script, rest, ending, state, progress).await?;
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
        state: &mut State<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        let end = statements.end;
        let mut before = vec!["BEGIN".to_owned()];
        if let Some(locks) = self.options.table_locks {
            before.push(format!("SET LOCAL lock_timeout = '{}ms'", locks.wait.as_millis()));
        }
        if let Some(limit) = self.options.statement_timeout {
            before.push(format!("SET LOCAL statement_timeout = '{}ms'", limit.as_millis()));
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
        self.send(&message, state, progress).await?;
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
        state: &mut State<'_>,
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
        let message = Message::verbatim(script, at..at + 1);
        let statement = message.text.clone();
        let timeouts = self.timeouts_alone(&alone, &statement);
        if !timeouts.is_empty() {
            self.session.run("limiting the time", &timeouts).await?;
        }
        for setting in settings(script, at) {
            self.session.run("restoring the script's settings", &setting).await?;
        }

        match effect(self.session, &alone).await? {
            Effect::Done if state.resumed => {}
            Effect::InvalidIndex { index } => {
                self.drop_index(&message, &index, state, progress).await?;
                progress.statement_started(&self.migration.name, &statement);
                self.send(&message, state, progress).await?;
            }
            Effect::Remaining(rest) => {
                progress.statement_started(&self.migration.name, &rest);
                self.send(&message.with(rest), state, progress).await?;
            }
            // On a first run the server itself says that there is such a thing already.
            Effect::Done | Effect::NotDone | Effect::Unknowable => {
                if state.resumed {
                    for index in leftovers(self.session, &alone).await? {
                        self.drop_index(&message, &index, state, progress).await?;
                    }
                }
                progress.statement_started(&self.migration.name, &statement);
                self.send(&message, state, progress).await?;
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
        if script.changes_session() || !timeouts.is_empty() {
            self.session.run("restoring settings", &self.session.restore_settings()).await?;
        }
        // DISCARD ALL gives all advisory locks back.
        if statement.to_ascii_uppercase().starts_with("DISCARD") {
            let (lock, cancel) = (self.options.lock, &self.options.cancel);
            lock_again(self.session, lock, cancel, &mut Silent).await?;
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
    async fn run_as_it_stands(
        &self,
        script: &Script<'_>,
        state: &mut State<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        let schema = &self.session.server().schema;
        if !state.recorded {
            let insert = self.entry.insert_started(schema, None, 0);
            write(self.session, "recording a migration as begun", &insert).await?;
            state.recorded = true;
        }
        let whole = Message::verbatim(script, 0..script.statements().len());
        self.send(&whole, state, progress).await?;
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
    fn mark(&self, script: &Script<'_>, done: usize, state: &State<'_>) -> String {
        let schema = &self.session.server().schema;
        let finished = done >= script.statements().len();
        match (state.recorded, finished) {
            (false, true) => self.entry.insert_applied(schema),
            (false, false) => self.entry.insert_started(schema, Some(JOURNAL), done),
            (true, false) => self.entry.update_steps(schema, done, JOURNAL),
            (true, true) => self.entry.update_finished(schema),
        }
    }

    /// What limits a statement outside any transaction. Behind one that waits for its lock, all who want the
    /// table queue; but not behind those that let others write meanwhile. These wait as long as it takes,
    /// for they leave something half done when they give up.
    fn timeouts_alone(&self, alone: &Alone, statement: &str) -> String {
        let mut timeouts = String::new();
        if let Some(locks) = self.options.table_locks {
            let wait = if is_patient(alone, statement) { 0 } else { locks.wait.as_millis() };
            let _ = write!(timeouts, "SET lock_timeout = '{wait}ms';");
        }
        if let Some(limit) = self.options.statement_timeout {
            let _ = write!(timeouts, "SET statement_timeout = '{}ms';", limit.as_millis());
        }
        timeouts
    }

    /// Drops an index that an interrupted statement left.
    async fn drop_index(
        &self,
        of: &Message<'_>,
        index: &str,
        state: &mut State<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        progress.invalid_index_dropped(&self.migration.name, index);
        let drop = of.with(format!("DROP INDEX CONCURRENTLY IF EXISTS {index}"));
        self.send(&drop, state, progress).await
    }

    async fn send(
        &self,
        message: &Message<'_>,
        state: &mut State<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), Stop> {
        let (cancel, name) = (&self.options.cancel, &self.migration.name);
        let Ran { completed, error } = state.watch.run(&message.text, cancel, name, progress).await;
        let Some(error) = error else { return Ok(()) };
        let error = self.session.error("applying a migration", &error);
        if let Error::Server { .. } = &error {
            self.session.run("rolling back", "ROLLBACK").await?;
        }
        let error = self.session.unless_demoted(error).await.into_server_error()?;
        let located = message.locate(&error, completed);
        // Not the script's statement but our own: it is the history that may not be written.
        if located.is_none() && error.is_insufficient_privilege() && error.message.contains(TABLE) {
            let cause = Box::new(error);
            let error = Error::Server { doing: "recording a migration".to_owned(), cause };
            return Err(Stop::Failed(denied(self.session, error, "write").await));
        }
        Err(Stop::Refused { error, located })
    }

    /// Leaves a migration that could not get a lock as it was before: pending, or behind the statements that
    /// were done before.
    async fn leave_pending(
        &self,
        script: &Script<'_>,
        state: &State<'_>,
        blocked: Blocked,
    ) -> Error {
        let error = Error::Blocked(Box::new(blocked));
        let restore = self.session.restore_settings();
        drop(self.session.run("restoring settings", &restore).await);
        // What was written before the first statement is true of none.
        if state.recorded && state.done == 0 {
            let statement = script.statements().first();
            if let Some(Kind::Alone(alone)) = statement.map(|statement| &statement.kind)
                && matches!(effect(self.session, alone).await, Ok(Effect::NotDone))
            {
                let forget = self.entry.delete(&self.session.server().schema);
                drop(write(self.session, "recording that nothing was done", &forget).await);
            }
        }
        error
    }

    /// Leaves the row that Prisma leaves, so that either tool reports the failure.
    async fn record_failure(
        &self,
        script: &Script<'_>,
        state: &State<'_>,
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

impl State<'_> {
    /// Whether the script is taken apart, rather than sent as it stands.
    fn runs_in_batches(&self, script: &Script<'_>) -> bool {
        script.is_certain() && script.batches(self.boundaries, &self.alone).is_some()
    }

    /// Whether nothing is left of what was refused, so that it can be run once more.
    fn is_rolled_back(&self, script: &Script<'_>, located: Option<Located>) -> bool {
        let commits_by_itself = located.is_some_and(|located| {
            let kind = script.statements().get(located.number).map(|statement| &statement.kind);
            let is_unknowable = matches!(kind, Some(Kind::Alone(alone)) if !is_knowable(alone));
            self.alone.contains(&located.number) || is_unknowable
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

/// The attempts at one place of a migration.
struct Retries {
    /// How many there are.
    of: u32,
    number: u32,
    pauses: Pauses,
    fresh: Pauses,
    done: usize,
}

impl Retries {
    fn new(options: &DeployOptions, done: usize) -> Self {
        let locks = options.table_locks;
        let (first, longest) =
            locks.map(|locks| (locks.first_pause, locks.longest_pause)).unwrap_or_default();
        let pauses = Pauses::new(first, longest, options.seed);
        let of = locks.map_or(1, |locks| locks.attempts);
        Self { of, number: 1, fresh: pauses.clone(), pauses, done }
    }

    /// The attempt that failed and the pause before the next, if there is to be one. Where the migration has
    /// come further since, it is counted anew.
    fn next(&mut self, done: usize) -> Option<(Attempt, Duration)> {
        if done != self.done {
            (self.done, self.number, self.pauses) = (done, 1, self.fresh.clone());
        }
        if self.number >= self.of {
            return None;
        }
        let attempt = Attempt { number: self.number, of: self.of };
        self.number += 1;
        Some((attempt, self.pauses.next()?))
    }

    fn attempts(&self) -> u32 {
        self.number
    }
}

/// Whether an error is about who else was there at that moment: `lock_not_available`, `deadlock_detected`.
fn is_about_locks(error: &ServerError) -> bool {
    matches!(error.sqlstate.as_str(), "55P03" | "40P01")
}

/// Whether nobody who reads or writes a table has to queue behind the statement while it waits for a lock.
fn is_patient(alone: &Alone, statement: &str) -> bool {
    let text = statement.to_ascii_uppercase();
    match alone {
        Alone::CreateIndex { .. }
        | Alone::DropIndex { .. }
        | Alone::Reindex { .. }
        | Alone::Unknowable => true,
        Alone::Repeatable => text.starts_with("VACUUM") && !text.contains("FULL"),
        Alone::DetachPartition { .. }
        | Alone::CreateDatabase { .. }
        | Alone::DropDatabase { .. } => false,
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
