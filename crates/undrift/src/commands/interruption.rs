//! Ctrl-C for commands that must end in order.

use engine::Cancel;

/// Does `work`, which is told through its argument when the user interrupts.
pub(super) async fn watched<T>(work: impl AsyncFnOnce(Cancel) -> T) -> T {
    let (canceller, cancel) = Cancel::new();
    let interrupted = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            canceller.cancel();
        }
        // Dropped only now: without its canceller a run could not be told to stop.
        drop(canceller);
    });
    let result = work(cancel).await;
    interrupted.abort();
    result
}
