//! The rules that a refused request can have broken.

use http::StatusCode;

/// The rule that a refused request broke. Codes and statuses never change.
///
/// | kind | status | code |
/// |---|---|---|
/// | [`AccessTokenUnavailable`](Self::AccessTokenUnavailable) | that of the error | that of the error |
/// | [`ApiUnavailable`](Self::ApiUnavailable) | that of the error | that of the error |
/// | [`NotAuthenticated`](Self::NotAuthenticated) | 401 | `not_authenticated` |
/// | [`InsufficientUserAuthentication`](Self::InsufficientUserAuthentication) | 401 | `insufficient_user_authentication` |
/// | [`AccessDenied`](Self::AccessDenied) | 403 | `access_denied` |
/// | [`ClaimsMismatch`](Self::ClaimsMismatch) | 403 | `claims_mismatch` |
/// | [`CrossSiteRequest`](Self::CrossSiteRequest) | 403 | `cross_site_request` |
/// | [`InsufficientClaims`](Self::InsufficientClaims) | 403 | `insufficient_claims` |
/// | [`InsufficientOrganization`](Self::InsufficientOrganization) | 403 | `insufficient_organization` |
/// | [`InsufficientPermissions`](Self::InsufficientPermissions) | 403 | `insufficient_permissions` |
/// | [`InsufficientRoles`](Self::InsufficientRoles) | 403 | `insufficient_roles` |
/// | [`InsufficientScope`](Self::InsufficientScope) | 403 | `insufficient_scope` |
/// | [`NotFound`](Self::NotFound) | 404 | `not_found` |
/// | [`InternalError`](Self::InternalError) | 500 | `internal_error` |
/// | [`PolicyUnavailable`](Self::PolicyUnavailable) | 503 | `policy_unavailable` |
/// | [`SessionNotSaved`](Self::SessionNotSaved) | 500 or 503 | `session_not_saved` |
/// | [`SessionStoreUnavailable`](Self::SessionStoreUnavailable) | 503 | `session_store_unavailable` |
///
/// Where the kind does not decide the status or the code, [`Rejection::status`](crate::Rejection::status) and
/// [`Rejection::code`](crate::Rejection::code) give it.
///
/// ```
/// use auth_runtime::RejectionKind;
///
/// assert_eq!(RejectionKind::InsufficientScope.code(), "insufficient_scope");
/// assert_eq!(RejectionKind::InsufficientScope.status(), 403);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// A policy denied the request, or `not(..)` is not met.
    AccessDenied,
    /// The handler returned an [`AccessTokenError`](crate::AccessTokenError), or the error of an exchange of tokens.
    AccessTokenUnavailable,
    /// The handler returned the error of a request to an API: the API did not answer, or no access token may be sent to
    /// it.
    ApiUnavailable,
    /// The user's claims do not fit the type that the handler asks for.
    ClaimsMismatch,
    /// A page of another site may have made the browser send this request. Only the log says which header shows it.
    CrossSiteRequest,
    /// `claim("name" = value)` is not met.
    InsufficientClaims,
    /// `org` is not met.
    InsufficientOrganization,
    /// `permissions(..)` is not met.
    InsufficientPermissions,
    /// `roles(..)` is not met.
    InsufficientRoles,
    /// `scopes(..)` is not met (RFC 6750 §3.1).
    InsufficientScope,
    /// `acr(..)`, `amr(..)` or `max_age` is not met: the user has to sign in again (RFC 9470 §3).
    InsufficientUserAuthentication,
    /// The service has a mistake: an extractor that needs the attribute is used without it.
    InternalError,
    /// There is no session. Only the log says why.
    NotAuthenticated,
    /// A policy found nothing that the user may know of.
    NotFound,
    /// A policy could not decide, because what it depends on failed.
    PolicyUnavailable,
    /// The handler ran, and the session could not be saved, so the handler's answer is withheld: 503 where the session
    /// store failed, 500 where the session cannot be written.
    SessionNotSaved,
    /// The session store failed, so it is not known whether the user is signed in.
    SessionStoreUnavailable,
}

impl RejectionKind {
    /// Returns the status of the response where the kind alone decides it. For the others it is 503, that of a provider
    /// or an API that does not answer, or 500, that of a session that cannot be written.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::AccessDenied
            | Self::ClaimsMismatch
            | Self::CrossSiteRequest
            | Self::InsufficientClaims
            | Self::InsufficientOrganization
            | Self::InsufficientPermissions
            | Self::InsufficientRoles
            | Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::InsufficientUserAuthentication | Self::NotAuthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::InternalError | Self::SessionNotSaved => StatusCode::INTERNAL_SERVER_ERROR,
            Self::AccessTokenUnavailable
            | Self::ApiUnavailable
            | Self::PolicyUnavailable
            | Self::SessionStoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the stable error code, the member `error` of the body. For
    /// [`AccessTokenUnavailable`](Self::AccessTokenUnavailable) and [`ApiUnavailable`](Self::ApiUnavailable) the code
    /// of the error takes its place.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::AccessTokenUnavailable => "failed_to_refresh_token",
            Self::ApiUnavailable => "api_unavailable",
            Self::ClaimsMismatch => "claims_mismatch",
            Self::CrossSiteRequest => "cross_site_request",
            Self::InsufficientClaims => "insufficient_claims",
            Self::InsufficientOrganization => "insufficient_organization",
            Self::InsufficientPermissions => "insufficient_permissions",
            Self::InsufficientRoles => "insufficient_roles",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::InternalError => "internal_error",
            Self::NotAuthenticated => "not_authenticated",
            Self::NotFound => "not_found",
            Self::PolicyUnavailable => "policy_unavailable",
            Self::SessionNotSaved => "session_not_saved",
            Self::SessionStoreUnavailable => "session_store_unavailable",
        }
    }

    /// Returns in general terms what is missing. The text holds no value of the user's and no reason.
    pub const fn description(self) -> &'static str {
        match self {
            Self::AccessDenied => "The user may not do this",
            Self::AccessTokenUnavailable => "There is no access token at the moment",
            Self::ApiUnavailable => "An API that this request needs does not answer at the moment",
            Self::ClaimsMismatch => "The user's claims do not have the form that this request needs",
            Self::CrossSiteRequest => "The request does not come from a page of this application",
            Self::InsufficientClaims => "The user lacks a claim that this request needs",
            Self::InsufficientOrganization => "The user is not signed in to an organization that may do this",
            Self::InsufficientPermissions => "The user lacks a permission that this request needs",
            Self::InsufficientRoles => "The user lacks a role that this request needs",
            Self::InsufficientScope => "The session lacks a scope that this request needs",
            Self::InsufficientUserAuthentication => {
                "The user has to sign in again, more recently or in a stronger way"
            }
            Self::InternalError => "The request could not be handled",
            Self::NotAuthenticated => "The user does not have an active session or is not authenticated",
            Self::NotFound => "What this request asks for does not exist",
            Self::PolicyUnavailable => "Whether the user may do this cannot be decided at the moment",
            Self::SessionNotSaved => "The session could not be saved",
            Self::SessionStoreUnavailable => "Whether the user is signed in cannot be told at the moment",
        }
    }
}

#[cfg(test)]
pub(super) const ALL: [RejectionKind; 17] = [
    RejectionKind::AccessDenied,
    RejectionKind::AccessTokenUnavailable,
    RejectionKind::ApiUnavailable,
    RejectionKind::ClaimsMismatch,
    RejectionKind::CrossSiteRequest,
    RejectionKind::InsufficientClaims,
    RejectionKind::InsufficientOrganization,
    RejectionKind::InsufficientPermissions,
    RejectionKind::InsufficientRoles,
    RejectionKind::InsufficientScope,
    RejectionKind::InsufficientUserAuthentication,
    RejectionKind::InternalError,
    RejectionKind::NotAuthenticated,
    RejectionKind::NotFound,
    RejectionKind::PolicyUnavailable,
    RejectionKind::SessionNotSaved,
    RejectionKind::SessionStoreUnavailable,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells of every row of the tables in a text of doc comments.
    fn rows(text: &str) -> Vec<Vec<&str>> {
        let lines = text.lines().filter_map(|line| {
            let line = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
            line.trim().strip_prefix("| ")?.strip_suffix(" |")
        });
        lines.map(|row| row.split(" | ").collect()).collect()
    }

    #[test]
    fn all_kinds_are_in_the_list_of_all() {
        let codes = include_str!("kind.rs").split("fn code(self)").nth(1).unwrap();
        let codes = codes.split("fn description(self)").next().unwrap();
        assert_eq!(codes.matches(" => \"").count(), ALL.len());
    }

    #[test]
    fn the_guide_lists_each_code_with_its_status_once() {
        let rows = rows(include_str!("../guide.rs").split("# Refusals").nth(1).unwrap());
        for kind in ALL {
            let code = format!("`{}`", kind.code());
            let found: Vec<_> = rows.iter().filter(|row| row.first() == Some(&code.as_str())).collect();
            let [row] = &found[..] else { panic!("{code} has {} rows in the guide", found.len()) };
            let statuses = row.get(1).unwrap().split(", ").collect::<Vec<_>>();
            assert!(statuses.contains(&kind.status().as_str()), "{code}: {row:?}");
        }
        // The head of the table is a row too.
        assert_eq!(rows.len(), ALL.len() + 1, "{rows:?}");
    }

    #[test]
    fn the_documentation_of_kinds_has_a_row_for_each() {
        let rows = rows(include_str!("kind.rs"));
        for kind in ALL {
            let name = format!("[`{kind:?}`](Self::{kind:?})");
            let of_error = ["that of the error", "that of the error"];
            let code = format!("`{}`", kind.code());
            let row = rows
                .iter()
                .find(|row| row.first() == Some(&name.as_str()))
                .unwrap_or_else(|| panic!("{name}"));
            assert!(row.get(1..).unwrap() == of_error || row.get(2) == Some(&code.as_str()), "{row:?}");
        }
    }
}
