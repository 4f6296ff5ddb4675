//! The timeout, the trace span and the metrics of every operation of a store.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use tracing::Instrument as _;

use super::error::StoreError;

/// Awaits the answer of a store, in a span and with metrics.
///
/// # Errors
///
/// The store failed, or did not answer within `patience`. The error names the store and the operation.
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

/// Records how long an operation took, by store, operation and outcome.
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

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);

    #[tokio::test(start_paused = true)]
    async fn a_store_that_does_not_answer_is_an_error_that_says_which_and_when() {
        let began = tokio::time::Instant::now();
        let answer =
            observe("redis", "get", PATIENCE, std::future::pending::<Result<(), StoreError>>()).await;
        assert_eq!(began.elapsed(), PATIENCE);
        assert_eq!(answer.unwrap_err().to_string(), "the store redis failed at get: no answer within 300 ms");
    }

    #[tokio::test]
    async fn an_answer_is_what_it_is() {
        assert_eq!(observe("redis", "get", PATIENCE, async { Ok(7) }).await.unwrap(), 7);
        let error = observe("redis", "get", PATIENCE, async { Err::<(), _>(StoreError::new("no")) }).await;
        assert_eq!(error.unwrap_err().to_string(), "the store redis failed at get: no");
    }

    #[cfg(feature = "metrics")]
    #[test]
    fn each_operation_is_measured_by_store_name_and_outcome() {
        let recorder = metrics_util::debugging::DebuggingRecorder::new();
        metrics::with_local_recorder(&recorder, || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let _ = observe("redis", "get", PATIENCE, async { Ok(()) }).await;
                let _ =
                    observe("redis", "touch", PATIENCE, async { Err::<(), _>(StoreError::new("no")) }).await;
            });
        });
        let mut seen: Vec<String> = recorder
            .snapshotter()
            .snapshot()
            .into_vec()
            .into_iter()
            .map(|(key, ..)| {
                let labels = key.key().labels().map(|label| format!("{}={}", label.key(), label.value()));
                format!("{} {}", key.key().name(), labels.collect::<Vec<_>>().join(" "))
            })
            .collect();
        seen.sort();
        assert_eq!(
            seen,
            [
                "auth_store_operation_duration_seconds store=redis operation=get outcome=ok",
                "auth_store_operation_duration_seconds store=redis operation=touch outcome=error",
            ]
        );
    }
}
