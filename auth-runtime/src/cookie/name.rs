//! The name of a cookie, as a type that holds valid names only.

use std::fmt;

/// A cookie name: a token of RFC 6265 §4.1.1.
///
/// ```
/// use auth_runtime::codec::CookieName;
///
/// assert_eq!(CookieName::default().as_str(), "__session");
/// assert!(CookieName::new("__Host-session")?.has_host_prefix());
/// assert!(CookieName::new("my session").is_err());
/// # Ok::<(), auth_runtime::codec::CookieNameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieName(String);

impl CookieName {
    /// Checks that `name` can be a cookie's name.
    ///
    /// # Errors
    ///
    /// `name` is empty, or has a character that a token cannot have (RFC 9110 §5.6.2).
    pub fn new(name: impl Into<String>) -> Result<Self, CookieNameError> {
        let name = name.into();
        if name.is_empty() {
            return Err(CookieNameError::Empty);
        }
        match name.chars().find(|c| !is_token_char(*c)) {
            Some(character) => Err(CookieNameError::Character { character }),
            None => Ok(Self(name)),
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether browsers accept this cookie only with `Secure`, `Path=/` and no `Domain`. Browsers compare the
    /// prefix without regard to case, and so does this function.
    pub fn has_host_prefix(&self) -> bool {
        starts_with_ignoring_case(&self.0, "__host-")
    }

    /// Returns whether browsers accept this cookie only with `Secure`.
    pub fn has_secure_prefix(&self) -> bool {
        starts_with_ignoring_case(&self.0, "__secure-")
    }
}

impl Default for CookieName {
    /// Returns `__session`, the name on the wire.
    fn default() -> Self {
        Self("__session".to_owned())
    }
}

impl fmt::Display for CookieName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The reason why a text is no cookie name.
///
/// ```
/// use auth_runtime::codec::{CookieName, CookieNameError};
///
/// assert_eq!(CookieName::new("a b"), Err(CookieNameError::Character { character: ' ' }));
/// assert_eq!(CookieName::new(""), Err(CookieNameError::Empty));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CookieNameError {
    /// The text holds a character that a name cannot have.
    #[error("a cookie name cannot contain {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
    /// The text is empty.
    #[error("a cookie name cannot be empty")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chk_22_what_a_name_may_not_contain_is_refused_and_the_rest_is_literal() {
        for bad in ["", "a b", "a;b", "a,b", "a=b", "a(b)", "ä", "a\tb", "a\"b"] {
            assert!(CookieName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["a.b", "a*", "$a", "__Host-session"] {
            assert!(CookieName::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn prefixes_are_seen_in_any_case() {
        assert!(CookieName::new("__HOST-x").unwrap().has_host_prefix());
        assert!(CookieName::new("__secure-x").unwrap().has_secure_prefix());
        assert!(!CookieName::default().has_host_prefix());
    }
}
