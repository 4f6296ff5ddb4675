//! The callers that a handler admits.

use std::fmt;

use crate::policy::Protection;

/// The callers that a route admits.
///
/// `Display` writes the options as the attribute has them: `scopes("read:posts"), max_age = "5m"`. An attribute without
/// options is `signed in`; the other variants are `public` and `unchecked`.
///
/// ```
/// use auth_runtime::policy::Protection;
/// use auth_runtime::routing::Access;
///
/// assert_eq!(Access::Protected(&Protection::SIGNED_IN).to_string(), "signed in");
/// assert_eq!(Access::Public.to_string(), "public");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// `#[with_api_auth_required]` with these options. Of two attributes on one handler both apply; the options are
    /// those of the attribute next to the function.
    Protected(&'static Protection),
    /// `#[public]`: every caller.
    Public,
    /// Not known: the handler came in through [`Router::merge_unchecked`](super::Router::merge_unchecked).
    Unchecked,
}

impl Access {
    /// Returns whether a request without a session never reaches the handler.
    ///
    /// ```
    /// use auth_runtime::routing::Access;
    ///
    /// assert!(!Access::Public.requires_session());
    /// assert!(!Access::Unchecked.requires_session());
    /// ```
    pub fn requires_session(self) -> bool {
        matches!(self, Self::Protected(protection) if !protection.admits_anybody())
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected(protection) if **protection == Protection::SIGNED_IN => f.write_str("signed in"),
            Self::Protected(protection) => protection.fmt(f),
            Self::Public => f.write_str("public"),
            Self::Unchecked => f.write_str("unchecked"),
        }
    }
}
