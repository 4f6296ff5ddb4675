//! The cookie that names a record of a store: sealed, or signed by v3.

use auth_runtime::codec::{CookieName, RequestCookies};
use serde_json::Value;

use crate::containers::{seal_raw, sign_v3};
use crate::reference::{HEADER, IV, OWNER, SECRET, VERIFIER, now};

/// The first byte says which; the rest is the content.
pub fn store_id(data: &[u8]) {
    match data {
        [b'v', rest @ ..] => signed(rest),
        [_, rest @ ..] => sealed(rest),
        [] => {}
    }
}

/// An id is read from `{"id":…,"exp":…}` and from nothing that holds more.
fn sealed(content: &[u8]) {
    let header = format!("__session={}", seal_raw(SECRET, HEADER, content, IV));
    let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
    for codec in [&*OWNER, &*VERIFIER] {
        let Ok(id) = codec.read_store_id(&cookies, now()) else { continue };
        assert!(!id.as_str().is_empty());
        assert!(!format!("{id:?}").contains(id.as_str()) || id.as_str().len() < 8, "the id is printed");
        // What the careful reader cannot judge has a lone surrogate in it.
        let Ok(value) = serde_json::from_slice::<Value>(content) else { continue };
        let members = value.as_object().expect("it is an object");
        assert!(members.keys().all(|name| ["id", "exp", "nbf", "iat"].contains(&name.as_str())));
        assert_eq!(value["id"].as_str(), Some(id.as_str()));
        assert!(value["exp"].is_number());
        // A session is never an id.
        assert!(codec.read(&cookies, now()).is_err());
    }
}

/// What v3 signed is read where v3 is, and nothing that it did not sign.
fn signed(content: &[u8]) {
    let Ok(text) = std::str::from_utf8(content) else { return };
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let authentic = sign_v3(SECRET, "appSession", text);
    for (value, is_authentic) in [(authentic, is_plain), (text.to_owned(), false)] {
        let header = format!("appSession={value}");
        let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
        assert!(VERIFIER.read_store_id(&cookies, now()).is_err(), "v3 is not read here");
        let Ok(id) = OWNER.read_store_id(&cookies, now()) else { continue };
        let signature = sign_v3(SECRET, "appSession", id.as_str());
        assert!(is_authentic && id.as_str() == text || signature == value || !is_plain, "{value}");
    }
}
