//! What every operation of a store has in common: it ends in time, and it is seen in traces and metrics.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use tracing::Instrument as _;

use super::error::StoreError;

/// The answer, or an error that names the store if there is none within `patience`.
pub(crate) async fn observe<T>(
    store: &'static str,
    operation: &'static str,
    patience: Duration,
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let began = Instant::now();
    let span = tracing::debug_span!("store", store, operation);
    let answer = match timeout(patience, answer).instrument(span).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::new(TooSlow(patience))),
    };
    count(store, operation, answer.is_ok(), began.elapsed());
    answer.map_err(|error| error.of(store, operation))
}

/// An operation by store and name: how long it took, and whether it failed.
#[cfg(feature = "metrics")]
fn count(store: &'static str, operation: &'static str, is_ok: bool, took: Duration) {
    let outcome = if is_ok { "ok" } else { "error" };
    metrics::histogram!(
        "auth_store_operation_duration_seconds",
        "store" => store, "operation" => operation, "outcome" => outcome
    )
    .record(took.as_secs_f64());
}

#[cfg(not(feature = "metrics"))]
fn count(_store: &'static str, _operation: &'static str, _is_ok: bool, _took: Duration) {}

#[derive(Debug, thiserror::Error)]
#[error("no answer within {} ms", _0.as_millis())]
struct TooSlow(Duration);
