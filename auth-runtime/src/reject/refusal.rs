//! The content of a refusal, wherever in the service it arises.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::cache_headers::forbid_caching;
use super::challenge::Realm;
use super::kind::RejectionKind;
use crate::policy::{Refused, StepUp};
use crate::session::Reason;
use crate::store::SaveError;

/// The content of a refusal: all that its response is made of, apart from the service's style.
///
/// Code, cause and reason have no character that JSON escapes. Code and reason are constants, and RFC 6749 §5.2 keeps
/// quotes and backslashes out of the provider's code.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(super) kind: RejectionKind,
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    /// The text for the client. Details that only the log may hold are not in it.
    pub(super) description: Cow<'static, str>,
    /// The provider's error code (RFC 6749 §5.2, `error`), where the provider refused.
    pub(super) cause: Option<String>,
    /// The time after which to ask again, in seconds.
    pub(super) retry_after: Option<u64>,
    /// The scopes that the handler needs, where one of them is lacking.
    pub(super) scopes: Vec<&'static str>,
    /// The sign-in that is needed, where this one is not enough.
    pub(super) step_up: Option<StepUp>,
    /// The reason why there is no session, where the client may know it.
    pub(super) reason: Option<Reason>,
}

impl Refusal {
    /// Makes a refusal whose status, code and description the kind alone does not decide.
    pub(crate) fn new(
        kind: RejectionKind,
        status: StatusCode,
        code: &'static str,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code, description: description.into(), ..Self::from(kind) }
    }

    /// Replaces the code by that of the failure itself.
    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// Adds the provider's error code.
    pub(crate) fn caused_by(mut self, provider_error: Option<&str>) -> Self {
        self.cause = provider_error.map(str::to_owned);
        self
    }

    /// Adds the time after which to ask again, in seconds.
    pub(crate) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    /// Returns the challenge that the answer carries by default: for a 401, for a lacking scope, or for a sign-in that
    /// is not enough.
    pub(super) fn challenge(&self, realm: &Realm) -> Option<HeaderValue> {
        match &self.step_up {
            Some(step_up) => Some(realm.insufficient_user_authentication(&self.description, step_up)),
            None if self.kind == RejectionKind::InsufficientScope => {
                Some(realm.insufficient_scope(&self.scopes))
            }
            None => (self.status == StatusCode::UNAUTHORIZED).then(|| realm.challenge()),
        }
    }

    /// Returns the media type and the body, as JSON or as a problem (RFC 9457) with the same members. The problem's
    /// `detail` is the description, so it tells a client no more than the plain form does.
    pub(super) fn body(&self, is_problem: bool) -> (&'static str, String) {
        let reason = self.reason.map(Reason::code);
        let mut members = error_members(self.code, &self.description);
        for (name, value) in [("cause", self.cause.as_deref()), ("reason", reason)] {
            if let Some(value) = value {
                members.extend([",\"", name, "\":\"", value, "\""]);
            }
        }
        if !is_problem {
            return (JSON, format!("{{{members}}}"));
        }
        // RFC 9457 §4.2.1: without a type of its own, a problem's title is the status's.
        let (title, status) = (self.status.canonical_reason().unwrap_or_default(), self.status.as_u16());
        let detail = &self.description;
        let head = format!(r#""type":"about:blank","title":"{title}","status":{status},"detail":"{detail}""#);
        (PROBLEM_JSON, format!("{{{head},{members}}}"))
    }

    /// Makes the response with this body: status, challenge, `Retry-After`, and headers that forbid caching.
    pub(crate) fn respond(
        &self,
        realm: &Realm,
        content_type: &'static str,
        body: impl Into<Body>,
    ) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        forbid_caching(headers);
        if let Some(challenge) = self.challenge(realm) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<RejectionKind> for Refusal {
    fn from(kind: RejectionKind) -> Self {
        Self {
            kind,
            status: kind.status(),
            code: kind.code(),
            description: kind.description().into(),
            cause: None,
            retry_after: None,
            scopes: Vec::new(),
            step_up: None,
            reason: None,
        }
    }
}

/// The refusal of a signed-in user who does not meet the handler's requirements.
impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let kind = match &refused {
            Refused::AccessDenied => RejectionKind::AccessDenied,
            Refused::Claims => RejectionKind::InsufficientClaims,
            Refused::NotFound => RejectionKind::NotFound,
            Refused::Organization => RejectionKind::InsufficientOrganization,
            Refused::Permissions => RejectionKind::InsufficientPermissions,
            Refused::Roles => RejectionKind::InsufficientRoles,
            Refused::Scope(_) => RejectionKind::InsufficientScope,
            Refused::UserAuthentication(_) => RejectionKind::InsufficientUserAuthentication,
        };
        let refusal = Self::from(kind);
        match refused {
            Refused::Scope(scopes) => Self { scopes, ..refusal },
            Refused::UserAuthentication(step_up) => Self { step_up: Some(step_up), ..refusal },
            _ => refusal,
        }
    }
}

/// The refusal in place of an answer whose session could not be written.
impl From<&SaveError> for Refusal {
    fn from(error: &SaveError) -> Self {
        Self { status: error.status(), ..Self::from(RejectionKind::SessionNotSaved) }
    }
}

/// Writes the members that every error has. Neither text may have a character that JSON escapes.
pub(crate) fn error_members(code: &str, description: &str) -> String {
    format!(r#""error":"{code}","description":"{description}""#)
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::kind::ALL;
    use super::*;

    #[test]
    fn s_9457_1_every_kind_is_the_same_members_in_both_forms() {
        for kind in ALL {
            let refusal = Refusal { reason: Some(Reason::Expired), ..Refusal::from(kind) }
                .caused_by(Some("invalid_grant"));
            let (content_type, body) = refusal.body(false);
            let plain: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((content_type, plain.as_object().unwrap().len()), ("application/json", 4));
            let (content_type, body) = refusal.body(true);
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((content_type, problem.as_object().unwrap().len()), (PROBLEM_JSON, 8));
            assert_eq!(problem["status"], kind.status().as_u16(), "{kind:?}");
            assert_eq!(problem["type"], "about:blank");
            assert_eq!(problem["detail"], kind.description(), "{kind:?}");
            for (name, value) in plain.as_object().unwrap() {
                assert_eq!(problem[name], *value, "{kind:?}");
            }
            assert_eq!(plain["error"], kind.code());
        }
    }

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::BTreeSet<_> = ALL.into_iter().map(RejectionKind::code).collect();
        assert_eq!(codes.len(), ALL.len());
    }

    #[test]
    fn s_6750_2_these_kinds_are_challenged_and_no_others() {
        let challenged: Vec<_> = ALL
            .into_iter()
            .filter(|kind| {
                let response = Refusal::from(*kind).respond(&Realm::default(), JSON, "");
                response.headers().contains_key(WWW_AUTHENTICATE)
            })
            .collect();
        let expected = [
            RejectionKind::InsufficientScope,
            RejectionKind::InsufficientUserAuthentication,
            RejectionKind::NotAuthenticated,
        ];
        assert_eq!(challenged, expected);
    }
}
