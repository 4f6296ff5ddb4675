//! What one version of this crate wrote into browsers and stores, as `previous_version.json` has it.

use std::collections::BTreeMap;

use auth_runtime::Timestamp;
use auth_runtime::store::{Record, RecordIndex};
use auth_tests::Noted;
use serde::{Deserialize, Serialize};

/// Everything that was recorded of one version.
#[derive(Serialize, Deserialize)]
pub(crate) struct Recorded {
    /// How the file was made, and how to make it again.
    pub(crate) about: Vec<String>,
    /// The commit, or the release, that wrote what follows.
    pub(crate) version: String,
    /// The provider that the users signed in at.
    pub(crate) issuer: String,
    /// By what had happened.
    pub(crate) cases: BTreeMap<String, Case>,
}

/// A browser and a store, after what the case is called after.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Case {
    /// When the case ended, in unix seconds.
    pub(crate) now: i64,
    /// What the browser holds.
    pub(crate) cookies: BTreeMap<String, String>,
    /// The attributes with which each cookie was set.
    pub(crate) attributes: BTreeMap<String, String>,
    /// What the session store holds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) records: BTreeMap<String, Kept>,
    /// What instances share.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) values: BTreeMap<String, Value>,
    /// The leases that were held and released.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) leases: BTreeMap<String, Value>,
    /// Where the browser was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    /// What the last request was answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<String>,
}

/// A record in a session store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) text: String,
    pub(crate) expires_at: i64,
    pub(crate) written_at: i64,
    pub(crate) iss: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) sid: Option<String>,
}

/// A value that instances share.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Value {
    pub(crate) text: String,
    /// For how many seconds it was to be kept.
    pub(crate) seconds: u64,
}

impl Case {
    /// What a store holds, and which leases it held.
    pub(crate) fn note(&mut self, noted: &Noted) {
        let value = |(key, (text, ttl)): (&String, &(String, std::time::Duration))| {
            (key.clone(), Value { text: text.clone(), seconds: ttl.as_secs() })
        };
        self.records = noted.records.iter().map(|(key, record)| (key.clone(), Kept::of(record))).collect();
        self.values = noted.values.iter().map(value).collect();
        self.leases = noted.taken_back.iter().map(value).collect();
    }
}

impl Kept {
    fn of(record: &Record) -> Self {
        let RecordIndex { iss, sub, sid } = record.index().clone();
        let (expires_at, written_at) = (record.expires_at(), record.written_at());
        let [expires_at, written_at] = [expires_at, written_at].map(Timestamp::as_unix);
        Self { text: record.text().to_owned(), expires_at, written_at, iss, sub, sid }
    }
}
