//! The expected JSON, built as text: parsing into values would lose what the tests are about.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The object `text` with the member `name` (without escapes) set to `raw`: in its place, else last.
pub(crate) fn with_member(text: &str, name: &str, raw: &str) -> String {
    let name = format!("\"{name}\"");
    let mut members = members(text);
    match members.iter_mut().find(|(key, _)| *key == name) {
        Some((_, value)) => raw.clone_into(value),
        None => members.push((name, raw.to_owned())),
    }
    let members: Vec<_> = members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

pub(crate) fn with_exp(text: &str, exp: i64) -> String {
    with_member(text, "exp", &exp.to_string())
}

/// The raw value of the member `name`.
pub(crate) fn member(text: &str, name: &str) -> Option<String> {
    let name = format!("\"{name}\"");
    members(text).into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// The session as the package hands it out: with its connections, when there are any.
pub(crate) fn with_connections(session: &str, connections: &[String]) -> String {
    if connections.is_empty() {
        return session.to_owned();
    }
    with_member(session, "connectionTokenSets", &format!("[{}]", connections.join(",")))
}

/// The text in ASCII. The oracle's line reader takes U+2028 for the end of a line.
pub(crate) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

fn members(text: &str) -> Vec<(String, String)> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                members.push((key.get().to_owned(), value.get().to_owned()));
            }
            Ok(members)
        }
    }

    serde_json::Deserializer::from_str(text).deserialize_map(Members).expect("a JSON object")
}
