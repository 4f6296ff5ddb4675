//! The attributes of the cookies that this crate writes.

use std::fmt::Write as _;

pub use cookie::SameSite;

use super::name::CookieName;

/// The attributes of a cookie: `Path`, `Domain`, `Secure`, `SameSite`, and whether the browser forgets the cookie when
/// it closes. `HttpOnly` is always written.
///
/// ```
/// use auth_runtime::codec::{CookieAttributes, CookieName};
///
/// let attributes = CookieAttributes::default().with_path("/app")?.with_secure(true);
/// assert!(attributes.is_secure());
/// assert!(attributes.check(&CookieName::new("__Secure-session")?).is_ok());
/// assert!(attributes.check(&CookieName::new("__Host-session")?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieAttributes {
    domain: Option<String>,
    path: String,
    secure: bool,
    same_site: SameSite,
    transient: bool,
}

impl Default for CookieAttributes {
    /// Returns `Path=/; HttpOnly; SameSite=lax`, for this host only.
    fn default() -> Self {
        Self { domain: None, path: "/".to_owned(), secure: false, same_site: SameSite::Lax, transient: false }
    }
}

impl CookieAttributes {
    /// Sends the cookie to `domain` and to all hosts below it. By default only the host that set the cookie gets it.
    ///
    /// # Errors
    ///
    /// `domain` is empty, or has a character that no host name has.
    ///
    /// ```
    /// use auth_runtime::codec::{AttributeError, CookieAttributes};
    ///
    /// assert!(CookieAttributes::default().with_domain("example.com").is_ok());
    /// assert_eq!(CookieAttributes::default().with_domain(""), Err(AttributeError::EmptyDomain));
    /// ```
    pub fn with_domain(mut self, domain: impl Into<String>) -> Result<Self, AttributeError> {
        let domain = domain.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        match domain.chars().find(|c| !allowed(*c)) {
            _ if domain.is_empty() => Err(AttributeError::EmptyDomain),
            Some(character) => Err(AttributeError::DomainCharacter { character }),
            None => {
                self.domain = Some(domain);
                Ok(self)
            }
        }
    }

    /// Sends the cookie only to `path` and below. By default `/`.
    ///
    /// # Errors
    ///
    /// `path` does not begin with `/`, or cannot stand in a cookie.
    pub fn with_path(mut self, path: impl Into<String>) -> Result<Self, AttributeError> {
        let path = path.into();
        if !path.starts_with('/') {
            return Err(AttributeError::RelativePath);
        }
        let allowed = |c: char| c.is_ascii_graphic() && c != ';' && c != ',';
        if let Some(character) = path.chars().find(|c| !allowed(*c)) {
            return Err(AttributeError::PathCharacter { character });
        }
        self.path = path;
        Ok(self)
    }

    /// Sends the cookie over https only, where `secure` is set.
    #[must_use]
    pub fn with_secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Sets which requests from other sites carry the cookie. By default `lax`.
    #[must_use]
    pub fn with_same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Lets the browser forget the session cookie when it closes: no `Max-Age`, no `Expires`.
    #[must_use]
    pub fn with_transient(mut self, transient: bool) -> Self {
        self.transient = transient;
        self
    }

    /// Returns the attributes of a sign-in's transaction cookie. The provider sends the browser back from another site,
    /// to the path of the callback, so this cookie is `lax` and valid for every path.
    pub(crate) fn for_transaction(&self) -> Self {
        Self { path: "/".to_owned(), same_site: SameSite::Lax, transient: false, ..self.clone() }
    }

    /// Returns the path below which browsers send the cookie.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Returns whether browsers send the cookie over https only.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns whether the browser forgets the session cookie when it closes.
    pub fn is_transient(&self) -> bool {
        self.transient
    }

    /// Checks the attributes against each other and against what browsers demand of the name.
    ///
    /// # Errors
    ///
    /// Every rule that is broken. A browser would drop such a cookie without a message.
    pub fn check(&self, name: &CookieName) -> Result<(), Vec<AttributeError>> {
        let mut errors = Vec::new();
        if name.has_host_prefix() && !self.may_have_host_prefix() {
            errors.push(AttributeError::HostPrefix);
        }
        if name.has_secure_prefix() && !self.secure {
            errors.push(AttributeError::SecurePrefix);
        }
        if self.same_site == SameSite::None && !self.secure {
            errors.push(AttributeError::SameSiteNoneWithoutSecure);
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Returns whether browsers accept a cookie with these attributes under a name with `__Host-`.
    pub(crate) fn may_have_host_prefix(&self) -> bool {
        self.secure && self.path == "/" && self.domain.is_none()
    }

    /// Appends the attributes in the order of the wire, with `lifetime` (`Expires` and `Max-Age`) after the path.
    pub(super) fn write(&self, line: &mut String, lifetime: &str) {
        line.push_str("; Path=");
        line.push_str(&self.path);
        line.push_str(lifetime);
        if let Some(domain) = &self.domain {
            line.push_str("; Domain=");
            line.push_str(domain);
        }
        if self.secure {
            line.push_str("; Secure");
        }
        let same_site = match self.same_site {
            SameSite::Strict => "strict",
            SameSite::Lax => "lax",
            SameSite::None => "none",
        };
        // Writing to a string cannot fail.
        let _ = write!(line, "; HttpOnly; SameSite={same_site}");
    }
}

/// The reason why attributes are not those of a cookie.
///
/// ```
/// use auth_runtime::codec::{AttributeError, CookieAttributes};
///
/// assert_eq!(CookieAttributes::default().with_path("app"), Err(AttributeError::RelativePath));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeError {
    /// The domain holds a character that no host name has.
    #[error("a cookie's domain cannot contain {character:?}")]
    DomainCharacter {
        /// The first such character.
        character: char,
    },
    /// The domain is empty.
    #[error("a cookie's domain cannot be empty")]
    EmptyDomain,
    /// A name with `__Host-` needs `Secure`, `Path=/` and no `Domain` (RFC 6265bis §4.1.3.2).
    #[error("a cookie named `__Host-…` needs Secure, Path=/ and no Domain")]
    HostPrefix,
    /// The path holds a character that ends or breaks the attribute.
    #[error("a cookie's path cannot contain {character:?}")]
    PathCharacter {
        /// The first such character.
        character: char,
    },
    /// The path does not begin with a slash, so browsers would ignore it.
    #[error("a cookie's path must begin with `/`")]
    RelativePath,
    /// Browsers drop `SameSite=None` without `Secure`.
    #[error("SameSite=None needs Secure")]
    SameSiteNoneWithoutSecure,
    /// A name with `__Secure-` needs `Secure` (RFC 6265bis §4.1.3.1).
    #[error("a cookie named `__Secure-…` needs Secure")]
    SecurePrefix,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inj_03_what_would_break_the_line_is_refused() {
        for bad in ["a;b", "a,b", "a b", "a\r\nb", "ä", ""] {
            assert!(CookieAttributes::default().with_domain(bad).is_err(), "{bad:?}");
        }
        for bad in ["/a;b", "/a,b", "/a b", "/a\r\nb", "/ä", "", "a"] {
            assert!(CookieAttributes::default().with_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn s_ck_2_and_s_ck_7_prefixes_and_same_site_none_need_their_attributes() {
        let host = CookieName::new("__Host-session").unwrap();
        let plain = CookieName::default();
        let secure = CookieAttributes::default().with_secure(true);
        assert_eq!(secure.check(&host), Ok(()));
        assert!(CookieAttributes::default().check(&host).is_err());
        assert!(secure.clone().with_path("/app").unwrap().check(&host).is_err());
        assert!(secure.clone().with_domain("example.com").unwrap().check(&host).is_err());
        assert!(CookieAttributes::default().with_same_site(SameSite::None).check(&plain).is_err());
        assert_eq!(secure.with_same_site(SameSite::None).check(&plain), Ok(()));
    }
}
