//! What the database crate tells of a long run, in words.

use std::time::{Duration, Instant};

use database::{Advance, Attempt, LockHolder};

use crate::Progress;

/// How often something that goes on is told to who reads it later.
const REMINDER: Duration = Duration::from_secs(30);

/// How long something is in the way before it is worth a notice.
const NOTICEABLE: Duration = Duration::from_secs(3);

/// What the database crate tells, passed on.
pub(crate) struct Heard<'a> {
    progress: &'a mut (dyn Progress + 'a),
    reminded: Option<Instant>,
    /// Whom a notice named last.
    named: Vec<i32>,
}

impl<'a> Heard<'a> {
    pub(crate) fn new(progress: &'a mut (dyn Progress + 'a)) -> Self {
        Self { progress, reminded: None, named: Vec::new() }
    }

    /// Shows what goes on, and leaves a notice of it now and then, for where nothing moves.
    fn goes_on(&mut self, text: &str) {
        self.progress.busy(text);
        let now = Instant::now();
        match self.reminded {
            Some(at) if now.duration_since(at) < REMINDER => {}
            Some(_) => {
                self.reminded = Some(now);
                self.progress.notice(text);
            }
            None => self.reminded = Some(now),
        }
    }
}

/// Sessions, one after the other.
fn list(holders: &[LockHolder]) -> String {
    let holders: Vec<String> = holders.iter().map(ToString::to_string).collect();
    holders.join("; ")
}

/// A short time, in words.
fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} s", time.as_secs())
    }
}

impl database::Progress for Heard<'_> {
    fn waiting_for_lock(&mut self, waited: Duration, limit: Duration, holders: &[LockHolder]) {
        self.goes_on(&format!(
            "waiting for the migration lock, {} of {} s; held by {}",
            waited.as_secs(),
            limit.as_secs(),
            list(holders)
        ));
    }

    fn migration_started(&mut self, name: &str, statements_done: usize) {
        if statements_done == 0 {
            self.progress.busy(&format!("applying {name}"));
        } else {
            self.progress.notice(&format!(
                "{name} was interrupted after {statements_done} statements and goes on from there"
            ));
        }
    }

    fn statement_started(&mut self, name: &str, statement: &str) {
        self.reminded = None;
        let shown = script::without_passwords(statement);
        let first = shown.lines().next().unwrap_or_default();
        self.progress.busy(&format!("applying {name}: {first}"));
    }

    fn blocked(&mut self, name: &str, waited: Duration, by: &[LockHolder]) {
        let who = list(by);
        let text = format!("{name} waits for a lock, {}; in the way is {who}", seconds(waited));
        let pids: Vec<i32> = by.iter().map(|holder| holder.pid).collect();
        if waited >= NOTICEABLE && self.named != pids {
            self.named = pids;
            let ends: Vec<String> = by.iter().map(LockHolder::ending).collect();
            self.progress.notice(&format!("{text}\n  to end that: {}", ends.join(" ")));
            return;
        }
        self.goes_on(&text);
    }

    fn advanced(&mut self, name: &str, took: Duration, advance: &Advance) {
        self.goes_on(&format!("applying {name}, {}: {advance}", seconds(took)));
    }

    fn lock_timed_out(&mut self, name: &str, attempt: Attempt, pause: Duration, by: &[LockHolder]) {
        let who =
            if by.is_empty() { String::new() } else { format!("; in the way is {}", list(by)) };
        self.progress.notice(&format!(
            "{name}: no lock in attempt {} of {}{who}. Rolled back, again in {}",
            attempt.number,
            attempt.of,
            seconds(pause)
        ));
    }

    fn connection_lost(&mut self, cause: &str, limit: Duration) {
        self.progress.notice(&format!(
            "the connection is lost: {cause}. Connecting again, for {} at most",
            seconds(limit)
        ));
    }

    fn reconnecting(&mut self, waited: Duration, limit: Duration, cause: &str) {
        self.goes_on(&format!(
            "no connection yet, {} of {}: {cause}",
            seconds(waited),
            seconds(limit)
        ));
    }

    fn reconnected(&mut self, waited: Duration) {
        self.progress.notice(&format!(
            "connected again after {}; going on from where the database stands",
            seconds(waited)
        ));
    }

    fn interrupted(&mut self, name: &str, statements_done: usize, of: usize) {
        self.progress.notice(&match statements_done {
            0 => format!("{name}: stopped and rolled back; nothing of it took effect"),
            done => format!(
                "{name}: stopped; {done} of its {of} statements took effect and stay, the next deploy goes \
                 on from there"
            ),
        });
    }

    fn invalid_index_dropped(&mut self, name: &str, index: &str) {
        self.progress
            .notice(&format!("{name}: dropped {index}, which an earlier run left half built"));
    }
}
