//! When it is time to remove what is over.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One for sessions and one for values: who makes the one may never make the other.
#[derive(Default)]
pub(super) struct Chores {
    pub(super) sessions: Chore,
    pub(super) values: Chore,
}

#[derive(Default)]
pub(super) struct Chore(Mutex<Option<Instant>>);

impl Chore {
    /// `true` for the first who asks, and then for one in a minute.
    pub(super) fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= INTERVAL);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

/// Between two of a kind. None takes longer.
pub(super) const INTERVAL: Duration = Duration::from_secs(60);
