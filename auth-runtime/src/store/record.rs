//! The record of a session in a store, and the names that it is found by.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::json;
use crate::session::{JwtPayload, Revision};
use crate::time::Timestamp;

/// A session as a store keeps it: the session's JSON, or the text that it is sealed to, and the time when it ends. The
/// names that a store finds records by are beside the text ([`index`](Self::index)). `Debug` shows no part of the text.
///
/// ```
/// use auth_runtime::Timestamp;
/// use auth_runtime::store::{Record, Revision};
///
/// let session = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"sid":"s1","createdAt":1}}"#;
/// let (made, ends) = (Timestamp::from_unix(100), Timestamp::from_unix(160));
/// let record = Record::new(session, ends, made).with_revision(Revision::new("7"));
/// assert_eq!(record.ttl().as_secs(), 60);
/// assert_eq!(record.index().sub.as_deref(), Some("ada"));
/// assert_eq!(record.revision().as_str(), "7");
/// ```
#[derive(Clone)]
pub struct Record {
    /// A `Box<str>` has no spare capacity to be wiped, and is wiped faster than a `String`, which is wiped byte by
    /// byte.
    text: Zeroizing<Box<str>>,
    expires_at: Timestamp,
    written_at: Timestamp,
    revision: Revision,
    generation: Option<u64>,
    index: OnceLock<RecordIndex>,
}

/// The provider, the user and the session id of a record. A store that finds records by these keeps them beside the
/// text, since the text may be sealed. `sub` and `sid` of a sealed record are keyed codes.
///
/// ```
/// use auth_runtime::Timestamp;
/// use auth_runtime::store::{Record, RecordIndex};
///
/// let (made, ends) = (Timestamp::from_unix(0), Timestamp::from_unix(60));
/// let index = RecordIndex { sub: Some("code of ada".to_owned()), ..RecordIndex::default() };
/// let record = Record::new("sealed text", ends, made).with_index(index.clone());
/// assert!(*record.index() == index);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a store has to keep all of it")]
pub struct RecordIndex {
    /// The issuer that the user signed in at, if the session names it.
    pub iss: Option<String>,
    /// The user: the claim `sub`.
    pub sub: Option<String>,
    /// The provider's name for the session: the claim `sid`.
    pub sid: Option<String>,
}

impl Record {
    /// Returns a record that was made at `written_at` and ends at `expires_at`. A store makes one from what it has
    /// kept.
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

    /// Returns the record with this revision, the store's name for its present state.
    #[must_use]
    pub fn with_revision(mut self, revision: Revision) -> Self {
        self.revision = revision;
        self
    }

    /// Returns the record with these names to be found by. Without them it is found by the names in its JSON.
    #[must_use]
    pub fn with_index(mut self, index: RecordIndex) -> Self {
        self.index = index.into();
        self
    }

    /// Returns the record with the least generation that it is to be sealed with.
    pub(super) fn with_generation(mut self, generation: Option<u64>) -> Self {
        self.generation = generation;
        self
    }

    /// Returns the generation that the record was sealed with, which is greater than that of every record that was
    /// sealed under the same key before. `None` where records are not sealed, and for a record that an earlier version
    /// of this crate sealed.
    pub(super) fn generation(&self) -> Option<u64> {
        self.generation
    }

    /// Returns whether the record is older than the generation that was `seen` under its key: an earlier record was put
    /// back into the store.
    pub(super) fn is_older_than(&self, seen: Option<u64>) -> bool {
        matches!((self.generation, seen), (Some(own), Some(seen)) if own < seen)
    }

    /// Sets the end of the record, and the time when it was set.
    pub(crate) fn move_end(&mut self, expires_at: Timestamp, written_at: Timestamp) {
        self.expires_at = expires_at;
        self.written_at = written_at;
    }

    /// Returns the text that the store keeps: the session's JSON, with the tokens of federated connections in
    /// `connectionTokenSets`. Where records are sealed
    /// ([`AuthBuilder::seal_records`](crate::AuthBuilder::seal_records)) the text is no JSON.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the time when the session ends unless it is used.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns how long the store has to keep the record, counted from [`written_at`](Self::written_at).
    pub fn ttl(&self) -> Duration {
        Duration::from_secs(self.expires_at.seconds_since(self.written_at))
    }

    /// Returns the time when the record was made or its end was moved.
    pub fn written_at(&self) -> Timestamp {
        self.written_at
    }

    /// Returns the revision that the record had when it was read; the empty revision for a record that no store has
    /// kept yet.
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// Returns the names that the record is found by.
    pub fn index(&self) -> &RecordIndex {
        self.index.get_or_init(|| RecordIndex::of(&self.text))
    }
}

impl RecordIndex {
    /// Reads the names from a session's JSON.
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

/// Reads the issuer of a session, if the session names one: `internal.mcd.issuer` in an application with several
/// domains, else the claim `iss` of the ID token.
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

/// `sub` and `sid` are personal data, so only the issuer is shown.
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
