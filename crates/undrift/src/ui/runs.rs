//! What is being done, and what was: each run tells what it does as long as it goes on.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use engine::{Cancel, Canceller, Report};

/// The most that is kept of what a run tells.
const LONGEST: usize = 500;

/// A run.
pub(super) struct Run {
    pub(super) title: &'static str,
    pub(super) environment: String,
    started: Instant,
    /// After how many milliseconds it told what.
    pub(super) events: Vec<(u64, String)>,
    pub(super) outcome: Option<Result<String, Report>>,
    canceller: Canceller,
}

/// All runs of this server.
#[derive(Default)]
pub(super) struct Runs(RefCell<Vec<Rc<RefCell<Run>>>>);

impl Runs {
    /// Begins a run, and returns its number with what it hears a wish to stop by.
    pub(super) fn begin(&self, title: &'static str, environment: &str) -> (usize, Heard, Cancel) {
        let (canceller, cancel) = Cancel::new();
        let run = Rc::new(RefCell::new(Run {
            title,
            environment: environment.to_owned(),
            started: Instant::now(),
            events: Vec::new(),
            outcome: None,
            canceller,
        }));
        let mut runs = self.0.borrow_mut();
        runs.push(Rc::clone(&run));
        (runs.len() - 1, Heard(run), cancel)
    }

    /// The run with a number.
    pub(super) fn get(&self, number: usize) -> Option<Rc<RefCell<Run>>> {
        self.0.borrow().get(number).cloned()
    }

    /// Whether a run goes on.
    pub(super) fn are_busy(&self) -> bool {
        self.0.borrow().iter().any(|run| run.borrow().outcome.is_none())
    }

    /// Tells all runs to stop.
    pub(super) fn cancel(&self) {
        for run in &*self.0.borrow() {
            run.borrow().canceller.cancel();
        }
    }
}

/// Writes down what a run tells.
pub(super) struct Heard(Rc<RefCell<Run>>);

impl Heard {
    fn add(&mut self, text: &str) {
        let mut run = self.0.borrow_mut();
        let after = u64::try_from(run.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        // What counts seconds is one event that grows.
        let stem = |text: &str| {
            let stem = text.split_once(", ").map(|(stem, _)| stem.to_owned());
            stem.filter(|stem| !stem.contains(':'))
        };
        let begins_alike = |last: &str| stem(text).is_some() && stem(last) == stem(text);
        if let Some((_, last)) = run.events.last_mut()
            && (last == text || begins_alike(last))
        {
            text.clone_into(last);
            return;
        }
        if run.events.len() < LONGEST {
            run.events.push((after, text.to_owned()));
        }
    }

    /// Takes down what came of it.
    pub(super) fn end(&self, outcome: Result<String, Report>) {
        self.0.borrow_mut().outcome = Some(outcome);
    }
}

impl engine::Progress for Heard {
    fn busy(&mut self, doing: &str) {
        self.add(doing);
    }

    fn notice(&mut self, text: &str) {
        self.add(text);
    }
}

#[cfg(test)]
mod tests {
    use engine::Progress as _;

    use super::Runs;

    #[test]
    fn what_repeats_is_one_event() {
        let runs = Runs::default();
        let (number, mut heard, _cancel) = runs.begin("Deploy", "default");
        heard.busy("applying 1_a");
        heard.busy("applying 1_a");
        heard.busy("waiting for the migration lock, 1 of 10 s; held by process 7");
        heard.busy("waiting for the migration lock, 2 of 10 s; held by process 7");
        assert!(runs.are_busy());
        heard.end(Ok("done".to_owned()));
        assert!(!runs.are_busy());
        let run = runs.get(number).unwrap();
        let told: Vec<String> = run.borrow().events.iter().map(|(_, text)| text.clone()).collect();
        assert_eq!(
            told,
            ["applying 1_a", "waiting for the migration lock, 2 of 10 s; held by process 7"]
        );
    }
}
