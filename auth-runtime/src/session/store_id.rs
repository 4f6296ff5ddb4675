//! The key of a session in a store, the cookie that names it, and the state that a record was read in.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::lifetime::{check_exp, check_nbf};
use super::reason::Reason;
use super::verified::Origin;
use crate::crypto::{KeyRing, OpenError, hexadecimal};
use crate::json::{self, Refused};
use crate::time::Timestamp;

/// The key of a record in the session store. A client that has it in a sealed cookie has the session, so `Debug`
/// does not show it.
///
/// ```
/// use auth_runtime::store::StoreId;
///
/// let id = StoreId::from_store("my-session-id");
/// assert_eq!(id.as_str(), "my-session-id");
/// assert_eq!(format!("{id:?}"), "StoreId([REDACTED])");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(String);

impl StoreId {
    /// Returns the key of a record that a store lists. A new session never gets its key in this way: new keys are
    /// random.
    pub fn from_store(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Returns the hash of the key, which may be shown.
    pub(crate) fn handle(&self) -> String {
        hexadecimal(&Sha256::digest(&self.0))
    }

    /// Returns the key, as the store has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Opens the cookie that names a record: a sealed `{"id":…,"exp":…}`, in which only `nbf` and `iat` may stand too,
    /// so that no other cookie under the same secret can pass for it.
    ///
    /// With `legacy`, a cookie that v3 signed is read too, under the name `cookie_name`.
    ///
    /// A text that has not the form of an id is refused: a store may keep other things under other keys.
    pub(super) fn open(
        value: &[u8],
        cookie_name: &str,
        keys: &KeyRing,
        legacy: bool,
        now: Timestamp,
    ) -> Result<(Self, Origin), Reason> {
        let opened = match keys.open_at(value, now) {
            Ok(opened) => opened,
            // v3 signed this cookie and did not seal it.
            Err(OpenError::Malformed) if legacy => {
                let signed = std::str::from_utf8(value).map_err(|_| Reason::Malformed)?;
                let id = keys.verify_signed(cookie_name, signed, now).ok_or(Reason::Malformed)?;
                if !is_of_v3(id) {
                    return Err(Reason::WrongShape);
                }
                return Ok((Self(id.to_owned()), Origin { is_legacy: true, ..Origin::default() }));
            }
            Err(error) => return Err(error.into()),
        };
        let text = opened.plaintext.into_text().map_err(|_| Reason::WrongShape)?;
        let cookie = IdCookie::parse(&text)?;
        check_exp(cookie.exp, now)?;
        if let Some(nbf) = cookie.nbf {
            check_nbf(nbf, now)?;
        }
        if !is_of_today(&cookie.id) {
            return Err(Reason::WrongShape);
        }
        Ok((Self(cookie.id), Origin::of_key(opened.key_index, keys)))
    }

    /// Returns the JSON that the cookie seals.
    pub(super) fn cookie_json(&self, exp: Timestamp) -> String {
        // Ids of today are hexadecimal; an id of a v3 store is escaped all the same.
        let id = serde_json::Value::from(self.0.as_str());
        format!("{{\"id\":{id},\"exp\":{}}}", exp.as_unix())
    }

    /// Makes a new key from 128 random bits (OWASP ASVS 7.2.3).
    pub(super) fn generate(entropy: crate::crypto::Entropy) -> Result<Self, crate::crypto::EntropyError> {
        Ok(Self(hexadecimal(&entropy.bytes::<16>()?)))
    }
}

/// Returns whether the id has 32 lower-case hexadecimal digits, as this service and nextjs-auth0 v4 make them.
fn is_of_today(id: &str) -> bool {
    id.len() == ID_CHARS && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns whether the id is in the alphabet of base64url: v3 made the same 32 digits, or took what an application's
/// `genId` gave (UUID, ULID, nanoid, …).
fn is_of_v3(id: &str) -> bool {
    (1..=MAX_V3_ID_CHARS).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The content of a cookie that names a record. Times are in unix seconds.
struct IdCookie {
    id: String,
    exp: f64,
    nbf: Option<f64>,
}

impl IdCookie {
    fn parse(text: &str) -> Result<Self, Reason> {
        let (mut id, mut exp, mut nbf) = (None, None, None);
        json::for_each_member(text, |key, value| {
            let place = if key.is("id") {
                &mut id
            } else if key.is("exp") {
                &mut exp
            } else if key.is("nbf") {
                &mut nbf
            } else if key.is("iat") {
                return Ok(());
            } else {
                return Err(Refused("more than an id"));
            };
            match place.replace(value.get()) {
                None => Ok(()),
                Some(_) => Err(Refused("a member is there twice")),
            }
        })
        .map_err(|_| Reason::WrongShape)?;
        let id = id.and_then(json::string).filter(|id| !id.is_empty()).ok_or(Reason::WrongShape)?;
        Ok(Self {
            id: id.into_owned(),
            exp: exp.and_then(json::number).ok_or(Reason::WrongShape)?,
            nbf: nbf.map(|raw| json::number(raw).ok_or(Reason::WrongShape)).transpose()?,
        })
    }
}

/// The state of a record that a request has read, in the store's own words: a number that the store counts, or all that
/// it keeps. A request that writes the record names the state that it changed. `Debug` does not show it.
///
/// ```
/// use auth_runtime::store::Revision;
///
/// assert_eq!(Revision::new("7").as_str(), "7");
/// assert_eq!(Revision::default().as_str(), "");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Revision(
    /// `None` where there is no record: a session in cookies has a revision too, and needs no memory for it.
    Option<Arc<Zeroizing<Box<str>>>>,
);

impl Revision {
    /// Returns the revision that the store calls so. An empty text stands for no record.
    pub fn new(revision: impl Into<String>) -> Self {
        let revision = revision.into();
        Self((!revision.is_empty()).then(|| Arc::new(Zeroizing::new(revision.into_boxed_str()))))
    }

    /// Returns the store's name for the revision; empty if there is no record.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().map_or("", |revision| revision)
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreId([REDACTED])")
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revision([REDACTED])")
    }
}

/// The length of an id, in characters: 16 bytes in hexadecimal.
const ID_CHARS: usize = 32;

/// The maximum length of a v3 id, in characters: twice that of a SHA-256 in hexadecimal, the longest identifier in
/// common use.
const MAX_V3_ID_CHARS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_form_that_its_kind_of_cookie_gives_it() {
        assert!(is_of_today("00112233445566778899aabbccddeeff"));
        for id in [
            "",
            "0",
            "00112233445566778899aabbccddeef",
            "00112233445566778899aabbccddeeff0",
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeefg",
            "00112233445566778899aabbccddee\n0",
            "00112233445566778899aabbccddee\u{e4}",
        ] {
            assert!(!is_of_today(id), "{id:?}");
        }
        let longest = "x".repeat(128);
        for id in ["my-session-id", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "V1StGXR8_Z5jdHi6B-myT", &longest] {
            assert!(is_of_v3(id), "{id}");
        }
        let too_long = "x".repeat(129);
        for id in ["", "a:b", "a/b", "../a", "a b", "a*", "a\0", "a\r\n", "\u{e4}", "a%3A", &too_long] {
            assert!(!is_of_v3(id), "{id:?}");
        }
    }

    #[test]
    fn ctx_09_a_cookie_that_holds_more_than_an_id_names_no_record() {
        for text in [
            r#"{"id":"a","exp":1,"user":{"sub":"u"}}"#,
            r#"{"id":"a","exp":1,"id":"b"}"#,
            r#"{"id":7,"exp":1}"#,
            r#"{"id":"","exp":1}"#,
            r#"{"id":"a"}"#,
        ] {
            assert!(IdCookie::parse(text).is_err(), "{text}");
        }
        assert!(IdCookie::parse(r#"{"id":"a","exp":1.5}"#).is_ok());
    }

    #[test]
    fn s_sm_2_and_s_nist_1_ids_are_128_random_bits_in_hexadecimal() {
        let id = StoreId::generate(crate::crypto::Entropy::SYSTEM).unwrap();
        assert_eq!(id.as_str().len(), 32);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
        assert_ne!(id, StoreId::generate(crate::crypto::Entropy::SYSTEM).unwrap());
    }
}
