//! The contracts of the stores, as tests that run on any store.
//!
//! Each clause of a contract is a sentence with a function that tests it. Clauses run one after the other, each with
//! keys and users of its own. The clauses that wait for an end run at the same time.

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

/// Tests whether a session store does what [`SessionStore`] demands.
///
/// The store may hold other data. The records of the test have random keys and users, and are deleted at the end, also
/// if the store breaks a clause. The store needs room for some hundreds of sessions. The test takes some seconds, since
/// sessions have to end.
///
/// All operations run in one task. So a race that needs two threads is not found, and neither are writes that a restart
/// loses. Names with a NUL are not tested, since not every database has texts with a NUL. The test needs a tokio
/// runtime with timers, and its clock must not be paused.
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
/// The store broke a clause, failed, or did not answer. The error is the first such case.
///
/// # Panics
///
/// The operating system gives no random bytes.
pub async fn check_session_store(store: &dyn SessionStore) -> Result<ContractReport, ContractViolation> {
    sessions::SUITE.run(store, store.name()).await
}

/// Tests whether a store does what [`KeyValueStore`] demands. As with [`check_session_store`], the store may hold other
/// data, and the test needs a tokio runtime.
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
/// The store broke a clause, failed, or did not answer. The error is the first such case.
///
/// # Panics
///
/// The operating system gives no random bytes.
pub async fn check_key_value_store(store: &dyn KeyValueStore) -> Result<ContractReport, ContractViolation> {
    key_values::SUITE.run(store, store.name()).await
}
