//! A session store in memory that can be bent in one way at a time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use tokio::task::yield_now;

use crate::store::{
    Record, RecordIndex, Revision, SessionFilter, SessionStore, StoreError, StoreFuture, StoreId, Update,
};
use crate::time::{Timestamp, at};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bend {
    Nothing,
    CapsEnds,
    CutsKeys,
    CutsLargeTexts,
    DeleteIsRacy,
    DeleteIsTrue,
    DeleteTakesAllOfUser,
    DeleteUnlistsFirst,
    EndComesLater,
    FoldsKeys,
    FoldsNames,
    IgnoresRevision,
    IndexEndsWithNewest,
    IndexIsOfText,
    InventsRecords,
    JoinsNames,
    KeepsFirstIndex,
    LeavesLocks,
    ListIgnoresSession,
    ListMakesUpKeys,
    ListWithoutRevision,
    ListsAHundred,
    ListsDeleted,
    ListsEnded,
    ListsLater,
    LogoutEndsOne,
    LogoutIgnoresProvider,
    LogoutNeedsProvider,
    LogoutNeedsUser,
    LogoutSkipsChanged,
    LogoutTakesEither,
    NewRevisionAtEachGet,
    NoRevisionFitsAll,
    NoTimeIsForever,
    NobodyMeansAll,
    OneRecordAtATime,
    OneRevisionForAll,
    RacyIndex,
    RefusedUpdateMovesIndexEnd,
    RewritesJson,
    SameTouchIsFalse,
    SameUpdateIsChanged,
    TornReads,
    TouchChangesRevision,
    TouchCreates,
    TouchDropsIndex,
    TouchIsRacy,
    TouchIsTrue,
    TouchLeavesIndexEnd,
    TouchMovesIndexFirst,
    TouchOfOldCopy,
    TouchOnlyProlongs,
    TouchRevivesInRace,
    UpdateByRemoval,
    UpdateCreates,
    UpdateIsRacy,
    UpdateKeepsEnd,
    UpdateKeepsText,
    UpdateLeavesIndexEnd,
    UpdateRevives,
    UpdateRevivesInRace,
    Wildcards,
}

/// Each with the clause that it breaks first.
pub(super) const BENDS: [(Bend, &str); 61] = [
    (Bend::InventsRecords, "a key that was never used has no record, whatever the time is"),
    (Bend::RewritesJson, "a text comes back byte for byte"),
    (Bend::CutsLargeTexts, "a large text comes back whole"),
    (Bend::CapsEnds, "a record comes back with its end"),
    (Bend::NewRevisionAtEachGet, "reading a record leaves its revision as it is"),
    (Bend::OneRecordAtATime, "creating a record leaves the others as they are"),
    (Bend::CutsKeys, "keys are told apart, whatever characters they have"),
    (Bend::FoldsKeys, "keys are told apart, whatever characters they have"),
    (Bend::NoTimeIsForever, "a record that has no time left is not kept for good"),
    (Bend::UpdateKeepsEnd, "an update with the revision that was seen replaces text and end"),
    (Bend::UpdateKeepsText, "an update with the revision that was seen replaces text and end"),
    (Bend::OneRevisionForAll, "an update that changes the text changes the revision"),
    (Bend::IgnoresRevision, "an update with an old revision changes nothing"),
    (Bend::NoRevisionFitsAll, "an update with a revision that the store never gave changes nothing"),
    (Bend::UpdateCreates, "an update of a record that never was creates none"),
    (Bend::UpdateRevives, "an update of a record that was deleted does not revive it"),
    (Bend::TouchOnlyProlongs, "a touch moves the end, to later and to earlier, and keeps the text"),
    (Bend::TouchChangesRevision, "a touch leaves the revision as it is"),
    (Bend::TouchIsTrue, "a touch of a record that is not there creates none"),
    (Bend::TouchCreates, "a touch of a record that is not there creates none"),
    (Bend::SameTouchIsFalse, "an update or a touch that changes nothing is done all the same"),
    (Bend::SameUpdateIsChanged, "an update or a touch that changes nothing is done all the same"),
    (Bend::DeleteIsTrue, "a record can be deleted once"),
    (Bend::DeleteTakesAllOfUser, "deleting a record leaves the others as they are"),
    (Bend::LogoutEndsOne, "a logout token with a user ends all of the user's sessions and no others"),
    (Bend::LogoutNeedsUser, "a logout token with a session id ends that session and no others"),
    (Bend::LogoutTakesEither, "a logout token with both ends what has both"),
    (Bend::LogoutIgnoresProvider, "a logout token ends no session of another provider"),
    (Bend::LogoutNeedsProvider, "a logout token ends sessions that name no provider"),
    (Bend::NobodyMeansAll, "a logout token that names nobody ends nothing"),
    (
        Bend::ListIgnoresSession,
        "the list has what the scope covers, under keys and with revisions that serve",
    ),
    (Bend::ListMakesUpKeys, "the list has what the scope covers, under keys and with revisions that serve"),
    (
        Bend::ListWithoutRevision,
        "the list has what the scope covers, under keys and with revisions that serve",
    ),
    (Bend::ListsAHundred, "a user who has many sessions has all of them listed and ended"),
    (Bend::ListsDeleted, "what was deleted is not listed, nor ended once more"),
    (Bend::TouchDropsIndex, "a record is found after a touch"),
    (Bend::IndexIsOfText, "a sealed record is found by what is said beside its text"),
    (Bend::KeepsFirstIndex, "a record is found by what its last update says"),
    (Bend::FoldsNames, "users, sessions and providers are told apart, whatever characters their names have"),
    (Bend::Wildcards, "users, sessions and providers are told apart, whatever characters their names have"),
    (Bend::JoinsNames, "names that read the same when put together are told apart"),
    (Bend::UpdateByRemoval, "a record is there for its readers while it is updated and touched"),
    (Bend::UpdateIsRacy, "of updates at the same time with one revision, one is done"),
    (Bend::DeleteIsRacy, "of deletions at the same time, one is told that it was"),
    (Bend::UpdateRevivesInRace, "an update beside a deletion does not revive the record"),
    (Bend::TouchRevivesInRace, "a touch beside a deletion does not revive the record"),
    (Bend::LogoutSkipsChanged, "a logout token ends a session that is updated and touched meanwhile"),
    (Bend::TouchOfOldCopy, "a touch beside an update loses nothing of it"),
    (Bend::TouchIsRacy, "touches at the same time are all done"),
    (Bend::TornReads, "who read, change and update at the same time lose nothing"),
    (Bend::RacyIndex, "sessions that begin at the same time are all found"),
    (Bend::ListsLater, "a session that was given up while it began is there and found, or neither"),
    (Bend::LeavesLocks, "a record whose update or touch was given up is whole and can be updated"),
    (Bend::DeleteUnlistsFirst, "a session that was given up while it ended is there and found, or neither"),
    (Bend::ListsEnded, "a record that has ended is not listed, nor given as one that has not"),
    (Bend::TouchLeavesIndexEnd, "a record that was touched is there and found after its first end"),
    (Bend::UpdateLeavesIndexEnd, "a record that was updated is there and found after its first end"),
    (Bend::IndexEndsWithNewest, "a session that ends does not hide the user's others"),
    (
        Bend::RefusedUpdateMovesIndexEnd,
        "an update that is refused leaves the record found for as long as it is there",
    ),
    (
        Bend::TouchMovesIndexFirst,
        "a record that was updated and touched at the same time is found for as long as it is there",
    ),
    (Bend::EndComesLater, "a record whose writer has left ends like any other"),
];

#[derive(Debug)]
pub(super) struct BentSessions {
    bend: Bend,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    rows: HashMap<StoreId, Row>,
    deleted: HashMap<StoreId, Row>,
    revision: u64,
}

#[derive(Clone, Debug)]
struct Row {
    record: Record,
    /// The names that the store finds the record by, until `listed_until`.
    index: RecordIndex,
    listed_until: Timestamp,
    is_listed: bool,
    is_locked: bool,
}

impl Row {
    fn new(record: Record) -> Self {
        let (index, listed_until) = (record.index().clone(), record.expires_at());
        Self { record, index, listed_until, is_listed: true, is_locked: false }
    }
}

impl BentSessions {
    pub(super) fn new(bend: Bend) -> Self {
        Self { bend, table: Mutex::default() }
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.table().rows.keys().map(|id| id.as_str().to_owned()).collect()
    }

    fn is(&self, bend: Bend) -> bool {
        self.bend == bend
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap()
    }

    fn key(&self, id: &StoreId) -> StoreId {
        match self.bend {
            Bend::CutsKeys => StoreId::from_store(id.as_str().chars().take(128).collect::<String>()),
            Bend::FoldsKeys => StoreId::from_store(id.as_str().to_lowercase()),
            _ => id.clone(),
        }
    }

    fn row(&self, record: &Record) -> Row {
        let (mut text, mut end) = (record.text().to_owned(), record.expires_at());
        match self.bend {
            Bend::RewritesJson => {
                text = serde_json::from_str(&text).map_or(text, |value: serde_json::Value| value.to_string());
            }
            Bend::CutsLargeTexts if text.len() > 65_535 => text = text.chars().take(65_535).collect(),
            Bend::CapsEnds => end = end.min(record.written_at().saturating_add(31 * 86_400)),
            Bend::NoTimeIsForever if record.ttl().is_zero() => end = at(i64::MAX),
            _ => {}
        }
        let index = if self.is(Bend::IndexIsOfText) {
            Record::new(text.as_str(), at(0), at(0)).index().clone()
        } else {
            record.index().clone()
        };
        let mut table = self.table();
        table.revision += 1;
        let revision = Revision::new(table.revision.to_string());
        Row::new(Record::new(text, end, record.written_at()).with_index(index).with_revision(revision))
    }

    async fn get(&self, id: &StoreId) -> Option<Record> {
        let mut record = self.table().rows.get(id).map(|row| row.record.clone());
        match self.bend {
            Bend::InventsRecords => record = record.or_else(|| Some(Record::new("{}", at(i64::MAX), at(0)))),
            Bend::NewRevisionAtEachGet => {
                let row = record.clone().map(|record| self.row(&record));
                return row.map(|row| row.record);
            }
            Bend::OneRevisionForAll => return record.map(|record| record.with_revision(Revision::new("1"))),
            Bend::TornReads => {
                yield_now().await;
                let later = self.table().rows.get(id).map(|row| row.record.revision().clone());
                return record.map(|record| record.with_revision(later.unwrap_or_default()));
            }
            _ => {}
        }
        record
    }

    async fn create(&self, id: &StoreId, record: Record) {
        let mut row = self.row(&record);
        let (sub, end) = (row.index.sub.clone(), row.listed_until);
        let of_user = |row: &Row| sub.is_some() && row.index.sub == sub;
        let listed: Vec<StoreId> = {
            let rows = &self.table().rows;
            rows.iter().filter(|(_, row)| of_user(row) && row.is_listed).map(|(id, _)| id.clone()).collect()
        };
        match self.bend {
            Bend::OneRecordAtATime => self.table().rows.clear(),
            Bend::RacyIndex => {
                yield_now().await;
                let mut table = self.table();
                let others = table.rows.iter_mut().filter(|(id, row)| of_user(row) && !listed.contains(id));
                others.for_each(|(_, row)| row.is_listed = false);
            }
            Bend::ListsLater => {
                row.is_listed = false;
                self.table().rows.insert(id.clone(), row.clone());
                yield_now().await;
                row.is_listed = true;
            }
            Bend::EndComesLater => {
                let mut endless = row.clone();
                endless.record.move_end(at(i64::MAX), at(0));
                self.table().rows.insert(id.clone(), endless);
                yield_now().await;
            }
            Bend::IndexEndsWithNewest => {
                let mut table = self.table();
                let rows = table.rows.values_mut().filter(|row| of_user(row));
                rows.for_each(|row| row.listed_until = end);
            }
            _ => {}
        }
        self.table().rows.insert(id.clone(), row);
    }

    async fn update(&self, id: &StoreId, seen: &Revision, record: Record) -> Update {
        let row = self.row(&record);
        let Some(there) = self.table().rows.get(id).cloned() else {
            let is_deleted = self.table().deleted.contains_key(id);
            if self.is(Bend::UpdateCreates) || self.is(Bend::UpdateRevives) && is_deleted {
                self.table().rows.insert(id.clone(), row);
                return Update::Done;
            }
            return Update::Absent;
        };
        let fits = match self.bend {
            Bend::IgnoresRevision => true,
            Bend::NoRevisionFitsAll if seen.as_str().is_empty() => true,
            Bend::OneRevisionForAll => seen.as_str() == "1",
            Bend::SameUpdateIsChanged => {
                let is_same = there.record.text() == row.record.text();
                there.record.revision() == seen && !is_same
            }
            _ => there.record.revision() == seen,
        };
        if !fits || there.is_locked {
            if self.is(Bend::RefusedUpdateMovesIndexEnd) {
                self.change(id, |there| there.listed_until = row.listed_until);
            }
            return Update::Changed;
        }
        match self.bend {
            Bend::LeavesLocks => {
                self.change(id, |row| row.is_locked = true);
                yield_now().await;
            }
            Bend::UpdateByRemoval => {
                self.table().rows.remove(id);
                yield_now().await;
                self.table().rows.insert(id.clone(), there.clone());
            }
            Bend::UpdateIsRacy => {
                yield_now().await;
                return if self.change(id, |there| *there = row) { Update::Done } else { Update::Absent };
            }
            Bend::UpdateRevivesInRace => {
                yield_now().await;
                self.table().rows.entry(id.clone()).or_insert_with(|| there.clone());
            }
            _ => {}
        }
        let mut table = self.table();
        match table.rows.get_mut(id) {
            None => Update::Absent,
            Some(now) if now.record.revision() != there.record.revision() => Update::Changed,
            Some(now) => {
                *now = self.replacement(&there, row);
                Update::Done
            }
        }
    }

    fn replacement(&self, there: &Row, mut row: Row) -> Row {
        let (revision, index) = (row.record.revision().clone(), row.index.clone());
        match self.bend {
            Bend::KeepsFirstIndex => row.index = there.index.clone(),
            Bend::UpdateKeepsEnd => {
                row = Row::new(Record::new(row.record.text(), there.record.expires_at(), at(0)));
                row.index = index;
            }
            Bend::UpdateKeepsText => {
                row = Row::new(Record::new(there.record.text(), row.record.expires_at(), at(0)));
            }
            Bend::UpdateLeavesIndexEnd => row.listed_until = there.listed_until,
            _ => {}
        }
        row.record = row.record.with_revision(revision);
        row
    }

    async fn touch(&self, id: &StoreId, expires_at: Timestamp, written_at: Timestamp) -> bool {
        let Some(mut there) = self.table().rows.get(id).cloned() else {
            if self.is(Bend::TouchCreates) {
                let row = self.row(&Record::new("{}", expires_at, written_at));
                self.table().rows.insert(id.clone(), row);
            }
            return self.is(Bend::TouchIsTrue);
        };
        let mut end = expires_at;
        match self.bend {
            Bend::TouchChangesRevision => there.record = self.row(&there.record).record,
            Bend::TouchDropsIndex => there.is_listed = false,
            Bend::SameTouchIsFalse if there.record.expires_at() == end => return false,
            Bend::TouchIsRacy => {
                yield_now().await;
                let is_same = |row: &Row| row.record.expires_at() == there.record.expires_at();
                return self.table().rows.get(id).is_some_and(is_same)
                    && self.change(id, |row| row.record.move_end(end, written_at));
            }
            Bend::TouchMovesIndexFirst => {
                self.change(id, |row| row.listed_until = end);
                yield_now().await;
                return self.change(id, |row| row.record.move_end(end, written_at));
            }
            Bend::TouchOnlyProlongs => end = end.max(there.record.expires_at()),
            Bend::TouchOfOldCopy | Bend::TouchRevivesInRace => yield_now().await,
            _ => {}
        }
        let is_old =
            [Bend::TouchChangesRevision, Bend::TouchDropsIndex, Bend::TouchOfOldCopy].contains(&self.bend);
        if self.is(Bend::TouchRevivesInRace) {
            self.table().rows.entry(id.clone()).or_insert_with(|| there.clone());
        }
        self.change(id, |row| {
            if is_old {
                *row = there;
            }
            row.record.move_end(end, written_at);
            if !self.is(Bend::TouchLeavesIndexEnd) {
                row.listed_until = end;
            }
        })
    }

    async fn delete(&self, id: &StoreId) -> bool {
        match self.bend {
            Bend::DeleteIsRacy => {
                let is_there = self.table().rows.contains_key(id);
                yield_now().await;
                self.table().rows.remove(id);
                return is_there;
            }
            Bend::DeleteUnlistsFirst => {
                self.change(id, |row| row.is_listed = false);
                yield_now().await;
            }
            _ => {}
        }
        let mut table = self.table();
        let Some(row) = table.rows.remove(id) else { return self.is(Bend::DeleteIsTrue) };
        if self.is(Bend::DeleteTakesAllOfUser) {
            table.rows.retain(|_, other| other.index.sub != row.index.sub);
        }
        table.deleted.insert(id.clone(), row);
        true
    }

    async fn log_out(&self, scope: &SessionFilter) -> usize {
        let mut covered: Vec<(StoreId, Row)> = {
            let rows = &self.table().rows;
            let covered = rows.iter().filter(|(_, row)| self.ends(scope, &row.index));
            covered.map(|(id, row)| (id.clone(), row.clone())).collect()
        };
        match self.bend {
            Bend::LogoutEndsOne => covered.truncate(1),
            Bend::LogoutSkipsChanged => yield_now().await,
            _ => {}
        }
        let mut table = self.table();
        let mut count = 0;
        for (id, row) in covered {
            let is_changed =
                table.rows.get(&id).is_some_and(|there| there.record.revision() != row.record.revision());
            if !(self.is(Bend::LogoutSkipsChanged) && is_changed) && table.rows.remove(&id).is_some() {
                table.deleted.insert(id, row);
                count += 1;
            }
        }
        count
    }

    fn list(&self, scope: &SessionFilter, now: Timestamp) -> Vec<(StoreId, Record)> {
        let table = self.table();
        let mut scope = scope.clone();
        if self.is(Bend::ListIgnoresSession) && scope.sub.is_some() {
            scope.sid = None;
        }
        let deleted = table.deleted.iter().filter(|_| self.is(Bend::ListsDeleted));
        let rows = table.rows.iter().chain(deleted).filter(|(_, row)| {
            let is_over = row.record.expires_at() <= now || row.listed_until <= now;
            row.is_listed && (!is_over || self.is(Bend::ListsEnded)) && self.covers(&scope, &row.index)
        });
        let most = if self.is(Bend::ListsAHundred) { 100 } else { usize::MAX };
        rows.take(most)
            .map(|(id, row)| match self.bend {
                Bend::ListMakesUpKeys => {
                    (StoreId::from_store(format!("session:{}", id.as_str())), row.record.clone())
                }
                Bend::ListWithoutRevision => {
                    (id.clone(), row.record.clone().with_revision(Revision::default()))
                }
                _ => (id.clone(), row.record.clone()),
            })
            .collect()
    }

    fn ends(&self, scope: &SessionFilter, index: &RecordIndex) -> bool {
        let SessionFilter { iss, sub, sid } = scope;
        match self.bend {
            Bend::LogoutIgnoresProvider => covers(scope, &RecordIndex { iss: None, ..index.clone() }),
            Bend::LogoutNeedsProvider => index.iss.is_some() && covers(scope, index),
            Bend::LogoutNeedsUser => sub.is_some() && covers(scope, index),
            Bend::LogoutTakesEither => {
                let either = [(sub.clone(), None), (None, sid.clone())];
                either
                    .into_iter()
                    .any(|(sub, sid)| covers(&SessionFilter { iss: iss.clone(), sub, sid }, index))
            }
            _ => self.covers(scope, index),
        }
    }

    fn covers(&self, scope: &SessionFilter, index: &RecordIndex) -> bool {
        match self.bend {
            Bend::FoldsNames => {
                let fold = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
                let index = RecordIndex { sub: fold(&index.sub), sid: fold(&index.sid), ..index.clone() };
                let scope = SessionFilter { sub: fold(&scope.sub), sid: fold(&scope.sid), ..scope.clone() };
                covers(&scope, &index)
            }
            Bend::JoinsNames => {
                let join =
                    |iss: &str, name: &Option<String>| name.as_ref().map(|name| format!("{iss}:{name}"));
                let iss = index.iss.as_ref().unwrap_or(&scope.iss);
                let (sub, sid) = (join(iss, &index.sub), join(iss, &index.sid));
                let index = RecordIndex { iss: None, sub, sid };
                let (sub, sid) = (join(&scope.iss, &scope.sub), join(&scope.iss, &scope.sid));
                covers(&SessionFilter { iss: String::new(), sub, sid }, &index)
            }
            Bend::NobodyMeansAll if scope.sub.is_none() && scope.sid.is_none() => {
                index.iss.as_ref().is_none_or(|iss| *iss == scope.iss)
            }
            Bend::Wildcards => {
                let like = |pattern: &Option<String>, name: &Option<String>| match (pattern, name) {
                    (Some(pattern), Some(name)) if pattern.ends_with('%') => {
                        name.starts_with(pattern.trim_end_matches('%')).then(|| pattern.clone())
                    }
                    _ => name.clone(),
                };
                let (sub, sid) = (like(&scope.sub, &index.sub), like(&scope.sid, &index.sid));
                covers(scope, &RecordIndex { sub, sid, ..index.clone() })
            }
            _ => covers(scope, index),
        }
    }

    fn change(&self, id: &StoreId, change: impl FnOnce(&mut Row)) -> bool {
        self.table().rows.get_mut(id).map(change).is_some()
    }
}

fn covers(scope: &SessionFilter, index: &RecordIndex) -> bool {
    scope.covers(&Record::new("", at(0), at(0)).with_index(index.clone()))
}

impl SessionStore for BentSessions {
    fn name(&self) -> &'static str {
        "bent"
    }

    fn get<'a>(&'a self, id: &'a StoreId, _now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        answer(async move { self.get(&self.key(id)).await })
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        answer(async move { self.create(&self.key(id), record).await })
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        answer(async move { self.update(&self.key(id), seen, record).await })
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        answer(async move { self.touch(&self.key(id), expires_at, written_at).await })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        answer(async move { self.delete(&self.key(id)).await })
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        answer(self.log_out(scope))
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        answer(async move { self.list(scope, now) })
    }
}

/// As over a network: nothing is answered at once, and what was asked is done before the answer comes.
fn answer<'a, T: Send + 'a>(answer: impl Future<Output = T> + Send + 'a) -> StoreFuture<'a, T> {
    Box::pin(async move {
        let answer = answer.await;
        yield_now().await;
        Ok::<_, StoreError>(answer)
    })
}
