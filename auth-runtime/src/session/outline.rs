//! The parts of a session's JSON that are looked at in every request, found in one walk that passes over the rest unread.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::document::DocumentError;
use crate::json;

/// What every session has, and what bounds it in time. What is text here is raw JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outline<'a> {
    pub(super) user: &'a str,
    pub(super) sub: &'a str,
    pub(super) token_set: &'a str,
    pub(super) internal: Internal,
    pub(super) exp: Option<f64>,
    pub(super) nbf: Option<f64>,
}

/// What is looked at of `internal`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Internal {
    pub(super) created_at: i64,
    pub(super) ceiling: Option<f64>,
}

impl<'a> Outline<'a> {
    /// Takes what is usual in one walk. What that does not take is looked at part by part, which accepts more and can tell
    /// what is wrong.
    pub(super) fn of(text: &'a str) -> Result<Self, DocumentError> {
        match Self::at_once(text) {
            Some(outline) => Ok(outline),
            None => Self::part_by_part(text),
        }
    }

    /// `None` for what is no session, and for a name that is written with an escape.
    fn at_once(text: &'a str) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let outline = deserializer.deserialize_map(Walk { text }).ok()?;
        deserializer.end().ok()?;
        Some(outline)
    }

    fn part_by_part(text: &'a str) -> Result<Self, DocumentError> {
        let names = ["user", "tokenSet", "internal", "accessTokens", "exp", "nbf"];
        let [user, token_set, internal, access_tokens, exp, nbf] =
            json::members_once(text, names).ok_or(DocumentError::of("session"))?;
        let user = user.ok_or(DocumentError::of("user"))?;
        let sub = json::member(user, "sub").ok_or(DocumentError::of("user.sub"))?;
        let token_set = token_set.filter(|raw| json::is_object(raw)).ok_or(DocumentError::of("tokenSet"))?;
        let internal = Internal::part_by_part(internal.ok_or(DocumentError::of("internal"))?)?;
        if access_tokens.is_some_and(|raw| !is_list(raw)) {
            return Err(DocumentError::of("accessTokens"));
        }
        let (exp, nbf) = (number(exp, "exp")?, number(nbf, "nbf")?);
        Ok(Self { user, sub, token_set, internal, exp, nbf })
    }
}

impl Internal {
    fn part_by_part(raw: &str) -> Result<Self, DocumentError> {
        let [created_at, ceiling] =
            json::members(raw, ["createdAt", "sessionExpiresAt"]).ok_or(DocumentError::of("internal"))?;
        let created_at = created_at.and_then(json::integer).ok_or(DocumentError::of("internal.createdAt"))?;
        let ceiling = ceiling.filter(|raw| !json::is_null(raw));
        Ok(Self { created_at, ceiling: number(ceiling, "internal.sessionExpiresAt")? })
    }
}

fn number(raw: Option<&str>, name: &'static str) -> Result<Option<f64>, DocumentError> {
    raw.map(|raw| json::number(raw).ok_or(DocumentError::of(name))).transpose()
}

fn is_list(raw: &str) -> bool {
    raw.starts_with('[') || json::is_null(raw)
}

/// A walk through `text`.
struct Walk<'a> {
    text: &'a str,
}

impl<'de> Visitor<'de> for Walk<'de> {
    type Value = Outline<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline<'de>, A::Error> {
        let (mut user, mut after_user) = (None, None);
        let (mut token_set, mut access_tokens, mut internal, mut exp, mut nbf) = Default::default();
        while let Some(name) = map.next_key::<&'de str>()? {
            if user.is_some() && after_user.is_none() {
                after_user = Some(name);
            }
            match name {
                "user" => {
                    let [sub] = map.next_value_seed(json::Members(["sub"]))?;
                    once(&mut user, (name, sub))?;
                }
                "tokenSet" => once(&mut token_set, map.next_value::<&RawValue>()?.get())?,
                "accessTokens" => once(&mut access_tokens, map.next_value::<&RawValue>()?.get())?,
                "internal" => once(&mut internal, map.next_value_seed(InternalWalk)?)?,
                "exp" => once(&mut exp, map.next_value()?)?,
                "nbf" => once(&mut nbf, map.next_value()?)?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let outline = || {
            let (name, sub) = user?;
            let user = value_of(name, after_user, self.text)?;
            let token_set = token_set.filter(|raw| json::is_object(raw))?;
            Some(Outline { user, sub: sub?, token_set, internal: internal?, exp, nbf })
        };
        outline().filter(|_| access_tokens.is_none_or(is_list)).ok_or_else(|| A::Error::custom("no session"))
    }
}

struct InternalWalk;

impl<'de> DeserializeSeed<'de> for InternalWalk {
    type Value = Internal;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Internal, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for InternalWalk {
    type Value = Internal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session's own data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Internal, A::Error> {
        let (mut created_at, mut ceiling) = (None, None);
        while let Some(name) = map.next_key::<&'de str>()? {
            match name {
                "createdAt" => created_at = Some(map.next_value()?),
                "sessionExpiresAt" => ceiling = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let created_at = created_at.ok_or_else(|| A::Error::missing_field("createdAt"))?;
        Ok(Internal { created_at, ceiling })
    }
}

fn once<T, E: Error>(place: &mut Option<T>, value: T) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom("a member is there twice")),
    }
}

/// The object that stands in `text` between the name `name` and the next member's, or the end.
///
/// ```text
/// {"user" : {…} , "next":…}
///   name          next
/// ```
fn value_of<'a>(name: &str, next: Option<&str>, text: &'a str) -> Option<&'a str> {
    let start = json::range_within(text, name).end;
    let value = match next {
        Some(next) => {
            let quote = json::range_within(text, next).start.checked_sub(1)?;
            text.get(start..quote)?.trim_end().strip_suffix(',')?
        }
        None => text.get(start..)?.trim_end().strip_suffix('}')?,
    };
    Some(value.strip_prefix('"')?.trim_start().strip_prefix(':')?.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str =
        r#"{"user":{"sub":"u","a":{"sub":1}},"tokenSet":{"x":[{}]},"internal":{"createdAt":1},"exp":2}"#;

    /// Both ways through a text say the same of it, or only the careful one takes it.
    fn both(text: &str) -> (Option<Outline<'_>>, Result<Outline<'_>, DocumentError>) {
        let (quick, careful) = (Outline::at_once(text), Outline::part_by_part(text));
        if let Some(quick) = quick {
            assert_eq!(careful, Ok(quick), "{text}");
        }
        (quick, careful)
    }

    #[test]
    fn members_in_any_order_and_spacing_are_found_at_once() {
        let members = [
            r#""user" : {"sub":"u", "n":[1, {}]} "#,
            r#""tokenSet":{"a":"}"}"#,
            r#" "internal":{"sid":"s","createdAt":1,"sessionExpiresAt":null}"#,
            r#""exp":2.5 "#,
            "\n\t\"accessTokens\":[]",
            r#""x":{"user":{},"exp":1}"#,
        ];
        for turn in 0..members.len() {
            let mut turned = members.to_vec();
            turned.rotate_left(turn);
            for text in [format!("{{{}}}", turned.join(",")), format!(" {{ {} }} ", turned.join(" ,\n"))] {
                let (quick, _) = both(&text);
                let outline = quick.unwrap();
                assert_eq!(outline.user, r#"{"sub":"u", "n":[1, {}]}"#, "{text}");
                assert_eq!((outline.sub, outline.exp), ("\"u\"", Some(2.5)));
                assert_eq!(outline.internal, Internal { created_at: 1, ceiling: None });
            }
        }
    }

    #[test]
    fn a_name_with_an_escape_is_left_to_the_careful_way() {
        for text in [
            SESSION.replace("\"exp\"", r#""\ud800":0,"exp""#),
            SESSION.replace("user", r"\u0075ser"),
            SESSION.replace("{\"sub\":\"u\"", r#"{"s\u0075b":"u""#),
        ] {
            let (quick, careful) = both(&text);
            assert_eq!((quick, careful.unwrap().sub), (None, "\"u\""), "{text}");
        }
    }

    #[test]
    fn every_text_with_one_byte_changed_is_read_the_same_in_both_ways() {
        for at in 0..SESSION.len() {
            for byte in [b'"', b'{', b'}', b',', b':', b' ', b'\\', b'0', b'n', b'['] {
                let mut bytes = SESSION.as_bytes().to_vec();
                bytes[at] = byte;
                let _ = both(std::str::from_utf8(&bytes).unwrap());
                bytes.remove(at);
                let _ = both(std::str::from_utf8(&bytes).unwrap());
            }
        }
    }
}
