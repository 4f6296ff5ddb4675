//! Sealed records. Keys are hashed, texts are encrypted, and users and sessions are named by codes that only the
//! service can compute, so a reader of the store learns neither tokens nor users.

use super::record::{Record, RecordIndex};
use super::session_store::SessionFilter;
use crate::crypto::{Entropy, KeyRing, Stamp};
use crate::session::StoreId;
use crate::shared::StoreError;
use crate::time::Timestamp;

/// The keys that seal records. They are derived from the service's secrets for this alone, so that no sealed record is
/// a valid cookie and no cookie is a valid record.
#[derive(Debug)]
pub(super) struct Sealing {
    keys: KeyRing,
    entropy: Entropy,
}

impl Sealing {
    pub(super) fn new(keys: KeyRing, entropy: Entropy) -> Self {
        Self { keys, entropy }
    }

    /// Returns the key of a sealed record: the hash of the session's id. A reader of the store cannot compute the id
    /// from it, which a cookie would have to hold.
    pub(super) fn id(id: &StoreId) -> StoreId {
        StoreId::from_store(id.handle())
    }

    /// Seals a record for this key alone, so that a writer to the store cannot put one session's record under the key
    /// of another. The end is sealed with the text, so that a writer to the store cannot move it to later.
    pub(super) fn seal(&self, key: &StoreId, record: &Record) -> Result<Record, StoreError> {
        let stamp = Stamp { end: record.expires_at(), generation: generation(record) };
        let sealed = self.keys.seal_stamped(key.as_str(), record.text(), stamp, self.entropy);
        let sealed = sealed.map_err(StoreError::new)?;
        let RecordIndex { iss, sub, sid } = record.index().clone();
        let code = |kind, text: Option<String>| self.keys.codes(kind, &text?).into_iter().next();
        let index = RecordIndex { iss, sub: code("sub", sub), sid: code("sid", sid) };
        Ok(Record::new(sealed, record.expires_at(), record.written_at()).with_index(index))
    }

    /// Opens a record. The earlier of the sealed end and the store's end counts. An earlier version of this crate
    /// sealed no end; for its records the store's end counts until the next write.
    ///
    /// # Errors
    ///
    /// The text is not sealed for this key with a secret of this service: the record is
    /// [unreadable](StoreError::is_unreadable).
    pub(super) fn open(&self, key: &StoreId, record: &Record, now: Timestamp) -> Result<Record, StoreError> {
        let opened = self.keys.open_stamped(key.as_str(), record.text(), now);
        let (text, stamp) = opened.map_err(|_| StoreError::unreadable(NOT_OURS))?;
        let end = stamp.map_or(record.expires_at(), |stamp| stamp.end.min(record.expires_at()));
        let opened = Record::new(text.as_str(), end, record.written_at());
        let generation = stamp.map(|stamp| stamp.generation);
        Ok(opened.with_revision(record.revision().clone()).with_generation(generation))
    }

    /// Returns the scope in the codes of each secret, since a record is sealed with the secret that was current when
    /// the record was last written. The current secret comes last: a record that is written meanwhile changes over to
    /// it.
    pub(super) fn scopes(&self, scope: &SessionFilter) -> Vec<SessionFilter> {
        let codes = |kind, text: &Option<String>| match text {
            Some(text) => self.keys.codes(kind, text).into_iter().map(Some).collect(),
            None => vec![None; self.keys.len()],
        };
        let (subs, sids) = (codes("sub", &scope.sub), codes("sid", &scope.sid));
        let pairs = subs.into_iter().zip(sids);
        let mut scopes: Vec<_> =
            pairs.map(|(sub, sid)| SessionFilter { iss: scope.iss.clone(), sub, sid }).collect();
        scopes.reverse();
        scopes
    }
}

/// Returns the generation to seal a record with: at least the second in which the record is written. So the count goes
/// on above every earlier generation also where an earlier version of this crate wrote the record and lost the count.
fn generation(record: &Record) -> u64 {
    let second = u64::try_from(record.written_at().as_unix()).unwrap_or_default();
    record.generation().unwrap_or_default().max(second)
}

/// The log's text for a record that does not open. The operator is told, since the cookie that named the record did
/// open with a secret of this service.
const NOT_OURS: &str = "a record is not sealed with a secret of this service";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Secret;
    use crate::time::at;

    const SESSION: &str =
        r#"{"user":{"sub":"ada"},"tokenSet":{"accessToken":"at"},"internal":{"sid":"s1","createdAt":1}}"#;

    /// The session under the key "a", sealed with the secret "new" as the version before sealed ends did it.
    const WITHOUT_END: &str = "eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0..AAECAwQFBgcICQoL.rtpQkVgsODKY8cQRFQG887UoS8EA3DuAyUnhvRJXnnhgsdnzO_gi6PXER_pKhs7nO-Hv_01w8KN_NgZWQwWVPVKFH9yfzKDEVNkTytLI2HHA7L2_1Dy7AEoaYr2-fw.vt9mq1AFgOMhP_iIU-HQiQ";
    const NOW: Timestamp = Timestamp::from_unix(0);

    fn sealing(secrets: &[&str]) -> Sealing {
        let secrets = secrets.iter().map(|secret| Secret::new(*secret));
        Sealing::new(KeyRing::danger_accept_weak_secrets(secrets).unwrap().for_stores(), Entropy::SYSTEM)
    }

    fn key(text: &str) -> StoreId {
        StoreId::from_store(text)
    }

    #[test]
    fn prv_03_what_is_kept_says_nothing_and_opens_under_its_key_alone() {
        let sealing = sealing(&["new"]);
        let sealed = sealing.seal(&key("a"), &Record::new(SESSION, at(60), at(0))).unwrap();
        for word in ["ada", "at", "s1"] {
            let index = sealed.index();
            assert!(!sealed.text().contains(&format!("\"{word}\"")));
            assert!(index.sub.as_deref() != Some(word) && index.sid.as_deref() != Some(word));
        }
        assert_eq!(sealing.open(&key("a"), &sealed, NOW).unwrap().text(), SESSION);
        // Somebody who can write to the store gives one user's record to another's key.
        assert!(sealing.open(&key("b"), &sealed, NOW).is_err());
    }

    #[test]
    fn neither_a_cookie_nor_another_secrets_record_is_one_of_ours() {
        let keys = KeyRing::danger_accept_weak_secrets([Secret::new("new")]).unwrap();
        let cookie = keys.seal(format!("a\n{SESSION}").as_bytes(), Entropy::SYSTEM).unwrap();
        assert!(sealing(&["new"]).open(&key("a"), &Record::new(cookie, at(60), at(0)), NOW).is_err());
        let foreign = sealing(&["other"]).seal(&key("a"), &Record::new(SESSION, at(60), at(0))).unwrap();
        assert!(sealing(&["new"]).open(&key("a"), &foreign, NOW).is_err());
        assert!(sealing(&["new", "other"]).open(&key("a"), &foreign, NOW).is_ok());
    }

    #[test]
    fn the_store_can_shorten_the_end_that_is_sealed_and_not_move_it() {
        let sealing = sealing(&["new"]);
        let sealed =
            sealing.seal(&key("a"), &Record::new(SESSION, at(60), at(0)).with_generation(Some(7))).unwrap();
        for (said, end) in [(60, 60), (59, 59), (61, 60), (i64::MAX, 60), (i64::MIN, i64::MIN)] {
            let there = Record::new(sealed.text(), at(said), at(0));
            let opened = sealing.open(&key("a"), &there, NOW).unwrap();
            assert_eq!((opened.expires_at(), opened.generation()), (at(end), Some(7)), "{said}");
        }
    }

    #[test]
    fn what_a_version_without_sealed_ends_sealed_is_read() {
        let sealing = sealing(&["new"]);
        let opened = sealing.open(&key("a"), &Record::new(WITHOUT_END, at(60), at(0)), NOW).unwrap();
        assert_eq!((opened.text(), opened.expires_at(), opened.generation()), (SESSION, at(60), None));
        // The next write seals an end too.
        let upgraded = sealing.seal(&key("a"), &Record::new(opened.text(), at(90), at(30))).unwrap();
        let there = Record::new(upgraded.text(), at(i64::MAX), at(30));
        let opened = sealing.open(&key("a"), &there, NOW).unwrap();
        assert_eq!((opened.expires_at(), opened.generation()), (at(90), Some(30)));
    }

    #[test]
    fn a_record_that_is_not_sealed_is_unreadable_and_no_failure_of_the_store() {
        for text in [SESSION, "", "ey", "null"] {
            let error =
                sealing(&["new"]).open(&key("a"), &Record::new(text, at(60), at(0)), NOW).unwrap_err();
            assert!(error.is_unreadable(), "{text}");
        }
    }

    #[test]
    fn records_of_every_secret_are_found() {
        let (old, both) = (sealing(&["old"]), sealing(&["new", "old"]));
        let scope = SessionFilter {
            iss: "https://id.example.com/".to_owned(),
            sub: Some("ada".to_owned()),
            sid: None,
        };
        for sealing in [&old, &both] {
            let record = sealing.seal(&key("a"), &Record::new(SESSION, at(60), at(0))).unwrap();
            assert_eq!(both.scopes(&scope).iter().filter(|scope| scope.covers(&record)).count(), 1);
        }
        let grace = Record::new(SESSION.replace("ada", "grace"), at(60), at(0));
        let grace = both.seal(&key("b"), &grace).unwrap();
        assert!(both.scopes(&scope).iter().all(|scope| !scope.covers(&grace)));
    }
}
