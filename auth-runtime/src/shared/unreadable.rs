//! The log of values in a store that cannot be read, with a limited number of lines.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::error::StoreError;

/// Logs that a store's value under a key cannot be read: an error line, at most [`LINES_PER_SECOND`] per second. A
/// client with a cookie that names the value can cause the line as often as it sends requests.
pub(crate) fn log_unreadable(error: &StoreError) {
    if let Some(suppressed) = BUDGET.take(BEGAN.elapsed().as_secs()) {
        tracing::error!(
            target: "auth_runtime::store",
            %error,
            suppressed,
            "a value in the store cannot be read, so it counts as absent: give every instance the same secrets, and find out what else writes into the store"
        );
    }
}

/// The number of lines in the present second.
struct Budget {
    second: AtomicU64,
    lines: AtomicU64,
    suppressed: AtomicU64,
}

impl Budget {
    const fn new() -> Self {
        Self { second: AtomicU64::new(0), lines: AtomicU64::new(0), suppressed: AtomicU64::new(0) }
    }

    /// Counts a line. Returns the number of lines that were left out since the last written one, or `None` if this line
    /// is to be left out. Two threads that enter a second together may both reset the count: a few lines more do no
    /// harm.
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

/// The maximum number of lines per second, as for the other kinds of lines (`reject/log.rs`).
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
