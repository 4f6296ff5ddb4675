//! JSON compared by value.

use std::borrow::Cow;
use std::fmt::Write as _;

use auth_runtime::codec::object_members;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

/// JSON text with members sorted, numbers and strings in one spelling. Equal values give equal texts, also where
/// a strict parser would give up: at lone surrogates, and at hundreds of levels.
pub fn canonical(raw: &str) -> String {
    let raw = raw.trim();
    match raw.as_bytes() {
        [b'{', ..] => {
            let members = object_members(raw).expect("an object");
            let mut members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", canonical(name), canonical(value)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        [b'[', ..] => {
            let items: Vec<&RawValue> = serde_json::from_str(raw).expect("an array");
            let items: Vec<_> = items.into_iter().map(|item| canonical(item.get())).collect();
            format!("[{}]", items.join(","))
        }
        [b'"', ..] => {
            let Bytes(bytes) = serde_json::from_str(raw).expect("a string");
            let mut text = String::from("\"");
            for byte in bytes {
                let _ = match byte {
                    b' '..=b'~' if byte != b'"' && byte != b'\\' => write!(text, "{}", char::from(byte)),
                    _ => write!(text, "\\x{byte:02x}"),
                };
            }
            text + "\""
        }
        [b'-' | b'0'..=b'9', ..] => number(raw),
        _ => raw.to_owned(),
    }
}

/// `1e3` and `1000` are one value; an integer is told from its neighbour by all its digits.
fn number(raw: &str) -> String {
    if let Ok(integer) = raw.parse::<i128>() {
        return integer.to_string();
    }
    let number: f64 = raw.parse().expect("a number");
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:e}") }
}

/// A string that may hold half of a surrogate pair, as bytes.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;

        impl Visitor<'_> for BytesVisitor {
            type Value = Cow<'static, [u8]>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Cow::Owned(bytes.to_vec()))
            }
        }

        deserializer.deserialize_bytes(BytesVisitor).map(|bytes| Self(bytes.into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_equal_and_others_are_not() {
        for (one, other) in [
            (r#"{"a":1,"b":[2.50]}"#, r#" {"b":[ 2.5 ],"a":1.0} "#),
            (r#""\u00e9\ud83e\udd80""#, "\"é🦀\""),
            ("1e3", "1000"),
        ] {
            assert_eq!(canonical(one), canonical(other), "{one}");
        }
        for (one, other) in [
            ("9007199254740993", "9007199254740992"),
            (r#""\ud83e""#, r#""\ud83d""#),
            ("[1]", "[1,1]"),
            ("1", "\"1\""),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one}");
        }
    }
}
