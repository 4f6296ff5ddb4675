//! What another reader says: `serde_json` with values in the place of texts, and a Cookie header split the simple way.

use auth_runtime::codec::object_members;
use serde_json::Value;
use serde_json::value::RawValue;

/// The longest subject (OpenID Connect Core 1.0 section 2).
const MAX_SUB_CHARS: usize = 255;
/// The last second of the year 9999.
const LATEST: f64 = 253_402_300_799.0;

/// What a session is, by its values. `None` where this reader cannot tell: it refuses lone surrogates and what is nested
/// deeply, which ours takes.
pub(crate) fn session(text: &str) -> Option<Result<Value, &'static str>> {
    if serde_json::from_str::<&RawValue>(text).is_err() {
        return Some(Err("no JSON"));
    }
    let value: Value = serde_json::from_str(text).ok()?;
    Some(judge(text, &value).map(|()| value))
}

fn judge(text: &str, value: &Value) -> Result<(), &'static str> {
    let members = object_members(text).ok_or("no object")?;
    for name in ["user", "tokenSet", "internal", "accessTokens", "exp", "nbf"] {
        let is_it = |raw: &&str| serde_json::from_str::<String>(raw).is_ok_and(|decoded| decoded == name);
        if members.iter().filter(|(raw, _)| is_it(raw)).count() > 1 {
            return Err("twice");
        }
    }
    let sub = value["user"]["sub"].as_str().ok_or("sub")?;
    if sub.is_empty() || sub.chars().count() > MAX_SUB_CHARS || sub.chars().any(char::is_control) {
        return Err("sub");
    }
    if !value["tokenSet"].is_object() {
        return Err("tokenSet");
    }
    if value["internal"]["createdAt"].as_i64().is_none_or(|time| time < 0) {
        return Err("createdAt");
    }
    if !matches!(value["accessTokens"], Value::Null | Value::Array(_)) {
        return Err("accessTokens");
    }
    if !matches!(value["internal"]["sessionExpiresAt"], Value::Null | Value::Number(_)) {
        return Err("sessionExpiresAt");
    }
    for name in ["exp", "nbf"] {
        if value.get(name).is_some_and(|value| !value.is_number()) {
            return Err("time");
        }
    }
    Ok(())
}

/// The whole second of a JSON number, if it is a time.
pub(crate) fn second(value: &Value) -> Option<i64> {
    let seconds = value.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (0.0..=LATEST).contains(&seconds).then_some(seconds as i64)
}

/// All pairs of a `Cookie` header, as the npm package splits them.
pub(crate) fn pairs(header: &[u8]) -> Vec<(&[u8], Option<Vec<u8>>)> {
    let pairs = header.split(|byte| *byte == b';').enumerate().map(|(index, pair)| {
        let spaces = pair.iter().take_while(|byte| **byte == b' ').count();
        let pair = if index == 0 { pair } else { &pair[spaces..] };
        match pair.iter().position(|byte| *byte == b'=') {
            Some(equals) => (&pair[..equals], percent_decoded(&pair[equals + 1..])),
            None => (pair, Some(b"true".to_vec())),
        }
    });
    pairs.collect()
}

/// `None` for what `decodeURIComponent` refuses.
fn percent_decoded(value: &[u8]) -> Option<Vec<u8>> {
    if !value.contains(&b'%') {
        return Some(value.to_vec());
    }
    let mut decoded = Vec::new();
    let mut rest = value;
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    String::from_utf8(decoded).ok().map(String::into_bytes)
}
