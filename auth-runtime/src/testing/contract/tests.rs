//! Stores that keep their contract pass, and each clause is broken by a store that does what it forbids.

mod mutant;
mod mutations;
mod remaining;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use self::mutant::Mutant;
use self::remaining::Remaining;
use super::at_once::together;
use super::*;
use crate::store::{MemoryStore, Record, Revision, SessionFilter, StoreError, StoreFuture, StoreId, Update};
use crate::time::{Timestamp, at};

#[tokio::test]
async fn stores_that_keep_their_contract_pass() {
    let memory = MemoryStore::new();
    // Redis does it so: a time to live, which begins when the command comes, and the text as the revision.
    let remaining = Remaining::default();
    let unmutated = Mutant::new("", "");
    let sessions: [&dyn SessionStore; 3] = [&memory, &remaining, &unmutated];
    let values: [&dyn KeyValueStore; 3] = [&memory, &remaining, &unmutated];
    let (sessions, values) = tokio::join!(
        together(sessions.into_iter().map(check_session_store)),
        together(values.into_iter().map(check_key_value_store)),
    );
    for report in sessions {
        assert!(report.unwrap().clauses().iter().copied().eq(sessions::SUITE.names()));
    }
    for report in values {
        assert!(report.unwrap().clauses().iter().copied().eq(key_values::SUITE.names()));
    }
}

#[tokio::test]
async fn a_shared_store_and_one_behind_a_reference_can_be_checked_in_a_task() {
    async fn helper(store: &dyn SessionStore) -> Result<ContractReport, ContractViolation> {
        check_session_store(store).await
    }
    let sessions: Arc<dyn SessionStore> = Arc::new(MemoryStore::new());
    let values: Arc<dyn KeyValueStore> = Arc::new(MemoryStore::new());
    let of_sessions = tokio::spawn(async move { helper(&sessions).await.unwrap() });
    let of_values = tokio::spawn(async move { check_key_value_store(&*values).await.unwrap() });
    assert!(of_sessions.await.unwrap().clauses().len() > of_values.await.unwrap().clauses().len());
}

#[tokio::test]
async fn each_mutant_breaks_a_clause_for_sessions_and_each_clause_is_broken() {
    let check = |mutant| async move { check_session_store(&mutant).await.err() };
    judge(mutations::OF_SESSIONS, mutations::BREACHES_OF_SESSIONS, sessions::SUITE.names(), check).await;
}

#[tokio::test]
async fn each_mutant_breaks_a_clause_for_values_and_each_clause_is_broken() {
    let check = |mutant| async move { check_key_value_store(&mutant).await.err() };
    judge(mutations::OF_VALUES, mutations::BREACHES_OF_VALUES, key_values::SUITE.names(), check).await;
}

/// Checks the mutants against the contract. Each breaks a clause unless it is equivalent, and the clause that it is
/// listed with.
async fn judge<F: Future<Output = Option<ContractViolation>>>(
    rules: &[(&'static str, &'static str)],
    breaches: &str,
    clauses: impl Iterator<Item = &'static str>,
    check: impl Fn(Mutant) -> F,
) {
    let mutants = rules.iter().flat_map(|(operations, mutations)| {
        let each = |operation| mutations.split(", ").map(move |mutation| (operation, mutation));
        operations.split(", ").flat_map(each).collect::<Vec<_>>()
    });
    let found = together(mutants.map(|(operation, mutation)| {
        let checked = check(Mutant::new(operation, mutation));
        async move { (format!("{operation} {mutation}"), checked.await) }
    }));
    let found: BTreeMap<String, _> = found.await.into_iter().collect();
    let mut wrong = Vec::new();
    for (mutant, violation) in &found {
        let is_equivalent = mutations::EQUIVALENT.iter().any(|(name, _)| name == mutant);
        if violation.is_none() != is_equivalent {
            wrong.push(format!("{mutant}: {violation:?}"));
        }
    }
    let breaches: Vec<_> = breaches.trim().lines().filter_map(|line| line.trim().split_once(": ")).collect();
    for (clause, mutants) in &breaches {
        for mutant in mutants.split(',').map(str::trim) {
            let violation = found.get(mutant).and_then(Option::as_ref);
            if violation.map(ContractViolation::clause) != Some(clause) {
                wrong.push(format!("{mutant} was to break \"{clause}\": {violation:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(breaches.into_iter().map(|(clause, _)| clause).eq(clauses));
}

#[tokio::test]
async fn nothing_is_left_behind_and_nothing_else_is_taken() {
    let sessions = [
        ("", ""),
        ("update", "ignores the revision"),
        ("logout", "ignores the provider"),
        ("create", "forgets rivals"),
        ("list", "ignores the end"),
    ];
    let sessions = sessions.map(|(operation, mutation)| async move {
        let (store, id) = (Mutant::new(operation, mutation), StoreId::from_store("theirs"));
        let theirs = Record::new(r#"{"user":{"sub":"ada"}}"#, at(i64::MAX), at(0));
        SessionStore::create(&store, &id, theirs).await.unwrap();
        assert_eq!(check_session_store(&store).await.is_ok(), mutation.is_empty());
        assert_eq!(store.keys(), ["theirs"]);
    });
    let values = [("", ""), ("put", "ends never")];
    let values = values.map(|(operation, mutation)| async move {
        let store = Mutant::new(operation, mutation);
        let put = KeyValueStore::compare_and_swap(&store, "theirs", None, Some("value"), Duration::MAX).await;
        assert!(put.unwrap());
        assert_eq!(check_key_value_store(&store).await.is_ok(), mutation.is_empty());
        assert_eq!(store.keys(), ["theirs"]);
    });
    tokio::join!(together(sessions), together(values));
}

#[tokio::test]
async fn a_violation_says_what_was_expected_and_what_came() {
    let store = Mutant::new("update", "ignores the revision");
    let violation = check_session_store(&store).await.unwrap_err();
    assert_eq!(
        violation.to_string(),
        "the store mutant breaks its contract: an update with an old revision changes nothing; \
         expected Changed from update with a revision that is not there, found Done"
    );
    assert_eq!(violation.expected(), "Changed from update with a revision that is not there");
    assert_eq!(violation.found(), "Done");
    assert!(violation.source().is_none());
    let report = ContractReport::new("memory", vec!["it is kept", "so is this"]).to_string();
    assert_eq!(report, "the store memory keeps 2 clauses:\n    it is kept\n    so is this");
}

#[tokio::test]
async fn a_store_that_fails_is_told_with_its_error() {
    let violation = check_session_store(&Dead { is_silent: false }).await.unwrap_err();
    assert_eq!(
        violation.to_string(),
        "the store dead breaks its contract: a key that was never used has no record, whatever the time is; \
         expected an answer from get, found an error: the store failed: no disk"
    );
    assert!(violation.source().unwrap().is::<StoreError>());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_told() {
    let violation = check_session_store(&Dead { is_silent: true }).await.unwrap_err();
    assert_eq!((violation.expected(), violation.found()), ("answers within 30 s", "none"));
}

#[derive(Debug)]
struct Dead {
    is_silent: bool,
}

impl Dead {
    fn answer<'a, T: Send + 'a>(&self) -> StoreFuture<'a, T> {
        if self.is_silent {
            return Box::pin(std::future::pending());
        }
        Box::pin(async { Err(StoreError::new("no disk")) })
    }
}

impl SessionStore for Dead {
    fn name(&self) -> &'static str {
        "dead"
    }

    fn get<'a>(&'a self, _: &'a StoreId, _: Timestamp) -> StoreFuture<'a, Option<Record>> {
        self.answer()
    }

    fn create<'a>(&'a self, _: &'a StoreId, _: Record) -> StoreFuture<'a, ()> {
        self.answer()
    }

    fn update<'a>(&'a self, _: &'a StoreId, _: &'a Revision, _: Record) -> StoreFuture<'a, Update> {
        self.answer()
    }

    fn touch<'a>(&'a self, _: &'a StoreId, _: Timestamp, _: Timestamp) -> StoreFuture<'a, bool> {
        self.answer()
    }

    fn delete<'a>(&'a self, _: &'a StoreId) -> StoreFuture<'a, bool> {
        self.answer()
    }

    fn delete_by_logout_token<'a>(&'a self, _: &'a SessionFilter) -> StoreFuture<'a, usize> {
        self.answer()
    }

    fn list<'a>(&'a self, _: &'a SessionFilter, _: Timestamp) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        self.answer()
    }
}
