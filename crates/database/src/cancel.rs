//! A wish to stop, passed down from whoever heard the user.

use tokio::sync::watch;

/// Says when to stop. Cheap to clone; the default never says so.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Option<watch::Receiver<bool>>);

/// The other end of a [`Cancel`].
#[derive(Debug)]
pub struct Canceller(watch::Sender<bool>);

impl Cancel {
    /// A pair of ends.
    pub fn new() -> (Canceller, Self) {
        let (sender, receiver) = watch::channel(false);
        (Canceller(sender), Self(Some(receiver)))
    }

    /// Whether it is time to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.as_ref().is_some_and(|receiver| *receiver.borrow())
    }

    /// Waits until it is time to stop.
    pub async fn cancelled(&self) {
        if let Some(receiver) = &self.0 {
            let mut receiver = receiver.clone();
            if receiver.wait_for(|cancelled| *cancelled).await.is_ok() {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

impl Canceller {
    /// Tells everybody to stop.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}
