//! A JSON object from outside, of which only the members that are asked for are decoded.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::json::{self, Refused};

/// The deepest nesting: half of `serde_json`'s own limit, because the object is later written into a larger document.
const MAX_DEPTH: usize = 64;

/// The members of an object, each with its value as written.
pub(crate) struct JsonObject<'a> {
    members: HashMap<Cow<'a, str>, &'a RawValue>,
}

/// The error of a text that is no object, is not JSON, is nested too deeply, or has a name that occurs twice (RFC 8259
/// section 4 leaves its meaning open).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAnObject;

/// The error of a member that is there and of another type. Such a member never counts as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongType;

impl<'a> JsonObject<'a> {
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, NotAnObject> {
        let text = std::str::from_utf8(json).map_err(|_| NotAnObject)?;
        if depth(text) > MAX_DEPTH {
            return Err(NotAnObject);
        }
        let mut members = HashMap::new();
        json::for_each_member(text, |key, value| {
            let name = key.decoded();
            // A lone surrogate is decoded to this character, so names that differ could become the same.
            if name.contains(char::REPLACEMENT_CHARACTER) {
                return Err(Refused("a name is no text"));
            }
            members.insert(name, value).map_or(Ok(()), |_| Err(Refused("a name occurs twice")))
        })
        .map_err(|_| NotAnObject)?;
        Ok(Self { members })
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns the member as written.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.members.get(name).copied()
    }

    /// Reads a member. `null` is a wrong type: a sender that means "absent" leaves the member out.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, WrongType> {
        match self.raw(name) {
            None => Ok(None),
            Some(value) if value.get() == "null" => Err(WrongType),
            Some(value) => serde_json::from_str(value.get()).map(Some).map_err(|_| WrongType),
        }
    }
}

/// Returns the deepest nesting, by brackets outside of strings. For a text that is not JSON the result means
/// nothing and does no harm.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        if in_string {
            (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_8725_4_only_one_whole_object_in_utf_8_is_an_object() {
        for text in ["", "null", "[]", "\"x\"", "1", "{", "{}{}", "{} x", "\u{feff}{}", "{\"a\":}", "{a:1}"] {
            assert!(JsonObject::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(JsonObject::parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(JsonObject::parse(br#"{"\ud800":1}"#).is_err(), "no Rust string can hold the name");
        assert!(JsonObject::parse(b" {} ").is_ok());
        let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(JsonObject::parse(&utf16).is_err());
    }

    #[test]
    fn idt_15_a_name_that_occurs_twice_is_refused_however_it_is_spelled() {
        for text in
            ["{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":1}", "{\"__proto__\":1,\"b\":2,\"__proto__\":3}"]
        {
            assert!(JsonObject::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn idt_15_deep_nesting_is_refused() {
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(JsonObject::parse(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        assert!(JsonObject::parse(nested(MAX_DEPTH).as_bytes()).is_err());
        assert!(JsonObject::parse(nested(1_000_000).as_bytes()).is_err());
        let brackets_in_text = format!("{{\"a\":\"\\\"{}\"}}", "[".repeat(1000));
        assert!(JsonObject::parse(brackets_in_text.as_bytes()).is_ok());
    }

    #[test]
    fn a_wrong_type_is_not_absence() {
        let object = JsonObject::parse(b"{\"a\":\"1\",\"b\":null,\"c\":1.5,\"d\":1}").unwrap();
        assert_eq!(object.read::<i64>("missing"), Ok(None));
        assert_eq!(object.read::<i64>("a"), Err(WrongType));
        assert_eq!(object.read::<i64>("b"), Err(WrongType));
        assert_eq!(object.read::<i64>("c"), Err(WrongType));
        assert_eq!(object.read::<i64>("d"), Ok(Some(1)));
    }
}
