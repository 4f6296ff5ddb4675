//! JSON as text: objects are walked member by member and every value stays the bytes that it was.
//!
//! Sessions come from JavaScript. They hold integers above 2^53, strings cut in the middle of an emoji and
//! members that an application put beside the login. Decoding all that into values and encoding it again would
//! change or lose some of it, so values are only looked at, never rebuilt.

mod find;
mod scan;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

pub(crate) use self::find::{member, members, members_once};
pub(crate) use self::scan::Scan;

/// The name of an object's member, as written, quotes included.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(&'a str);

impl<'a> Key<'a> {
    /// Returns whether this is the member `name`, however the name is escaped.
    pub(crate) fn is(self, name: &str) -> bool {
        match self.0.as_bytes() {
            [b'"', inner @ .., b'"'] if !self.0.contains('\\') => inner == name.as_bytes(),
            _ => string(self.0).is_some_and(|decoded| decoded == name),
        }
    }

    /// Returns the name, decoded.
    pub(crate) fn decoded(self) -> Cow<'a, str> {
        string(self.0).unwrap_or(Cow::Borrowed(""))
    }

    /// Returns the name as written, quotes included.
    pub(crate) fn raw(self) -> &'a str {
        self.0
    }
}

/// Calls `each` for every member of the object that `text` is, in order.
///
/// # Errors
///
/// `text` is not exactly one JSON object, or `each` refused a member.
pub(crate) fn for_each_member<'a, F>(text: &'a str, each: F) -> Result<(), serde_json::Error>
where
    F: FnMut(Key<'a>, &'a RawValue) -> Result<(), Refused>,
{
    struct Members<F>(F);

    impl<'de, F> Visitor<'de> for Members<F>
    where
        F: FnMut(Key<'de>, &'de RawValue) -> Result<(), Refused>,
    {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<&'de RawValue>()? {
                let value = map.next_value::<&'de RawValue>()?;
                (self.0)(Key(key.get()), value).map_err(|Refused(why)| serde::de::Error::custom(why))?;
            }
            Ok(())
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Members(each))?;
    deserializer.end()
}

/// The reason why a walk through an object ends at a member.
pub(crate) struct Refused(pub(crate) &'static str);

/// Returns the members of a JSON object, each as the raw name (quotes and escapes included) and the raw value, in
/// order. `None` when `text` is not exactly one JSON object.
///
/// ```
/// let members = auth_runtime::codec::object_members(r#"{"a":1.0,"\ud83e":[]}"#).unwrap();
/// assert_eq!(members, [(r#""a""#, "1.0"), (r#""\ud83e""#, "[]")]);
/// ```
pub fn object_members(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut members = Vec::new();
    for_each_member(text, |key, value| {
        members.push((key.raw(), value.get()));
        Ok(())
    })
    .ok()?;
    Some(members)
}

/// Returns the text of a JSON string, or `None` for any other value.
///
/// A lone surrogate, which no Rust string can hold, becomes U+FFFD.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = unquoted(raw)?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(&without_lone_surrogates(raw)).ok().map(Cow::Owned)
}

/// Returns the value of a JSON number, or `None` for any other value and for numbers beyond `f64`. `raw` must be JSON.
pub(crate) fn number(raw: &str) -> Option<f64> {
    raw.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Returns the value of a JSON number that is written as an integer, or `None` for any other value. `raw` must be JSON.
pub(crate) fn integer(raw: &str) -> Option<i64> {
    // JavaScript's negative zero is a number, but no integer.
    raw.parse().ok().filter(|_| raw != "-0")
}

/// Returns whether the value is `null`, which JavaScript writes for a value that is not there.
pub(crate) fn is_null(raw: &str) -> bool {
    raw == "null"
}

/// Reads an object into a struct. Other JSON is refused: `serde` would take an array of the members' values for one.
pub(crate) fn read_object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    is_object(text.trim_ascii_start()).then(|| serde_json::from_str(text).ok())?
}

/// Returns whether the value is an object.
pub(crate) fn is_object(raw: &str) -> bool {
    raw.starts_with('{')
}

/// Returns the place of `part`, a slice of `text`, in it.
pub(crate) fn range_within(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start.saturating_add(part.len())
}

/// A writer of one JSON object, member after member.
pub(crate) struct ObjectWriter<'t> {
    text: &'t mut String,
    is_empty: bool,
}

impl<'t> ObjectWriter<'t> {
    pub(crate) fn begin(text: &'t mut String) -> Self {
        text.push('{');
        Self { text, is_empty: true }
    }

    fn name(&mut self, name: &str) {
        self.begin_member();
        for part in ["\"", name, "\":"] {
            self.text.push_str(part);
        }
    }

    fn begin_member(&mut self) {
        if !self.is_empty {
            self.text.push(',');
        }
        self.is_empty = false;
    }

    /// Writes a member exactly as another object has it.
    pub(crate) fn copy(&mut self, key: Key<'_>, raw: &str) {
        self.begin_member();
        for part in [key.raw(), ":", raw] {
            self.text.push_str(part);
        }
    }

    /// Writes a member with a raw value. Without a value nothing is written.
    pub(crate) fn member(&mut self, name: &str, raw: Option<&str>) {
        if let Some(raw) = raw {
            self.name(name);
            self.text.push_str(raw);
        }
    }

    /// Begins an object as the value of the member `name`.
    pub(crate) fn object(&mut self, name: &str) -> ObjectWriter<'_> {
        self.name(name);
        ObjectWriter::begin(self.text)
    }

    pub(crate) fn end(self) {
        self.text.push('}');
    }
}

/// Returns the object `text` with its member `name` set to a raw value. A member that is there keeps its place, a new
/// one comes last. Without a value the member is removed. `None` when `text` is not exactly one JSON object.
pub(crate) fn with_member(text: &str, name: &str, raw: Option<&str>) -> Option<Zeroizing<String>> {
    let added = raw.map_or(0, str::len).saturating_add(name.len()).saturating_add(8);
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_add(added)));
    let mut object = ObjectWriter::begin(&mut out);
    let mut rest = raw;
    for_each_member(text, |key, value| {
        // The first member of this name gets the value, and further ones are left out.
        if !key.is(name) {
            object.copy(key, value.get());
        } else if let Some(raw) = rest.take() {
            object.copy(key, raw);
        }
        Ok(())
    })
    .ok()?;
    if let Some(raw) = rest {
        object.copy(Key(&serde_json::Value::from(name).to_string()), raw);
    }
    object.end();
    Some(out)
}

/// Replaces every escape of a lone surrogate in `text` by that of U+FFFD, so that a strict parser takes it.
///
/// ```text
/// "\ud83e oops"  ->  "\ufffd oops"
/// ```
pub(crate) fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut repaired: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        let escape = at.saturating_add(found);
        at = match utf16_escape(bytes, escape) {
            // A pair of surrogates is one character: both escapes are passed over.
            Some(0xD800..=0xDBFF)
                if matches!(utf16_escape(bytes, escape.saturating_add(6)), Some(0xDC00..=0xDFFF)) =>
            {
                escape.saturating_add(12)
            }
            Some(0xD800..=0xDFFF) => {
                let repaired = repaired.get_or_insert_with(|| bytes.to_vec());
                if let Some(place) = repaired.get_mut(escape..escape.saturating_add(6)) {
                    place.copy_from_slice(br"\ufffd");
                }
                escape.saturating_add(6)
            }
            Some(_) => escape.saturating_add(6),
            // An escape of two characters, such as `\n` or `\\`.
            None => escape.saturating_add(2),
        };
    }
    match repaired.map(String::from_utf8) {
        Some(Ok(repaired)) => Cow::Owned(repaired),
        _ => Cow::Borrowed(text),
    }
}

/// Returns the code unit that the escape `\uXXXX` at `at` stands for, if there is one.
fn utf16_escape(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..)?.strip_prefix(br"\u")?.get(..4)?;
    // A sign is no digit, although a number may begin with one.
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Writes `text`, which must be valid JSON, as JavaScript's `JSON.stringify` does: no white space between tokens and no
/// escape that is not needed. Numbers keep their spelling and lone surrogates their escape.
///
/// So a session has the same size whichever application wrote it. A text that is no JSON does not cause a panic.
pub(crate) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        let (between, string) = rest.split_at(quote);
        out.extend(between.chars().filter(|c| !c.is_ascii_whitespace()));
        let end = end_of_string(string);
        let (string, after) = string.split_at(end);
        compact_string(string, &mut out);
        rest = after;
    }
    out.extend(rest.chars().filter(|c| !c.is_ascii_whitespace()));
    out
}

/// Returns the length of the JSON string that `text` begins with, quotes included.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// Appends a JSON string without the escapes that it does not need.
fn compact_string(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        out.push_str(plain);
        let length = match utf16_escape(escape.as_bytes(), 0) {
            // An escape of two characters. The second may have several bytes, because the text may be no JSON.
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
            Some(0xD800..=0xDBFF) if matches!(utf16_escape(escape.as_bytes(), 6), Some(0xDC00..=0xDFFF)) => {
                12
            }
            Some(_) => 6,
        };
        let Some((escape, after)) = escape.split_at_checked(length) else { break };
        rest = after;
        match serde_json::from_str::<String>(&format!("\"{escape}\"")) {
            // serde_json escapes what JSON.stringify escapes, and in the same way.
            Ok(decoded) => match serde_json::to_string(&decoded).as_deref().ok().and_then(unquoted) {
                Some(encoded) => out.push_str(encoded),
                None => out.push_str(escape),
            },
            // A lone surrogate, which no Rust string can hold, keeps its escape.
            Err(_) => out.push_str(&escape.to_ascii_lowercase()),
        }
    }
    out.push_str(rest);
}

fn unquoted(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_decoded() {
        let mut seen = Vec::new();
        for_each_member(r#"{"user":1,"\u0075ser":2,"us":3}"#, |key, value| {
            seen.push((key.is("user"), value.get().to_owned()));
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, [(true, "1".into()), (true, "2".into()), (false, "3".into())]);
    }

    #[test]
    fn a_lone_surrogate_in_a_key_or_value_does_not_end_the_walk() {
        let text = r#"{"\ud800":"a\udfffb","deep":[[[["\ud83e"]]]]}"#;
        let mut values = Vec::new();
        for_each_member(text, |_, value| {
            values.push(value.get().to_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(values, [r#""a\udfffb""#, r#"[[[["\ud83e"]]]]"#]);
    }

    #[test]
    fn nesting_has_no_limit_because_nothing_recurses() {
        let text = format!(r#"{{"deep":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert!(for_each_member(&text, |_, _| Ok(())).is_ok());
    }

    #[test]
    fn anything_but_exactly_one_object_is_an_error() {
        for text in ["", "[]", "null", "1", "\"x\"", "{} ", "{}{}", "{}x", "\u{feff}{}", "{\"a\":}", "{"] {
            let trailing_space_is_json = text == "{} ";
            assert_eq!(for_each_member(text, |_, _| Ok(())).is_ok(), trailing_space_is_json, "{text:?}");
        }
    }

    #[test]
    fn a_member_is_set_in_its_place_or_last_and_removed_wherever_it_is() {
        let with = |text: &str, name, raw| with_member(text, name, raw).map(|text| text.to_string());
        let text = r#"{"a":1.0,"b":2,"\u0061":3}"#;
        assert_eq!(with(text, "a", Some("[]")).unwrap(), r#"{"a":[],"b":2}"#);
        assert_eq!(with(text, "c\"", Some("0")).unwrap(), r#"{"a":1.0,"b":2,"\u0061":3,"c\"":0}"#);
        assert_eq!(with(text, "a", None).unwrap(), r#"{"b":2}"#);
        assert_eq!(with("{}", "a", Some("1")).unwrap(), r#"{"a":1}"#);
        assert_eq!(with("[]", "a", Some("1")), None);
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character_and_pairs_stay() {
        assert_eq!(
            without_lone_surrogates(r#""\ud83e\udd80 \ud83e \udd80 \\ud83e""#),
            r#""\ud83e\udd80 \ufffd \ufffd \\ud83e""#
        );
        assert_eq!(string(r#""a\ud83e""#).unwrap(), "a\u{fffd}");
        assert_eq!(string("5"), None);
    }

    #[test]
    fn pay_11_compact_takes_what_is_no_json() {
        let pieces = ["\"", "\\", "\\u", "\\ud83e", "\\u+d83", "é", "\u{1f980}", "{", " ", "a", "\0", "4"];
        let of = |number: usize| -> String {
            (0..5).map(|place| pieces[number / pieces.len().pow(place) % pieces.len()]).collect()
        };
        for number in 0..pieces.len().pow(5) {
            let text = of(number);
            // What is one JSON value is the same one afterwards.
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                assert_eq!(serde_json::from_str::<serde_json::Value>(&compact(&text)).unwrap(), value);
            } else {
                compact(&text);
            }
        }
        for text in ["\"\\é\"", "\"\\", "\"\\\u{1f980}", r#""\u+123""#, "\\é"] {
            assert!(serde_json::from_str::<serde_json::Value>(&compact(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn compact_writes_what_javascript_writes() {
        for (given, expected) in [
            (r#"{ "a" : [ 1 , 2.50 ] }"#, r#"{"a":[1,2.50]}"#),
            (r#""\u00fc\/\u0041\u2028""#, "\"ü/A\u{2028}\""),
            (r#""\ud83e\udd80""#, "\"🦀\""),
            (r#""\uD83E""#, r#""\ud83e""#),
            (r#""\u0000\u001F\n\t\"\\\u0022""#, r#""\u0000\u001f\n\t\"\\\"""#),
            (r#"{"a b":" \" : "}"#, r#"{"a b":" \" : "}"#),
            ("\"\u{7f}\"", "\"\u{7f}\""),
        ] {
            assert_eq!(compact(given), expected, "{given}");
        }
    }
}
