//! The run of a contract on a store: its clauses, its names, and the removal of what it made.

use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::at_once::together;
use super::breach::{Breach, Kept};
use super::report::{ContractReport, ContractViolation};
use crate::testing::secret;
use crate::time::{Timestamp, system_now};

/// The contract of one kind of store.
pub(super) struct Suite<S: ?Sized + 'static> {
    /// The clauses that run one after the other.
    pub(super) clauses: &'static [&'static [Clause<S>]],
    /// The clauses that run after these and at the same time, since each waits until something has ended.
    pub(super) patient: &'static [Clause<S>],
    /// The function that removes what the clauses [made](Trial::take_made).
    pub(super) tidy: for<'a> fn(&'a Trial<'a, S>) -> Step<'a, ()>,
}

/// A sentence, and the function that tests whether it is true.
pub(super) struct Clause<S: ?Sized> {
    pub(super) name: &'static str,
    pub(super) check: for<'a> fn(&'a Trial<'a, S>) -> Step<'a, Kept>,
}

pub(super) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store under test, and the names that the test makes for it.
pub(super) struct Trial<'s, S: ?Sized> {
    pub(super) store: &'s S,
    /// The beginning of every name. It is random, so that no name was in the store before.
    run: String,
    /// Number of names that were made.
    count: AtomicU64,
    /// The keys to remove from the store.
    made: Mutex<Vec<String>>,
}

impl<S: ?Sized + Sync> Suite<S> {
    /// Runs the contract on a store, and removes what it made. The future is boxed as `Send`, since the compiler cannot
    /// infer that for a caller through all the borrows in it.
    pub(super) fn run<'a>(
        &'a self,
        store: &'a S,
        name: &'static str,
    ) -> Step<'a, Result<ContractReport, ContractViolation>> {
        Box::pin(async move {
            let trial = Trial::new(store);
            let outcome = self.check(&trial).await;
            self.tidy(&trial).await;
            match outcome {
                Ok(clauses) => Ok(ContractReport::new(name, clauses)),
                Err((clause, breach)) => Err(ContractViolation::new(name, clause, breach)),
            }
        })
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let groups = self.clauses.iter().copied().chain([self.patient]);
        groups.flatten().map(|clause| clause.name)
    }

    async fn check(&self, trial: &Trial<'_, S>) -> Result<Vec<&'static str>, (&'static str, Breach)> {
        let mut kept = Vec::new();
        for clauses in self.clauses {
            for clause in *clauses {
                kept.push(clause.judge(trial).await?);
                // After each clause, so that the store needs room for one clause's records alone.
                self.tidy(trial).await;
            }
        }
        for judged in together(self.patient.iter().map(|clause| clause.judge(trial))).await {
            kept.push(judged?);
        }
        Ok(kept)
    }

    /// Removes what the clauses made. A failure is ignored, since clauses of their own test deletion.
    async fn tidy(&self, trial: &Trial<'_, S>) {
        let _ = timeout(PATIENCE, (self.tidy)(trial)).await;
    }
}

impl<S: ?Sized> Clause<S> {
    async fn judge(&self, trial: &Trial<'_, S>) -> Result<&'static str, (&'static str, Breach)> {
        let judged = timeout(PATIENCE, (self.check)(trial)).await;
        match judged.unwrap_or_else(|_| Err(Breach::silent(PATIENCE))) {
            Ok(()) => Ok(self.name),
            Err(breach) => Err((self.name, breach)),
        }
    }
}

impl<'s, S: ?Sized> Trial<'s, S> {
    fn new(store: &'s S) -> Self {
        let run = secret().chars().take(16).collect();
        Self { store, run, count: AtomicU64::new(0), made: Mutex::default() }
    }

    /// Returns a new name, in the form of a session's id.
    pub(super) fn fresh(&self) -> String {
        format!("{}{:016x}", self.run, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes a key under which something may be made.
    pub(super) fn note(&self, key: &str) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(key.to_owned());
    }

    pub(super) fn take_made(&self) -> Vec<String> {
        mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn now() -> Timestamp {
    system_now()
}

/// The timeout of a clause: much longer than a clause takes on a slow store.
const PATIENCE: Duration = Duration::from_secs(30);
