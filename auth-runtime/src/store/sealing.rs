//! Records that nobody can read in the store: keys are hashed, texts are encrypted, and what records are found by is a
//! code that only the service can compute.

use zeroize::Zeroizing;

use super::record::{Record, RecordIndex};
#[cfg(feature = "oidc")]
use super::session_store::LogoutScope;
use crate::crypto::{Entropy, KeyRing};
use crate::session::StoreId;
use crate::shared::StoreError;

/// With keys of its own, derived from the service's secrets: what a store holds is no cookie, and no cookie is a record.
#[derive(Debug)]
pub(super) struct Sealing {
    keys: KeyRing,
    entropy: Entropy,
}

impl Sealing {
    pub(super) fn new(keys: &KeyRing, entropy: Entropy) -> Self {
        Self { keys: keys.for_stores(), entropy }
    }

    /// Whoever reads the store cannot make a cookie that names the record.
    pub(super) fn id(id: &StoreId) -> StoreId {
        StoreId::from_store(id.handle())
    }

    pub(super) fn seal(&self, record: &Record) -> Result<Record, StoreError> {
        let sealed = self.keys.seal(record.text().as_bytes(), self.entropy).map_err(StoreError::new)?;
        let RecordIndex { iss, sub, sid } = record.index().clone();
        let code = |kind, text: Option<String>| self.keys.codes(kind, &text?).into_iter().next();
        let index = RecordIndex { iss, sub: code("sub", sub), sid: code("sid", sid) };
        Ok(Record::new(sealed, record.expires_at(), record.written_at()).with_index(index))
    }

    pub(super) fn open(&self, record: &Record) -> Result<Record, StoreError> {
        let text = self.keys.open_stored(record.text()).map_err(|_| StoreError::new(NOT_OURS))?;
        let text = Zeroizing::new(text.to_string());
        let opened = Record::new(text.as_str(), record.expires_at(), record.written_at());
        Ok(opened.with_revision(record.revision().clone()))
    }

    /// What the scope covers, in the codes of each secret: a record is sealed with the one that was current when it was
    /// written last.
    #[cfg(feature = "oidc")]
    pub(super) fn scopes(&self, scope: &LogoutScope) -> Vec<LogoutScope> {
        let codes = |kind, text: &Option<String>| match text {
            Some(text) => self.keys.codes(kind, text).into_iter().map(Some).collect(),
            None => vec![None; self.keys.len()],
        };
        let (subs, sids) = (codes("sub", &scope.sub), codes("sid", &scope.sid));
        let pairs = subs.into_iter().zip(sids);
        pairs.map(|(sub, sid)| LogoutScope { iss: scope.iss.clone(), sub, sid }).collect()
    }
}

/// Never taken for "no session": another secret would sign everybody out.
const NOT_OURS: &str = "a record is not sealed with a secret of this service";
