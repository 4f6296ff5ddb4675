//! A store on trial: what it is asked, and what is removed from it afterwards.

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

/// All that is demanded of one kind of store.
pub(super) struct Suite<S: ?Sized + 'static> {
    /// Tried one after the other.
    pub(super) clauses: &'static [&'static [Clause<S>]],
    /// Tried after these and all at once, for each waits until something has ended.
    pub(super) patient: &'static [Clause<S>],
    /// Removes what was [made](Trial::take_made).
    pub(super) tidy: for<'a> fn(&'a Trial<'a, S>) -> Step<'a, ()>,
}

/// A sentence, and what tries whether it is true.
pub(super) struct Clause<S: ?Sized> {
    pub(super) name: &'static str,
    pub(super) check: for<'a> fn(&'a Trial<'a, S>) -> Step<'a, Kept>,
}

pub(super) type Step<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store, and the names that are made up for it.
pub(super) struct Trial<'s, S: ?Sized> {
    pub(super) store: &'s S,
    /// Random, so that nothing of it was there before.
    run: String,
    count: AtomicU64,
    made: Mutex<Vec<String>>,
}

impl<S: ?Sized + Sync> Suite<S> {
    /// Boxed as what is `Send`: whoever awaits it could not see that it is, for all that is borrowed in it.
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
                self.tidy(trial).await;
            }
        }
        for judged in together(self.patient.iter().map(|clause| clause.judge(trial))).await {
            kept.push(judged?);
        }
        Ok(kept)
    }

    /// Whether a store deletes is a clause's concern.
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

    /// A name that nobody has, like an id of a session.
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

/// Much more than all of one clause takes on a store that is slow.
const PATIENCE: Duration = Duration::from_secs(30);
