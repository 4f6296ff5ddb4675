//! Who may call a handler.

use std::fmt;

use crate::policy::Protection;

/// Who may call what a route leads to.
///
/// `Display` writes it as the attribute has it: `scopes("read:posts"), max_age = "5m"`. An attribute without options
/// is `signed in`; the others are `public` and `unchecked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// `#[with_api_auth_required]`, with these options. Of two attributes on one handler both apply; this is the one
    /// that is next to the function.
    Protected(&'static Protection),
    /// `#[public]`: everybody.
    Public,
    /// Nobody knows: it came in through [`Router::merge_unchecked`](super::Router::merge_unchecked).
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
