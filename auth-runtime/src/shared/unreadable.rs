//! What a store has and nobody can read: told to the operator, and not once per request.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::error::StoreError;

/// Logs that what a store has under a key can't be read: an error, at most [`LINES_PER_SECOND`] of them. Whoever holds
/// the cookie that names it can ask as often as they like.
pub(crate) fn log_unreadable(error: &StoreError) {
    if let Some(suppressed) = BUDGET.take(BEGAN.elapsed().as_secs()) {
        tracing::error!(
            target: "auth_runtime::store",
            %error,
            suppressed,
            "what the store has under a key cannot be read, and counts for nothing"
        );
    }
}

/// The lines of one second.
struct Budget {
    second: AtomicU64,
    lines: AtomicU64,
    suppressed: AtomicU64,
}

impl Budget {
    const fn new() -> Self {
        Self { second: AtomicU64::new(0), lines: AtomicU64::new(0), suppressed: AtomicU64::new(0) }
    }

    /// How many lines were left out since the last one, or `None` if this one is to be left out. Two threads that enter
    /// a second together may both reset the count: a few lines more do no harm.
    fn take(&self, second: u64) -> Option<u64> {
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.lines.store(0, Ordering::Relaxed);
        }
        if self.lines.fetch_add(1, Ordering::Relaxed) < LINES_PER_SECOND {
            return Some(self.suppressed.swap(0, Ordering::Relaxed));
        }
        self.suppressed.fetch_add(1, Ordering::Relaxed);
        None
    }
}

static BUDGET: Budget = Budget::new();
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// As many as other kinds of lines have (`reject/log.rs`).
const LINES_PER_SECOND: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_03_a_flood_of_unreadable_records_is_ten_lines_a_second() {
        let budget = Budget::new();
        assert_eq!((0..1_000).filter(|_| budget.take(5).is_some()).count(), 10);
        assert_eq!(budget.take(6), Some(990));
        assert_eq!(budget.take(6), Some(0));
    }
}
