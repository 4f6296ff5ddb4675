//! The contract of a [`SessionStore`].

mod ends;
mod finding;
mod given_up;
mod logout;
mod races;
mod reading;
mod writing;

use serde_json::json;

use super::breach::{Breach, Kept, demand, same, same_text};
use super::trial::{Suite, Trial, now};
use crate::store::{Record, RecordIndex, Revision, SessionFilter, SessionStore, StoreId, Update};

pub(super) const SUITE: Suite<dyn SessionStore> = Suite {
    clauses: &[
        reading::CLAUSES,
        writing::CLAUSES,
        logout::CLAUSES,
        finding::CLAUSES,
        races::CLAUSES,
        given_up::CLAUSES,
    ],
    patient: ends::CLAUSES,
    tidy: |trial| Box::pin(trial.tidy()),
};

type Clause = super::trial::Clause<dyn SessionStore>;
type Sessions<'s> = Trial<'s, dyn SessionStore>;

/// The operations of the store, with a breach in the place of an error.
impl Sessions<'_> {
    async fn tidy(&self) {
        for key in self.take_made() {
            let _ = self.store.delete(&StoreId::from_store(key)).await;
        }
    }

    async fn get(&self, id: &StoreId) -> Kept<Option<Record>> {
        self.store.get(id, now()).await.map_err(|error| Breach::failed("get", error))
    }

    async fn create(&self, record: &Record) -> Kept<StoreId> {
        let id = self.id();
        self.create_as(&id, record).await?;
        Ok(id)
    }

    async fn create_as(&self, id: &StoreId, record: &Record) -> Kept {
        self.store.create(id, record.clone()).await.map_err(|error| Breach::failed("create", error))
    }

    async fn update(&self, id: &StoreId, seen: &Revision, record: &Record) -> Kept<Update> {
        self.store.update(id, seen, record.clone()).await.map_err(|error| Breach::failed("update", error))
    }

    async fn touch(&self, id: &StoreId, record: &Record) -> Kept<bool> {
        let touched = self.store.touch(id, record.expires_at(), record.written_at()).await;
        touched.map_err(|error| Breach::failed("touch", error))
    }

    async fn delete(&self, id: &StoreId) -> Kept<bool> {
        self.store.delete(id).await.map_err(|error| Breach::failed("delete", error))
    }

    async fn log_out(&self, scope: &SessionFilter) -> Kept<usize> {
        let deleted = self.store.delete_by_logout_token(scope).await;
        deleted.map_err(|error| Breach::failed("delete_by_logout_token", error))
    }

    async fn list(&self, scope: &SessionFilter) -> Kept<Vec<(StoreId, Record)>> {
        self.store.list(scope, now()).await.map_err(|error| Breach::failed("list", error))
    }
}

/// The demands on the store's answers.
impl Sessions<'_> {
    /// Demands that the record is there, with this text and this end.
    async fn has(&self, id: &StoreId, expected: &Record) -> Kept<Record> {
        let found = self.there(id).await?;
        same_text(found.text(), expected.text())?;
        same_end(&found, expected)?;
        Ok(found)
    }

    async fn there(&self, id: &StoreId) -> Kept<Record> {
        self.get(id).await?.ok_or_else(|| Breach::new("the record from get", "none"))
    }

    async fn has_none(&self, id: &StoreId) -> Kept {
        demand(self.get(id).await?.is_none(), "no record from get", || "one".to_owned())
    }

    /// Demands that an update with the present revision is done.
    async fn replaced(&self, id: &StoreId, record: &Record) -> Kept {
        let seen = self.there(id).await?.revision().clone();
        let done = self.update(id, &seen, record).await?;
        same("update with the revision that get gave", &done, &Update::Done)
    }

    async fn touched(&self, id: &StoreId, record: &Record) -> Kept {
        same("touch of a record that is there", &self.touch(id, record).await?, &true)
    }

    async fn deleted(&self, id: &StoreId) -> Kept {
        same("delete of a record that is there", &self.delete(id).await?, &true)
    }

    async fn logged_out(&self, scope: &SessionFilter, count: usize) -> Kept {
        same("delete_by_logout_token", &self.log_out(scope).await?, &count)
    }

    /// Demands that these records are listed, each once, and no other.
    async fn lists(
        &self,
        scope: &SessionFilter,
        expected: &[(&StoreId, &Record)],
    ) -> Kept<Vec<(StoreId, Record)>> {
        let listed = self.list(scope).await?;
        let what = || format!("{} records", listed.len());
        demand(listed.len() == expected.len(), &format!("{} records from list", expected.len()), what)?;
        for (id, record) in expected {
            let found = listed.iter().find(|(listed, _)| listed == *id);
            let Some((_, found)) = found else {
                return Err(Breach::new("every record from list under its own key", "another key"));
            };
            same_text(found.text(), record.text())?;
            same_end(found, record)?;
        }
        Ok(listed)
    }
}

/// The keys, users and records of the test.
impl Sessions<'_> {
    fn id(&self) -> StoreId {
        self.named(self.fresh())
    }

    fn named(&self, key: String) -> StoreId {
        self.note(&key);
        StoreId::from_store(key)
    }

    fn someone(&self) -> RecordIndex {
        RecordIndex {
            iss: Some(format!("https://{}.example/", self.fresh())),
            sub: Some(self.fresh()),
            sid: Some(self.fresh()),
        }
    }

    /// Returns the session of a new user.
    fn session(&self, word: &str) -> Record {
        lasting(&text(&self.someone(), word), HOUR)
    }
}

/// Returns a session's JSON.
fn text(index: &RecordIndex, word: &str) -> String {
    let internal = json!({ "sid": index.sid, "createdAt": now().as_unix(), "mcd": { "issuer": index.iss } });
    json!({ "user": { "sub": index.sub }, "tokenSet": {}, "internal": internal, "word": word }).to_string()
}

/// Returns a record that ends `seconds` from now.
fn lasting(text: &str, seconds: u64) -> Record {
    let now = now();
    Record::new(text, now.saturating_add(seconds), now)
}

/// Returns a record that ended before it was written.
fn ended(text: &str, seconds_ago: u64) -> Record {
    let now = now();
    Record::new(text, now.saturating_sub(seconds_ago), now)
}

fn of(index: &RecordIndex, word: &str) -> Record {
    lasting(&text(index, word), HOUR)
}

/// Returns a record whose text no store can read, with an index beside it.
fn sealed(index: &RecordIndex, word: &str) -> Record {
    lasting(&format!("eyJhbGciOiJkaXIifQ..{word}"), HOUR).with_index(index.clone())
}

/// Returns the scope of all sessions of the user.
fn user(index: &RecordIndex) -> SessionFilter {
    SessionFilter { sid: None, ..exactly(index) }
}

/// Returns the scope of the session id, without the user.
fn session(index: &RecordIndex) -> SessionFilter {
    SessionFilter { sub: None, ..exactly(index) }
}

fn exactly(index: &RecordIndex) -> SessionFilter {
    let RecordIndex { iss, sub, sid } = index.clone();
    SessionFilter { iss: iss.unwrap_or_default(), sub, sid }
}

/// Demands that two records have the same end. A store that only knows how much longer a record is kept counts from the
/// `now` that it is told. So the end may be off by the rounding of both times, and by the time that passed between
/// them.
fn same_end(found: &Record, expected: &Record) -> Kept {
    let (found_end, end) = (found.expires_at(), expected.expires_at());
    let off_by = found_end.seconds_since(end).max(end.seconds_since(found_end));
    let is_so = off_by <= now().seconds_since(expected.written_at()).saturating_add(2);
    demand(is_so, &format!("a record that ends at {}", end.as_unix()), || {
        format!("one that ends at {}", found_end.as_unix())
    })
}

fn has_ended(record: &Record) -> bool {
    record.expires_at() <= now()
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// A long time, in seconds: above thirty days, above a year, and above the milliseconds that 32 bits hold.
const LONG: u64 = 400 * 86_400;
