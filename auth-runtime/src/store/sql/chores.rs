//! The times at which a store removes sessions and values that have ended.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The two chores of a store. Each has its own time, since a service that creates sessions may never write values, and
/// the other way round.
#[derive(Default)]
pub(super) struct Chores {
    pub(super) sessions: Chore,
    pub(super) values: Chore,
}

/// A chore, with the time when it was last due.
#[derive(Default)]
pub(super) struct Chore(Mutex<Option<Instant>>);

impl Chore {
    /// Returns whether the chore is due: at the first call, and then once in a minute.
    pub(super) fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= INTERVAL);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

/// The time between two runs of a chore, and the longest time that a run may take.
pub(super) const INTERVAL: Duration = Duration::from_secs(60);
