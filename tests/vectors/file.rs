//! The file with the vectors, as types. Sessions stay raw.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// All vectors.
#[derive(Deserialize)]
pub(crate) struct Vectors {
    #[serde(rename = "vectors")]
    pub(crate) read: Vec<ReadVector>,
    #[serde(rename = "write_vectors")]
    pub(crate) write: Vec<WriteVector>,
    #[serde(rename = "crypto_vectors")]
    pub(crate) crypto: Vec<CryptoVector>,
}

#[derive(Deserialize)]
pub(crate) struct ReadVector {
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    pub(crate) kind: Kind,
    pub(crate) secret: String,
    pub(crate) cookie_name: String,
    pub(crate) now: i64,
    pub(crate) clock: Clock,
    pub(crate) cookie_header: String,
    #[serde(default = "default_domain")]
    pub(crate) domain: String,
    pub(crate) expected: Box<RawValue>,
    pub(crate) expected_api: Box<RawValue>,
    pub(crate) recommended: Option<Box<RawValue>>,
    pub(crate) strict: bool,
    #[serde(default)]
    pub(crate) store: HashMap<String, Box<RawValue>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Stateful,
    Stateless,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Clock {
    Any,
    Fixed,
}

#[derive(Deserialize)]
pub(crate) struct WriteVector {
    pub(crate) name: String,
    pub(crate) op: String,
    pub(crate) config: WriteConfig,
    pub(crate) now: i64,
    pub(crate) request_cookie_header: String,
    pub(crate) session: Option<Box<RawValue>>,
    pub(crate) cookies: Vec<WrittenCookie>,
    pub(crate) jar_names_after: Vec<String>,
    pub(crate) read_back: Box<RawValue>,
}

#[derive(Deserialize)]
pub(crate) struct WriteConfig {
    pub(crate) kind: Kind,
    pub(crate) cookie_name: String,
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) cookie: CookieConfig,
    pub(crate) rolling: Option<bool>,
    pub(crate) absolute_duration: Option<u64>,
    pub(crate) inactivity_duration: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CookieConfig {
    pub(crate) domain: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) secure: Option<bool>,
    pub(crate) same_site: Option<String>,
    pub(crate) transient: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct WrittenCookie {
    pub(crate) name: String,
    pub(crate) value_length: usize,
    pub(crate) deletes: bool,
    pub(crate) attributes: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct CryptoVector {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) hkdf: HashMap<String, serde_json::Value>,
    pub(crate) protected_header_json: String,
    pub(crate) aad_ascii: String,
    pub(crate) iv_hex: String,
    pub(crate) plaintext: String,
    pub(crate) ciphertext_hex: String,
    pub(crate) tag_hex: String,
    pub(crate) jwe: String,
}

impl Vectors {
    pub(crate) fn load() -> Self {
        #[expect(clippy::expect_used, reason = "without the file there is nothing to test")]
        serde_json::from_str(include_str!("nextjs-auth0.json")).expect("the vectors are as their file says")
    }
}

/// The JSON text of a session in the file; `None` for `"none"`. A session that a strict parser would refuse is
/// there as text in a string.
pub(crate) fn session_text(raw: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct AsText {
        #[serde(rename = "$json_text")]
        text: String,
    }
    if raw.get() == "\"none\"" {
        return None;
    }
    match serde_json::from_str::<AsText>(raw.get()) {
        Ok(AsText { text }) => Some(text),
        Err(_) => Some(raw.get().to_owned()),
    }
}

fn default_domain() -> String {
    "tenant.example".to_owned()
}
