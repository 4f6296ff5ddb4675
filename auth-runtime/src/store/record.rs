//! A session as a store keeps it.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::json;
use crate::session::{JwtPayload, Revision};
use crate::time::Timestamp;

/// A session's JSON, or what it is sealed to, and when it ends. What a store may want to find records by is at hand
/// beside it. `Debug` shows no part of the text.
#[derive(Clone)]
pub struct Record {
    /// Without spare capacity, and wiped at once: a `String` is wiped byte by byte.
    text: Zeroizing<Box<str>>,
    expires_at: Timestamp,
    written_at: Timestamp,
    revision: Revision,
    generation: Option<u64>,
    index: OnceLock<RecordIndex>,
}

/// Whose session a record holds. A store that finds records by it keeps it beside the text, which may be sealed.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a store has to keep all of it")]
pub struct RecordIndex {
    /// The provider that the user signed in at, if the session says so.
    pub iss: Option<String>,
    /// The user.
    pub sub: Option<String>,
    /// The provider's name for the session.
    pub sid: Option<String>,
}

impl Record {
    /// A record that ends at `expires_at`. A store makes one from what it has kept.
    pub fn new(text: impl Into<String>, expires_at: Timestamp, written_at: Timestamp) -> Self {
        Self {
            text: Zeroizing::new(text.into().into_boxed_str()),
            expires_at,
            written_at,
            revision: Revision::default(),
            generation: None,
            index: OnceLock::new(),
        }
    }

    /// The same record, in the state that the store calls so.
    #[must_use]
    pub fn with_revision(mut self, revision: Revision) -> Self {
        self.revision = revision;
        self
    }

    /// The same record, found by this. Without it, by what its JSON says.
    #[must_use]
    pub fn with_index(mut self, index: RecordIndex) -> Self {
        self.index = index.into();
        self
    }

    /// The same record, to be sealed as of this generation at least.
    pub(super) fn with_generation(mut self, generation: Option<u64>) -> Self {
        self.generation = generation;
        self
    }

    /// Greater than that of every record that was sealed under the same key before. `None` where records are not sealed, and of one that a version
    /// before this one sealed.
    pub(super) fn generation(&self) -> Option<u64> {
        self.generation
    }

    /// Returns whether the store has put a record back that is older than what was `seen` under its key.
    pub(super) fn is_older_than(&self, seen: Option<u64>) -> bool {
        matches!((self.generation, seen), (Some(own), Some(seen)) if own < seen)
    }

    /// The same record, with another end.
    pub(crate) fn move_end(&mut self, expires_at: Timestamp, written_at: Timestamp) {
        self.expires_at = expires_at;
        self.written_at = written_at;
    }

    /// What the store keeps: the session's JSON, with the tokens of federated connections in `connectionTokenSets`. Where
    /// records are sealed ([`AuthBuilder::seal_records`](crate::AuthBuilder::seal_records)) it is no JSON.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// When the session ends unless it is used.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How long the record is worth keeping, from the moment it was made for the store.
    pub fn ttl(&self) -> Duration {
        Duration::from_secs(self.expires_at.seconds_since(self.written_at))
    }

    /// When the record was made, or its end moved.
    pub fn written_at(&self) -> Timestamp {
        self.written_at
    }

    /// In which state of the record it was read. Nothing of a record that no store has kept yet.
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// What it is found by.
    pub fn index(&self) -> &RecordIndex {
        self.index.get_or_init(|| RecordIndex::of(&self.text))
    }
}

impl RecordIndex {
    /// Of a session's JSON.
    pub(super) fn of(session: &str) -> Self {
        let internal = json::member(session, "internal").unwrap_or("{}");
        let text = |object, name| json::member(object, name).and_then(json::string).map(Into::into);
        Self {
            iss: issuer(session, internal),
            sub: json::member(session, "user").and_then(|user| text(user, "sub")),
            sid: text(internal, "sid"),
        }
    }
}

/// Sessions of an application with several domains name theirs; the ID token names the provider in any case.
fn issuer(session: &str, internal: &str) -> Option<String> {
    let named =
        json::member(internal, "mcd").and_then(|mcd| json::member(mcd, "issuer")).and_then(json::string);
    if let Some(named) = named {
        return Some(named.into_owned());
    }
    let id_token = json::member(session, "tokenSet").and_then(|set| json::member(set, "idToken"));
    match JwtPayload::read(id_token.and_then(json::string).as_deref()) {
        JwtPayload::Claims(claims) => {
            json::member(&claims, "iss").and_then(json::string).map(std::borrow::Cow::into_owned)
        }
        JwtPayload::Absent | JwtPayload::Unreadable => None,
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("expires_at", &self.expires_at)
            .field("written_at", &self.written_at)
            .finish_non_exhaustive()
    }
}

/// Who has a session is personal data.
impl fmt::Debug for RecordIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordIndex").field("iss", &self.iss).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::at;

    #[test]
    fn key_13_a_record_lives_in_a_type_that_wipes_itself() {
        fn wipes<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let record = Record::new("{}", at(2), at(1));
        wipes(&record.text);
    }
}
