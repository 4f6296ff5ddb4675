//! The options of one `#[with_api_auth_required]`, as constant data.

/// The demands of one handler: the options of its attribute, as a constant.
///
/// All `requirements` must be met, then all policies. The attribute generates one for each handler that has options.
///
/// ```
/// use auth_runtime::policy::{Protection, Requirement};
///
/// let requirements = &[Requirement::Roles(&["editor"])];
/// let editors = Protection { requirements, ..Protection::SIGNED_IN };
/// assert_eq!(editors.to_string(), r#"roles("editor")"#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// `scopes(..)`, `permissions(..)` and so on; all of them must be met.
    pub requirements: &'static [Requirement],
    /// The types named by `policy = Type`, as written.
    pub policies: &'static [&'static str],
    /// `cache = "..."`: the `Cache-Control` of the handler's successful answers. `None` stands for `private, no-store`.
    pub cache: Option<&'static str>,
    /// `login`: a browser that opens a page without a session is redirected to the sign-in.
    pub login: bool,
    /// `optional`: the handler runs without a session too.
    pub optional: bool,
}

impl Protection {
    /// The demand that a user is signed in, and nothing more.
    pub const SIGNED_IN: Self =
        Self { requirements: &[], policies: &[], cache: None, login: false, optional: false };

    /// Returns whether the handler runs without a session.
    ///
    /// The attribute does not compile with a requirement beside `optional`. If a `Protection` that was made otherwise
    /// has both, the requirement is not skipped.
    pub(crate) const fn admits_anybody(&self) -> bool {
        self.optional && self.requirements.is_empty() && self.policies.is_empty()
    }

    /// Returns the scopes without which the handler cannot be reached, each once (RFC 6750 §3, `scope`).
    pub(crate) fn scopes(&self) -> Vec<&'static str> {
        let mut scopes = Vec::new();
        collect_scopes(self.requirements, &mut scopes);
        scopes
    }
}

/// A requirement, or a group of requirements.
///
/// ```
/// use auth_runtime::policy::{ClaimValue, Requirement};
///
/// let team = Requirement::Claim("plan", ClaimValue::Text("team"));
/// assert_eq!(team.to_string(), r#"claim("plan" = "team")"#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "generated code makes it, for the runtime of the same version")]
pub enum Requirement {
    /// `acr("a", "b")`: the user was authenticated in one of these classes (OpenID Connect Core 1.0 §2).
    Acr(&'static [&'static str]),
    /// `all(..)`: each of these requirements is met.
    All(&'static [Requirement]),
    /// `amr("mfa")`: the user was authenticated with all of these methods (RFC 8176).
    Amr(&'static [&'static str]),
    /// `any(..)`: at least one of these requirements is met.
    Any(&'static [Requirement]),
    /// `claim("name" = value)`: the user's claim has exactly this value.
    Claim(&'static str, ClaimValue),
    /// `max_age = "5m"`: the user was authenticated at most so many seconds ago.
    MaxAge(u64),
    /// `not(..)`: the requirement is known not to be met. What the session does not say meets neither a requirement nor
    /// its opposite.
    Not(&'static Requirement),
    /// `org("org_1")`: the user signed in to one of these organizations. Empty for `org` alone, which any organization
    /// meets.
    Org(&'static [&'static str]),
    /// `permissions(..)`: the user has all of these permissions.
    Permissions(&'static [&'static str]),
    /// `roles(..)`: the user has all of these roles.
    Roles(&'static [&'static str]),
    /// `scopes(..)`: all of these scopes were granted (RFC 6749 §3.3).
    Scopes(&'static [&'static str]),
}

impl Requirement {
    /// Returns whether signing in again could help to meet the requirement.
    #[cfg(feature = "utoipa")]
    pub(crate) fn concerns_sign_in(&self) -> bool {
        match self {
            Self::Acr(_) | Self::Amr(_) | Self::MaxAge(_) => true,
            Self::All(group) | Self::Any(group) => group.iter().any(Self::concerns_sign_in),
            Self::Not(inner) => inner.concerns_sign_in(),
            Self::Claim(..) | Self::Org(_) | Self::Permissions(_) | Self::Roles(_) | Self::Scopes(_) => false,
        }
    }

    /// Returns whether a user who does not meet the requirement may be told that signing in again would not help.
    #[cfg(feature = "utoipa")]
    pub(crate) fn concerns_rights(&self) -> bool {
        match self {
            Self::Acr(_) | Self::Amr(_) | Self::MaxAge(_) => false,
            Self::All(group) | Self::Any(group) => {
                group.is_empty() || group.iter().any(Self::concerns_rights)
            }
            // The answer to `not` is `access_denied`, whatever stands in it.
            Self::Not(_)
            | Self::Claim(..)
            | Self::Org(_)
            | Self::Permissions(_)
            | Self::Roles(_)
            | Self::Scopes(_) => true,
        }
    }
}

/// Collects the scopes outside of `any` and `not`. `a, all(b, c)` is the same as `a, b, c`.
fn collect_scopes(requirements: &'static [Requirement], found: &mut Vec<&'static str>) {
    for requirement in requirements {
        match requirement {
            Requirement::All(group) => collect_scopes(group, found),
            Requirement::Scopes(scopes) => add_new(scopes, found),
            _ => {}
        }
    }
}

/// Adds the scopes that are not found yet.
pub(super) fn add_new(scopes: &[&'static str], found: &mut Vec<&'static str>) {
    for scope in scopes {
        if !found.contains(scope) {
            found.push(scope);
        }
    }
}

/// The value that `claim("name" = value)` demands.
///
/// ```
/// use auth_runtime::policy::ClaimValue;
///
/// assert_eq!(ClaimValue::Integer(7).to_string(), "7");
/// assert_eq!(ClaimValue::Text("team").to_string(), "\"team\"");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "generated code makes it, for the runtime of the same version")]
pub enum ClaimValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A string.
    Text(&'static str),
}
