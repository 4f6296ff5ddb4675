//! The `WWW-Authenticate` challenge (RFC 6750 §3).

use std::fmt::Write as _;

use http::HeaderValue;

/// The protection space that challenges name, already a whole header value: `Bearer realm="…"`.
///
/// It has no `error` parameter: that belongs to a token that was sent, and none was (RFC 6750 §3.1).
#[derive(Clone, Debug)]
pub(crate) struct Realm(HeaderValue);

impl Realm {
    /// Quotes `realm`; `None` when it holds what no header can (RFC 9110 §5.6.4).
    pub(crate) fn new(realm: &str) -> Option<Self> {
        let mut challenge = String::from("Bearer realm=\"");
        for c in realm.chars() {
            match c {
                '"' | '\\' => {
                    // Writing to a string cannot fail.
                    let _ = write!(challenge, "\\{c}");
                }
                ' '..='~' => challenge.push(c),
                _ => return None,
            }
        }
        challenge.push('"');
        HeaderValue::from_str(&challenge).ok().map(Self)
    }

    pub(crate) fn challenge(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl Default for Realm {
    fn default() -> Self {
        Self(HeaderValue::from_static("Bearer realm=\"api\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inj_02_a_realm_is_quoted_or_refused() {
        let challenge = |realm| Realm::new(realm).map(|realm| realm.challenge());
        assert_eq!(challenge("my api").unwrap(), "Bearer realm=\"my api\"");
        assert_eq!(challenge("a\"b\\c, x=1").unwrap(), "Bearer realm=\"a\\\"b\\\\c, x=1\"");
        for bad in ["a\r\nb", "a\0b", "ä", "a\tb"] {
            assert!(challenge(bad).is_none(), "{bad:?}");
        }
    }
}
