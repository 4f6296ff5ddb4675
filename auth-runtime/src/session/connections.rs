//! Tokens of federated connections, each sealed in a cookie `__FC_n` of its own.

use zeroize::Zeroizing;

use super::document::DocumentError;
use super::lifetime::{check_exp, check_nbf};
use crate::cookie::ConnectionCookie;
use crate::crypto::KeyRing;
use crate::json::{self, ObjectWriter};
use crate::time::Timestamp;

/// Opens the connection cookies, in the header's order. One that does not open, is over, or holds something
/// else than a connection's token is dropped; the session does not depend on it.
pub(super) fn open(
    cookies: &[ConnectionCookie<'_>],
    keys: &KeyRing,
    now: Timestamp,
) -> Vec<Zeroizing<String>> {
    cookies.iter().filter_map(|cookie| open_one(&cookie.value, keys, now)).collect()
}

fn open_one(value: &[u8], keys: &KeyRing, now: Timestamp) -> Option<Zeroizing<String>> {
    let text = keys.open(value).ok()?.plaintext.into_text().ok()?;
    let number = |name| json::member(&text, name).and_then(json::number);
    check_exp(number("exp")?, now).ok()?;
    if json::member(&text, "nbf").is_some() {
        check_nbf(number("nbf")?, now).ok()?;
    }
    for name in ["accessToken", "connection"] {
        json::member(&text, name).and_then(json::string)?;
    }
    Some(Zeroizing::new(text.to_string()))
}

/// The text of a connection's token set with `exp` set: in its old place, else as the last member.
pub(super) fn with_exp(text: &str, exp: Timestamp) -> Option<Zeroizing<String>> {
    let seconds = exp.as_unix().to_string();
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_add(32)));
    let mut object = ObjectWriter::begin(&mut out);
    let (mut is_empty, mut has_exp) = (true, false);
    json::for_each_member(text, |key, value| {
        is_empty = false;
        has_exp |= key.is("exp");
        object.copy(key, if key.is("exp") { &seconds } else { value.get() });
        Ok(())
    })
    .ok()?;
    if !has_exp {
        object.member("exp", Some(&seconds));
    }
    object.end();
    (!is_empty).then_some(out)
}

/// The session's JSON with the tokens of federated connections in it, as a store's record has them.
pub(crate) fn joined(
    session: &str,
    connections: &[Zeroizing<String>],
) -> Result<Zeroizing<String>, DocumentError> {
    if connections.is_empty() {
        return Ok(Zeroizing::new(session.to_owned()));
    }
    let texts: Vec<&str> = connections.iter().map(|connection| connection.as_str()).collect();
    let sets = Zeroizing::new(format!("[{}]", texts.join(",")));
    json::with_member(session, "connectionTokenSets", Some(&sets)).ok_or(DocumentError::of("session"))
}

/// Takes `connectionTokenSets` out of a session's JSON, for they travel in cookies of their own.
///
/// Gives the session without them, and the elements' raw texts.
pub(super) fn split_off(text: &str) -> Option<(Zeroizing<String>, Vec<Zeroizing<String>>)> {
    let sets = json::member(text, "connectionTokenSets")?;
    let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(sets).unwrap_or_default();
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut object = ObjectWriter::begin(&mut out);
    json::for_each_member(text, |key, value| {
        if !key.is("connectionTokenSets") {
            object.copy(key, value.get());
        }
        Ok(())
    })
    .ok()?;
    object.end();
    Some((out, elements.iter().map(|raw| Zeroizing::new(raw.get().to_owned())).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_set_in_its_place_or_last() {
        let exp = Timestamp::from_unix(9);
        assert_eq!(&**with_exp(r#"{"exp":1,"a":2}"#, exp).unwrap(), r#"{"exp":9,"a":2}"#);
        assert_eq!(&**with_exp(r#"{"a":2}"#, exp).unwrap(), r#"{"a":2,"exp":9}"#);
        assert!(with_exp("{}", exp).is_none());
        assert!(with_exp("[]", exp).is_none());
    }

    #[test]
    fn the_token_sets_leave_the_session() {
        let (session, sets) = split_off(r#"{"a":1,"connectionTokenSets":[{"x":1.0},{}],"b":2}"#).unwrap();
        assert_eq!(&**session, r#"{"a":1,"b":2}"#);
        assert_eq!(sets.iter().map(|set| set.as_str()).collect::<Vec<_>>(), [r#"{"x":1.0}"#, "{}"]);
        assert_eq!(
            &**joined(&session, &sets).unwrap(),
            r#"{"a":1,"b":2,"connectionTokenSets":[{"x":1.0},{}]}"#
        );
        assert!(split_off(r#"{"a":1}"#).is_none());
    }
}
