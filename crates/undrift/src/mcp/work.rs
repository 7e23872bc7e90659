//! Running the engine for a client: on a thread of its own, with progress told and cancelling heard.
//!
//! The engine's futures stay on the thread that they begin on; the protocol's do not.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use engine::{Approvals, Cancel, Canceller, Error, Project, Settings};
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::tools::Entry;
use super::{Allow, Start};

/// How many calls are worked on at once; the others wait.
const AT_ONCE: usize = 4;

/// The calls that are worked on.
pub(crate) struct Jobs {
    running: Mutex<Vec<Job>>,
    places: Semaphore,
}

struct Job {
    canceller: Arc<Canceller>,
    thread: JoinHandle<()>,
}

/// What a tool works with.
pub(crate) struct Call {
    pub(crate) settings: Settings,
    pub(crate) project: Project,
    pub(crate) allow: Allow,
    pub(crate) approvals: Approvals,
    pub(crate) cancel: Cancel,
    pub(crate) progress: Told,
}

/// Passes on what is going on.
pub(crate) struct Told(mpsc::UnboundedSender<String>);

impl engine::Progress for Told {
    fn busy(&mut self, doing: &str) {
        // A client that has left is not told.
        drop(self.0.send(doing.to_owned()));
    }

    fn notice(&mut self, text: &str) {
        drop(self.0.send(text.to_owned()));
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self { running: Mutex::default(), places: Semaphore::new(AT_ONCE) }
    }
}

impl Jobs {
    /// Calls a tool, and waits for its result.
    pub(super) async fn run(
        &self,
        start: &Arc<Start>,
        entry: &'static Entry,
        arguments: Value,
        context: &RequestContext<RoleServer>,
    ) -> Result<Value, Error> {
        let Ok(_place) = self.places.acquire().await else { return Err(Error::Interrupted) };
        let (canceller, cancel) = Cancel::new();
        let canceller = Arc::new(canceller);
        let (progress, mut told) = mpsc::unbounded_channel();
        let (sender, mut result) = oneshot::channel();
        let start = Arc::clone(start);
        let work = move || {
            // Nobody may wait for it any more.
            drop(sender.send(work(&start, entry, arguments, cancel, Told(progress))));
        };
        let thread = std::thread::Builder::new().name(entry.name.to_owned()).spawn(work);
        let thread = thread.map_err(|cause| Error::Usage(format!("starting a thread: {cause}")))?;
        {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.retain(|job| !job.thread.is_finished());
            running.push(Job { canceller: Arc::clone(&canceller), thread });
        }
        let mut teller = Teller::new(context);
        let mut is_cancelled = false;
        loop {
            tokio::select! {
                Some(text) = told.recv() => teller.tell(text).await,
                outcome = &mut result => return outcome.unwrap_or(Err(Error::Interrupted)),
                () = context.ct.cancelled(), if !is_cancelled => {
                    canceller.cancel();
                    is_cancelled = true;
                }
            }
        }
    }

    /// Tells all to stop, and waits until they have.
    pub(super) fn end(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for job in running.iter() {
            job.canceller.cancel();
        }
        for job in running.drain(..) {
            drop(job.thread.join());
        }
    }
}

/// Does the work, on this thread.
fn work(
    start: &Start,
    entry: &Entry,
    arguments: Value,
    cancel: Cancel,
    mut progress: Told,
) -> Result<Value, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| Error::Usage(format!("starting the runtime: {cause}")))?;
    let settings = start.settings.clone();
    let project = engine::open(&settings)?;
    for warning in &project.warnings {
        engine::Progress::notice(&mut progress, warning);
    }
    let ended = cancel.clone();
    let (allow, approvals) = (start.allow, start.approvals.clone());
    let call = Call { settings, project, allow, approvals, cancel, progress };
    runtime.block_on(async {
        let outcome = (entry.run)(arguments, call);
        if entry.needs == Allow::Apply {
            // It sees to it itself that it ends in order.
            return outcome.await;
        }
        tokio::select! {
            outcome = outcome => outcome,
            () = ended.cancelled() => Err(Error::Interrupted),
        }
    })
}

/// Tells a client that asked for it what is going on.
struct Teller<'a> {
    peer: &'a Peer<RoleServer>,
    token: Option<ProgressToken>,
    told: f64,
}

impl<'a> Teller<'a> {
    fn new(context: &'a RequestContext<RoleServer>) -> Self {
        Self { peer: &context.peer, token: context.meta.get_progress_token(), told: 0.0 }
    }

    async fn tell(&mut self, text: String) {
        let Some(token) = self.token.clone() else { return };
        self.told += 1.0;
        let told = ProgressNotificationParam::new(token, self.told).with_message(text);
        // A client that has left is not told.
        drop(self.peer.notify_progress(told).await);
    }
}
