//! Stores that keep their contract pass, and each clause is broken by a store that does what it forbids.

mod bent_sessions;
mod bent_values;
mod remaining;

use std::collections::BTreeSet;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use self::bent_sessions::BentSessions;
use self::bent_values::BentValues;
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
    let (sessions, values) =
        (BentSessions::new(bent_sessions::Bend::Nothing), BentValues::new(bent_values::Bend::Nothing));
    let sessions: [&dyn SessionStore; 3] = [&memory, &remaining, &sessions];
    let values: [&dyn KeyValueStore; 3] = [&memory, &remaining, &values];
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
async fn each_clause_for_sessions_is_broken_by_a_store() {
    let checks = bent_sessions::BENDS.into_iter().map(|(bend, clause)| async move {
        let broken = check_session_store(&BentSessions::new(bend)).await.err();
        let is_so = broken.as_ref().is_some_and(|violation| violation.clause() == clause);
        (!is_so).then(|| format!("{bend:?} was to break \"{clause}\": {broken:?}"))
    });
    let wrong: Vec<String> = together(checks).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let broken: BTreeSet<_> = bent_sessions::BENDS.iter().map(|(_, clause)| *clause).collect();
    assert_eq!(broken, sessions::SUITE.names().collect());
}

#[tokio::test]
async fn each_clause_for_values_is_broken_by_a_store() {
    let checks = bent_values::BENDS.into_iter().map(|(bend, clause)| async move {
        let broken = check_key_value_store(&BentValues::new(bend)).await.err();
        let is_so = broken.as_ref().is_some_and(|violation| violation.clause() == clause);
        (!is_so).then(|| format!("{bend:?} was to break \"{clause}\": {broken:?}"))
    });
    let wrong: Vec<String> = together(checks).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let broken: BTreeSet<_> = bent_values::BENDS.iter().map(|(_, clause)| *clause).collect();
    assert_eq!(broken, key_values::SUITE.names().collect());
}

#[tokio::test]
async fn nothing_is_left_behind_and_nothing_else_is_taken() {
    let sessions = [
        (bent_sessions::Bend::Nothing, true),
        (bent_sessions::Bend::IgnoresRevision, false),
        (bent_sessions::Bend::LogoutIgnoresProvider, false),
        (bent_sessions::Bend::RacyIndex, false),
        (bent_sessions::Bend::ListsEnded, false),
    ];
    let sessions = sessions.map(|(bend, keeps)| async move {
        let (store, id) = (BentSessions::new(bend), StoreId::from_store("theirs"));
        let theirs = Record::new(r#"{"user":{"sub":"ada"}}"#, at(i64::MAX), at(0));
        SessionStore::create(&store, &id, theirs).await.unwrap();
        assert_eq!(check_session_store(&store).await.is_ok(), keeps);
        assert_eq!(store.keys(), ["theirs"]);
    });
    let values = [(bent_values::Bend::Nothing, true), (bent_values::Bend::NeverEnds, false)];
    let values = values.map(|(bend, keeps)| async move {
        let store = BentValues::new(bend);
        let put = KeyValueStore::compare_and_swap(&store, "theirs", None, Some("value"), Duration::MAX).await;
        assert!(put.unwrap());
        assert_eq!(check_key_value_store(&store).await.is_ok(), keeps);
        assert_eq!(store.keys(), ["theirs"]);
    });
    tokio::join!(together(sessions), together(values));
}

#[tokio::test]
async fn a_violation_says_what_was_expected_and_what_came() {
    let store = BentSessions::new(bent_sessions::Bend::IgnoresRevision);
    let violation = check_session_store(&store).await.unwrap_err();
    assert_eq!(
        violation.to_string(),
        "the store bent breaks its contract: an update with an old revision changes nothing; \
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
