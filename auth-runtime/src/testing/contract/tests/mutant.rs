//! A store in memory with one mutation: one of its operations breaks one of its rules.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem::swap;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use tokio::task::yield_now;

use crate::store::{
    KeyValueStore, Record, RecordIndex, Revision, SessionFilter, SessionStore, StoreError, StoreFuture,
    StoreId, Update,
};
use crate::testing::secret;
use crate::time::{Timestamp, at};

#[derive(Debug, Default)]
pub(super) struct Mutant {
    operation: &'static str,
    mutation: &'static str,
    records: Mutex<HashMap<StoreId, Record>>,
    deleted: Mutex<HashMap<StoreId, Record>>,
    /// The time until which each record is listed.
    until: Mutex<HashMap<StoreId, Timestamp>>,
    values: Mutex<HashMap<String, (String, Option<Instant>)>>,
    first_key: OnceLock<String>,
    locks: Mutex<HashSet<String>>,
}

impl Mutant {
    /// Returns the mutant. Without a mutation it keeps both contracts.
    pub(super) fn new(operation: &'static str, mutation: &'static str) -> Self {
        Self { operation, mutation, ..Self::default() }
    }

    /// Returns the keys of all that is there.
    pub(super) fn keys(&self) -> Vec<String> {
        let records = self.records();
        let values: Vec<String> = self.values().keys().cloned().collect();
        let values = values.into_iter().filter(|key| self.value(key).is_some());
        values.chain(records.keys().map(|id| id.as_str().to_owned())).collect()
    }

    fn mutation(&self, operation: &str) -> &'static str {
        if operation == self.operation { self.mutation } else { "" }
    }

    fn key(&self, operation: &str, key: &str) -> String {
        match self.mutation {
            "cuts keys" => key.chars().take(128).collect(),
            "folds keys" => key.to_lowercase(),
            "takes the first key" if !key.is_empty() => {
                let first = self.first_key.get_or_init(|| key.to_owned());
                if operation == self.operation { first.clone() } else { key.to_owned() }
            }
            _ => key.to_owned(),
        }
    }

    /// Runs an operation, with the mutations that every operation may have. As over a network, nothing is answered at
    /// once, and what was asked is done before the answer comes.
    fn answer<'a, T: Send + 'a, F: Future<Output = T> + Send + 'a>(
        &'a self,
        operation: &'a str,
        key: &'a str,
        [no, yes]: [T; 2],
        run: impl Fn(StoreId) -> F + Send + Sync + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let (mutation, id) = (self.mutation(operation), StoreId::from_store(self.key(operation, key)));
            let there = self.look(&id);
            match mutation {
                "fails" => return Err(StoreError::new("no disk")),
                "does nothing" => return Ok(yes),
                "is done twice" => drop(run(id.clone()).await),
                "leaves locks" if !self.locks.lock().unwrap().insert(key.to_owned()) => return Ok(no),
                "leaves locks" | "puts back" => yield_now().await,
                "removes first" => {
                    self.records().remove(&id);
                    yield_now().await;
                }
                "revives" => self.records().extend(self.deleted.lock().unwrap().drain()),
                _ => {}
            }
            if let ("removes first" | "puts back", Some(there)) = (mutation, &there) {
                self.records().entry(id.clone()).or_insert_with(|| there.clone());
            }
            let answer = run(id.clone()).await;
            if mutation == "leaves locks" {
                self.locks.lock().unwrap().remove(key);
            }
            if let Some(record) = there.or(self.look(&id)).filter(|_| mutation.starts_with("takes all")) {
                let is_safe =
                    |other: &Record| mutation == "takes all of the user" && !of_same_user(other, &record);
                self.records().retain(|other, record| *other == id || is_safe(record));
            }
            yield_now().await;
            Ok(match mutation {
                "says no" => no,
                "says yes" => yes,
                _ => answer,
            })
        })
    }

    fn records(&self) -> MutexGuard<'_, HashMap<StoreId, Record>> {
        self.records.lock().unwrap()
    }

    fn until(&self) -> MutexGuard<'_, HashMap<StoreId, Timestamp>> {
        self.until.lock().unwrap()
    }

    fn values(&self) -> MutexGuard<'_, HashMap<String, (String, Option<Instant>)>> {
        self.values.lock().unwrap()
    }

    fn look(&self, id: &StoreId) -> Option<Record> {
        self.records().get(id).cloned()
    }

    /// Writes a record in the place of the one that is there.
    async fn write(&self, operation: &str, id: StoreId, next: Record, there: Option<Record>) -> Update {
        let mutation = self.mutation(operation);
        let mut next = self.bent(operation, &next, there.as_ref());
        let before: HashSet<StoreId> = self.records().keys().cloned().collect();
        if mutation.ends_with("later") {
            let mut half = next.clone();
            match mutation {
                "sets the end later" => half.move_end(at(i64::MAX), at(0)),
                _ => half = half.with_index(RecordIndex::default()),
            }
            self.records().insert(id.clone(), half);
        }
        if mutation == "indexes first" {
            self.until().insert(id.clone(), next.expires_at());
        }
        if ["first", "later", "rivals"].iter().any(|end| mutation.ends_with(end)) {
            yield_now().await;
        }
        let (mut records, mut until) = (self.records(), self.until());
        if let Some(there) = &there {
            let Some(mut now) = records.get(&id).cloned() else { return Update::Absent };
            let is_changed = match mutation {
                "looks first" => false,
                "compares the end first" => there.expires_at() != now.expires_at(),
                _ => operation == "update" && there.revision() != now.revision(),
            };
            if is_changed {
                return Update::Changed;
            }
            if mutation == "indexes first" {
                now.move_end(next.expires_at(), next.written_at());
                next = now;
            }
        }
        for (other, record) in records.iter_mut().filter(|(_, record)| of_same_user(record, &next)) {
            if mutation == "ends the index of all" {
                until.insert(other.clone(), next.expires_at());
            }
            if mutation == "forgets rivals" && !before.contains(other) {
                *record = record.clone().with_index(RecordIndex::default());
            }
        }
        if mutation != "indexes first" && (mutation != "leaves the index" || there.is_none()) {
            until.insert(id.clone(), next.expires_at());
        }
        if operation != "touch" && mutation != "keeps the revision" {
            next = next.with_revision(Revision::new(secret()));
        }
        records.insert(id, next);
        Update::Done
    }

    /// Returns what an operation makes of a record that it reads, or that it writes in the place of another one.
    fn bent(&self, operation: &str, next: &Record, there: Option<&Record>) -> Record {
        let (mut text, mut end) = (next.text().to_owned(), next.expires_at());
        let (mut index, mut revision) = (next.index().clone(), next.revision().clone());
        let there = there.unwrap_or(next);
        match self.mutation(operation) {
            "rewrites JSON" => {
                text = serde_json::from_str(&text).map_or(text, |json: serde_json::Value| json.to_string());
            }
            "cuts texts" => text = text.chars().take(65_535).collect(),
            "keeps the text" => text = there.text().to_owned(),
            "caps the end" => end = end.min(next.written_at().saturating_add(31 * 86_400)),
            "ends never" => end = at(i64::MAX),
            "ends never without time" if next.ttl().is_zero() => end = at(i64::MAX),
            "keeps the end" => end = there.expires_at(),
            "only prolongs" => end = end.max(there.expires_at()),
            "drops the index" => index = RecordIndex::default(),
            "indexes the text" => index = Record::new(text.as_str(), end, end).index().clone(),
            "keeps the index" => index = there.index().clone(),
            "changes the revision" => revision = Revision::new(secret()),
            "drops the revision" => revision = Revision::default(),
            _ => {}
        }
        Record::new(text, end, next.written_at()).with_index(index).with_revision(revision)
    }

    fn covered(&self, operation: &str, scope: &SessionFilter) -> Vec<(StoreId, Record)> {
        let mutation = self.mutation(operation);
        let most = match mutation {
            "takes a hundred" => 100,
            "takes one" => 1,
            _ => usize::MAX,
        };
        let records = self.records();
        let all = records.iter().map(|(id, record)| (id.clone(), record.clone()));
        all.filter(|(_, record)| covers(mutation, scope.clone(), record.index().clone())).take(most).collect()
    }

    fn value(&self, key: &str) -> Option<String> {
        let values = self.values();
        let there = values.get(key).filter(|(_, ends)| ends.is_none_or(|ends| ends > Instant::now()));
        there.map(|(value, _)| value.clone())
    }

    fn put(&self, key: &str, value: Option<&str>, ttl: Duration) {
        let mut values = self.values();
        match value {
            Some(value) => values.insert(key.to_owned(), (value.to_owned(), Instant::now().checked_add(ttl))),
            None => values.remove(key),
        };
    }

    fn bent_value(&self, operation: &str, value: &str) -> String {
        match self.mutation(operation) {
            "cuts texts" => value.chars().take(65_535).collect(),
            "trims texts" => value.trim().to_owned(),
            _ => value.to_owned(),
        }
    }
}

fn of_same_user(one: &Record, other: &Record) -> bool {
    one.index().sub == other.index().sub
}

fn covers(mutation: &str, mut scope: SessionFilter, mut index: RecordIndex) -> bool {
    let (user, session) = (scope.sub.is_some(), scope.sid.is_some());
    let (is_user, is_session) = (user && scope.sub == index.sub, session && scope.sid == index.sid);
    let names = [&mut scope.sub, &mut scope.sid, &mut index.sub, &mut index.sid];
    match mutation {
        "folds names" => names.into_iter().flatten().for_each(|name| *name = name.to_lowercase()),
        "ignores the provider" => index.iss = None,
        "ignores the session" if user => scope.sid = None,
        "ignores the user" if session => scope.sub = None,
        "joins names" => {
            let own = index.iss.take().unwrap_or_else(|| scope.iss.clone());
            for (name, iss) in names.into_iter().zip([&scope.iss, &scope.iss, &own, &own]) {
                *name = name.take().map(|name| format!("{iss}:{name}"));
            }
        }
        "needs a provider" if index.iss.is_none() => return false,
        "needs a session" if !session => return false,
        "needs a user" if !user => return false,
        "takes all for nobody" if !user && !session => return index.iss.is_none_or(|iss| iss == scope.iss),
        "takes either" if is_user => scope.sid = None,
        "takes either" if is_session => scope.sub = None,
        "mixes up names" => swap(&mut index.sub, &mut index.sid),
        "takes wildcards" => {
            let [sub, sid, own_sub, own_sid] = names;
            for (pattern, name) in [(sub, own_sub), (sid, own_sid)] {
                let start = pattern.as_deref().and_then(|pattern| pattern.strip_suffix('%'));
                if start.is_some_and(|start| name.as_deref().is_some_and(|name| name.starts_with(start))) {
                    name.clone_from(pattern);
                }
            }
        }
        _ => {}
    }
    scope.covers(&Record::new("", at(0), at(0)).with_index(index))
}

impl SessionStore for Mutant {
    fn name(&self) -> &'static str {
        "mutant"
    }

    fn get<'a>(&'a self, id: &'a StoreId, _now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        let invented = Record::new("{}", at(i64::MAX), at(0));
        self.answer("get", id.as_str(), [None, Some(invented)], move |id| async move {
            let record = self.bent("get", &self.look(&id)?, None);
            if self.mutation("get") != "reads the revision later" {
                return Some(record);
            }
            yield_now().await;
            Some(record.with_revision(self.look(&id)?.revision().clone()))
        })
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.answer("create", id.as_str(), [(); 2], move |id| {
            let record = record.clone();
            async move {
                self.write("create", id, record, None).await;
            }
        })
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        self.answer("update", id.as_str(), [Update::Changed, Update::Done], move |id| {
            let record = record.clone();
            async move {
                let mutation = self.mutation("update");
                let Some(there) = self.look(&id).filter(|_| mutation != "says absent") else {
                    let is_done = mutation == "creates";
                    return if is_done {
                        self.write("update", id, record, None).await
                    } else {
                        Update::Absent
                    };
                };
                let is_same = there.text() == record.text();
                let fits = match mutation {
                    "ignores the revision" => true,
                    "ignores the empty revision" if seen.as_str().is_empty() => true,
                    _ => there.revision() == seen && !(mutation == "refuses the same" && is_same),
                };
                if fits {
                    let record = record.with_revision(seen.clone());
                    return self.write("update", id, record, Some(there)).await;
                }
                if mutation == "moves the index if refused" {
                    self.until().insert(id, record.expires_at());
                }
                Update::Changed
            }
        })
    }

    fn touch<'a>(&'a self, id: &'a StoreId, end: Timestamp, written_at: Timestamp) -> StoreFuture<'a, bool> {
        self.answer("touch", id.as_str(), [false, true], move |id| async move {
            let (mutation, there) = (self.mutation("touch"), self.look(&id));
            let Some(mut next) = there.clone() else {
                if mutation == "creates" {
                    self.write("touch", id, Record::new("{}", end, written_at), None).await;
                }
                return false;
            };
            if mutation == "refuses the same" && next.expires_at() == end {
                return false;
            }
            next.move_end(end, written_at);
            self.write("touch", id, next, there).await == Update::Done
        })
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        self.answer("delete", id.as_str(), [false, true], move |id| async move {
            let (mutation, there) = (self.mutation("delete"), self.look(&id));
            let Some(there) = there else { return false };
            if mutation == "removes the index first" {
                let half = there.clone().with_index(RecordIndex::default());
                self.records().insert(id.clone(), half);
            }
            if mutation.ends_with("first") {
                yield_now().await;
            }
            self.deleted.lock().unwrap().insert(id.clone(), there);
            self.records().remove(&id).is_some() || mutation == "looks first"
        })
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        self.answer("logout", "", [0, 1], move |_| async move {
            let mut covered = self.covered("logout", scope);
            if self.mutation("logout") == "looks first" {
                yield_now().await;
            }
            let mut records = self.records();
            let is_same = |there: &Record, seen: &Record| there.revision() == seen.revision();
            covered.retain(|(id, seen)| records.get(id).is_some_and(|there| is_same(there, seen)));
            for (id, _) in &covered {
                records.remove(id);
            }
            let count = covered.len();
            self.deleted.lock().unwrap().extend(covered);
            count
        })
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        let invented = (StoreId::from_store("invented"), Record::new("{}", at(i64::MAX), at(0)));
        self.answer("list", "", [vec![], vec![invented]], move |_| async move {
            let (mutation, until) = (self.mutation("list"), self.until().clone());
            let mut listed = self.covered("list", scope);
            listed.retain(|(id, record)| {
                mutation == "ignores the end"
                    || record.expires_at() > now && until.get(id).is_none_or(|until| *until > now)
            });
            if mutation == "gives each twice" {
                listed.extend_from_within(..);
            }
            let prefix = if mutation == "makes up keys" { "session:" } else { "" };
            let key = |id: StoreId| StoreId::from_store(format!("{prefix}{}", id.as_str()));
            listed.into_iter().map(|(id, record)| (key(id), self.bent("list", &record, None))).collect()
        })
    }
}

impl KeyValueStore for Mutant {
    fn name(&self) -> &'static str {
        "mutant"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        let invented = [None, Some("invented".to_owned())].map(|value| vec![value; keys.len()]);
        self.answer("read", "", invented, move |_| async move {
            let mut keys: Vec<String> = keys.iter().map(|key| self.key("read", key)).collect();
            match self.mutation("read") {
                "sorts" => keys.sort(),
                "gives each once" => {
                    keys = keys.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
                }
                _ => {}
            }
            let values = keys.iter().map(|key| self.value(key).map(|value| self.bent_value("read", &value)));
            let is_empty = self.mutation("read") == "gives empty for none";
            values.map(|value| value.or(is_empty.then(String::new))).collect()
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        let operation = match (expected, value) {
            (None, None) => "leave",
            (None, Some(_)) => "put",
            (Some(_), None) => "remove",
            (Some(_), Some(_)) => "replace",
        };
        self.answer(operation, key, [false, true], move |id| async move {
            let (key, mutation, there) = (id.as_str(), self.mutation(operation), self.value(id.as_str()));
            let (one, other) = (there.as_deref().unwrap_or_default(), expected.unwrap_or_default());
            let fits = match mutation {
                "compares folded" => there.is_some() && one.eq_ignore_ascii_case(other),
                "compares trimmed" => there.is_some() && one.trim() == other.trim(),
                "ignores what is there" => there.is_some() || expected.is_none(),
                "refuses the same" if expected == value => false,
                _ => there.as_deref() == expected,
            };
            if !fits {
                if there.is_some() && mutation == "prolongs if refused" {
                    self.put(key, there.as_deref(), ttl);
                }
                return false;
            }
            let ended = self.values().get(key).and_then(|(_, ends)| *ends);
            match mutation {
                "sets the end later" => self.put(key, value, Duration::MAX),
                "removes first" => self.put(key, None, ttl),
                "takes all" => self.values().clear(),
                _ => {}
            }
            let is_split = mutation != "looks first if it ended" || there.is_none() && ended.is_some();
            if is_split && ["first", "later", "ended"].iter().any(|end| mutation.ends_with(end)) {
                yield_now().await;
            }
            let left = ended.map_or(ttl, |ends| ends.saturating_duration_since(Instant::now()));
            let ttl = match mutation {
                "ends never" => Duration::MAX,
                "ends never without time" if ttl.is_zero() => Duration::MAX,
                "keeps the end" => left,
                "only prolongs" => ttl.max(left),
                "counts whole seconds" => Duration::from_secs(ttl.as_secs()),
                _ => ttl,
            };
            self.put(key, value.map(|value| self.bent_value(operation, value)).as_deref(), ttl);
            true
        })
    }
}
