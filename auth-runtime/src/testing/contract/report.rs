//! The results of the test of a store.

use std::error::Error;
use std::fmt;

use super::breach::Breach;

/// The report on a store that keeps its contract. `Display` writes the number of clauses that were tested, and a line
/// for each.
///
/// ```
/// use auth_runtime::store::MemoryStore;
/// use auth_runtime::testing::check_key_value_store;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_runtime::testing::ContractViolation> {
/// let report = check_key_value_store(&MemoryStore::new()).await?;
/// assert!(report.to_string().starts_with("the store memory keeps"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ContractReport {
    store: &'static str,
    clauses: Vec<&'static str>,
}

impl ContractReport {
    pub(super) fn new(store: &'static str, clauses: Vec<&'static str>) -> Self {
        Self { store, clauses }
    }

    /// Returns the clauses that were tested, in their order.
    pub fn clauses(&self) -> &[&'static str] {
        &self.clauses
    }
}

impl fmt::Display for ContractReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store {} keeps {} clauses:", self.store, self.clauses.len())?;
        self.clauses.iter().try_for_each(|clause| write!(f, "\n    {clause}"))
    }
}

/// The error of a store that breaks its contract. It contains no secret, since all the data were made for the test.
///
/// ```no_run
/// use auth_runtime::testing::check_session_store;
///
/// # async fn example(store: &dyn auth_runtime::store::SessionStore) {
/// if let Err(violation) = check_session_store(store).await {
///     println!("{}: {}, not {}", violation.clause(), violation.found(), violation.expected());
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct ContractViolation {
    store: &'static str,
    clause: &'static str,
    breach: Breach,
}

impl ContractViolation {
    pub(super) fn new(store: &'static str, clause: &'static str, breach: Breach) -> Self {
        Self { store, clause, breach }
    }

    /// Returns the clause, as a sentence.
    pub fn clause(&self) -> &'static str {
        self.clause
    }

    /// Returns what the store should have done or answered.
    pub fn expected(&self) -> &str {
        &self.breach.expected
    }

    /// Returns what the store did or answered.
    pub fn found(&self) -> &str {
        &self.breach.found
    }
}

impl fmt::Display for ContractViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, clause, breach: Breach { expected, found, .. } } = self;
        write!(f, "the store {store} breaks its contract: {clause}; expected {expected}, found {found}")
    }
}

impl Error for ContractViolation {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.breach.cause.as_ref().map(|cause| cause as _)
    }
}
