//! What every store has to keep, to be tested on any of them.
//!
//! Each clause of a contract is a sentence with a function that tries it. Clauses are tried one after the other, each
//! with keys and users of its own; those that wait for something to end wait together.

mod at_once;
mod breach;
mod key_values;
mod report;
mod sessions;
mod strange;
mod trial;

#[cfg(test)]
mod tests;

pub use self::report::{ContractReport, ContractViolation};

use crate::store::{KeyValueStore, SessionStore};

/// Tries whether a session store does what [`SessionStore`] says of it.
///
/// The store may hold other data. What is made here has random keys and users, and is deleted again, also if a clause is
/// broken; it needs room for some hundreds of sessions. It takes some seconds, for sessions have to end.
///
/// What happens at the same time is asked from one task, so a race that needs two threads is not found, and neither is
/// what a restart loses. Names with a NUL in them are not tried, for not every database has a text with one. The runtime
/// is tokio's, with its timers on and its clock running.
///
/// ```
/// use auth_runtime::store::MemoryStore;
/// use auth_runtime::testing::check_session_store;
///
/// # async fn example() -> Result<(), auth_runtime::testing::ContractViolation> {
/// let report = check_session_store(&MemoryStore::new()).await?;
/// assert!(report.clauses().contains(&"a record can be deleted once"));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
///
/// The store breaks a clause, or failed, or did not answer. The first of it is told.
///
/// # Panics
///
/// The operating system gives no random bytes.
pub async fn check_session_store(store: &dyn SessionStore) -> Result<ContractReport, ContractViolation> {
    sessions::SUITE.run(store, store.name()).await
}

/// Tries whether a store does what [`KeyValueStore`] says of it. As with [`check_session_store`], it may hold other data,
/// and needs a runtime of tokio's.
///
/// ```
/// use auth_runtime::store::MemoryStore;
/// use auth_runtime::testing::check_key_value_store;
///
/// # async fn example() -> Result<(), auth_runtime::testing::ContractViolation> {
/// let report = check_key_value_store(&MemoryStore::new()).await?;
/// assert!(report.to_string().contains("a key that was never written has no value"));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
///
/// The store breaks a clause, or failed, or did not answer. The first of it is told.
///
/// # Panics
///
/// The operating system gives no random bytes.
pub async fn check_key_value_store(store: &dyn KeyValueStore) -> Result<ContractReport, ContractViolation> {
    key_values::SUITE.run(store, store.name()).await
}
