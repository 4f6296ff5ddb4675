//! The parts of a session's JSON that every request looks at.

use super::document::DocumentError;
use crate::json::{self, Scan};

/// The members that every session has, and those that bound it in time. Texts are raw JSON; times are unix seconds.
pub(super) struct Outline<'a> {
    pub(super) user: &'a str,
    pub(super) sub: &'a str,
    pub(super) token_set: &'a str,
    pub(super) created_at: i64,
    pub(super) ceiling: Option<f64>,
    pub(super) exp: Option<f64>,
    pub(super) nbf: Option<f64>,
}

impl<'a> Outline<'a> {
    /// Finds the parts in the session's text, and checks their types.
    pub(super) fn of(text: &'a str) -> Result<Self, DocumentError> {
        let Parts { user, sub, token_set, access_tokens, created_at, ceiling, exp, nbf } = Parts::of(text)?;
        // JavaScript writes `null` for a list that is not there.
        if access_tokens.is_some_and(|raw| !raw.starts_with('[') && !json::is_null(raw)) {
            return Err(DocumentError::of("accessTokens"));
        }
        let ceiling = ceiling.filter(|raw| !json::is_null(raw));
        let number = |raw: Option<&str>, name| {
            raw.map(|raw| json::number(raw).ok_or(DocumentError::of(name))).transpose()
        };
        Ok(Self {
            user: user.ok_or(DocumentError::of("user"))?,
            sub: sub.ok_or(DocumentError::of("user.sub"))?,
            token_set: token_set.filter(|raw| json::is_object(raw)).ok_or(DocumentError::of("tokenSet"))?,
            created_at: created_at.and_then(json::integer).ok_or(DocumentError::of("internal.createdAt"))?,
            ceiling: number(ceiling, "internal.sessionExpiresAt")?,
            exp: number(exp, "exp")?,
            nbf: number(nbf, "nbf")?,
        })
    }
}

/// The parts of an [`Outline`] as they stand in the text, unchecked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts<'a> {
    user: Option<&'a str>,
    sub: Option<&'a str>,
    token_set: Option<&'a str>,
    access_tokens: Option<&'a str>,
    created_at: Option<&'a str>,
    ceiling: Option<&'a str>,
    exp: Option<&'a str>,
    nbf: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Finds the parts of an ordinary text in one walk. Any other text is searched part by part, which takes longer and
    /// tells which part is wrong.
    fn of(text: &'a str) -> Result<Self, DocumentError> {
        match Self::at_once(text) {
            Some(parts) => Ok(parts),
            None => Self::part_by_part(text),
        }
    }

    /// Finds the parts in one walk. `None` for an unusual text, such as one with a part that is missing or there twice,
    /// or with an escape in a member's name.
    fn at_once(text: &'a str) -> Option<Self> {
        let mut parts = Self::default();
        let mut internal = None;
        Scan::whole(text, |scan, name| {
            let place = match name {
                b"user" => {
                    let user = scan.raw(|scan| scan.object(|scan, name| parts.see_claim(scan, name)))?;
                    return once(&mut parts.user, user);
                }
                b"internal" => {
                    scan.object(|scan, name| parts.see_internal(scan, name))?;
                    return once(&mut internal, ());
                }
                b"tokenSet" => &mut parts.token_set,
                b"accessTokens" => &mut parts.access_tokens,
                b"exp" => &mut parts.exp,
                b"nbf" => &mut parts.nbf,
                _ => return scan.value(),
            };
            once(place, scan.raw(Scan::value)?)
        })?;
        internal.map(|()| parts).filter(|parts| parts.user.is_some())
    }

    /// Notes a claim of the user if it is `sub`; of several the last one counts.
    fn see_claim(&mut self, scan: &mut Scan<'a>, name: &[u8]) -> Option<()> {
        if name == b"sub" {
            self.sub = Some(scan.raw(Scan::value)?);
            return Some(());
        }
        scan.value()
    }

    /// Notes a member of `internal` if it bounds the session in time; of several with one name the last one counts.
    fn see_internal(&mut self, scan: &mut Scan<'a>, name: &[u8]) -> Option<()> {
        let place = match name {
            b"createdAt" => &mut self.created_at,
            b"sessionExpiresAt" => &mut self.ceiling,
            _ => return scan.value(),
        };
        *place = Some(scan.raw(Scan::value)?);
        Some(())
    }

    /// Searches the text for each part.
    fn part_by_part(text: &'a str) -> Result<Self, DocumentError> {
        let names = ["user", "tokenSet", "internal", "accessTokens", "exp", "nbf"];
        let [user, token_set, internal, access_tokens, exp, nbf] =
            json::members_once(text, names).ok_or(DocumentError::of("session"))?;
        let user = user.ok_or(DocumentError::of("user"))?;
        let sub = json::member(user, "sub");
        let [created_at, ceiling] = internal
            .and_then(|internal| json::members(internal, ["createdAt", "sessionExpiresAt"]))
            .ok_or(DocumentError::of("internal"))?;
        Ok(Self { user: Some(user), sub, token_set, access_tokens, created_at, ceiling, exp, nbf })
    }
}

/// Returns whether the quick way finds what the careful way finds, or gives up.
#[cfg(all(fuzzing, feature = "oidc"))]
pub(crate) fn quick_way_agrees(text: &str) -> bool {
    Parts::at_once(text).is_none_or(|quick| Parts::part_by_part(text) == Ok(quick))
}

/// Fills a place; `None` if it was filled before.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str =
        r#"{"user":{"sub":"u","a":{"sub":1}},"tokenSet":{"x":[{}]},"internal":{"createdAt":1},"exp":2}"#;

    /// Both ways through a text say the same of it, or only the careful one takes it.
    fn both(text: &str) -> Option<Parts<'_>> {
        let quick = Parts::at_once(text);
        if let Some(quick) = quick {
            assert_eq!(Parts::part_by_part(text), Ok(quick), "{text}");
        }
        quick
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
                let parts = both(&text).unwrap();
                assert_eq!(parts.user, Some(r#"{"sub":"u", "n":[1, {}]}"#), "{text}");
                assert_eq!((parts.sub, parts.exp), (Some("\"u\""), Some("2.5")));
                assert_eq!((parts.created_at, parts.ceiling), (Some("1"), Some("null")));
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
            assert_eq!(both(&text), None, "{text}");
            assert_eq!(Outline::of(&text).map(|outline| outline.sub), Ok("\"u\""), "{text}");
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
