//! Ctrl-C, and `SIGTERM` as schedulers and `docker stop` send it, for commands that must end in order.

use engine::Cancel;

/// Waits until the user, or whoever runs us, asks to stop.
///
/// # Errors
/// When the system does not let us hear it.
pub(super) async fn asked() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Does `work`, which is told through its argument when it is asked to stop.
pub(super) async fn watched<T>(work: impl AsyncFnOnce(Cancel) -> T) -> T {
    let (canceller, cancel) = Cancel::new();
    let interrupted = tokio::spawn(async move {
        if asked().await.is_ok() {
            canceller.cancel();
        }
        // Dropped only now: without its canceller a run could not be told to stop.
        drop(canceller);
    });
    let result = work(cancel).await;
    interrupted.abort();
    result
}
