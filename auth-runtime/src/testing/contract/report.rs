//! What came of trying a store.

use std::error::Error;
use std::fmt;

use super::breach::Breach;

/// A store keeps its contract. `Display` is the number of clauses that were tried, and a line for each.
#[derive(Clone, Debug)]
pub struct ContractReport {
    store: &'static str,
    clauses: Vec<&'static str>,
}

impl ContractReport {
    pub(super) fn new(store: &'static str, clauses: Vec<&'static str>) -> Self {
        Self { store, clauses }
    }

    /// The clauses that were tried, in their order.
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

/// A store breaks its contract. Nothing in it is secret: all that was asked for was made for this.
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

    /// The clause, as a sentence.
    pub fn clause(&self) -> &'static str {
        self.clause
    }

    /// What the store should have done or answered.
    pub fn expected(&self) -> &str {
        &self.breach.expected
    }

    /// What it did or answered.
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
