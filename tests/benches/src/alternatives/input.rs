//! The sample as the alternatives take it, and as they must not take it.

use serde_json::{Map, Value};

use crate::session::Sample;

/// The session's members by name.
pub(super) fn members(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).expect("a session is an object")
}

/// The user's claims.
pub(super) fn claims(sample: &Sample) -> Map<String, Value> {
    match members(&sample.json).remove("user") {
        Some(Value::Object(claims)) => claims,
        _ => panic!("a session has a user"),
    }
}

/// Who the user is.
pub(super) fn sub(sample: &Sample) -> String {
    claims(sample)["sub"].as_str().expect("users have a sub").to_owned()
}

/// When the session is over.
pub(super) fn exp(sample: &Sample) -> Value {
    members(&sample.json)["exp"].clone()
}

/// The sample's `Cookie` header with `pair` in the place of our session cookie.
pub(super) fn among_the_others(sample: &Sample, pair: &str) -> String {
    let mine = sample.header.split("; ").find(|other| other.ends_with(&sample.sealed));
    sample.header.replace(mine.expect("one cookie holds the whole session"), pair)
}

/// `text` with another character somewhere near its end, in the signature, the tag or the id that every alternative has
/// there. It decodes as before, to something else.
pub(super) fn tampered(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let latest = bytes.len() - DISTANCE;
    let at = (2..=latest)
        .rev()
        .find(|&at| bytes[at].is_ascii_alphanumeric() && bytes[at - 1] != b'%' && bytes[at - 2] != b'%')
        .expect("a character of base64");
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).expect("one ASCII character in the place of another")
}

/// Far enough from the end to miss the padding, near enough to hit an id of 22 characters.
const DISTANCE: usize = 12;
