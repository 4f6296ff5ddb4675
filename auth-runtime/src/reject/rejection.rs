//! Why a request does not reach its handler, as a response.

use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::accept::prefers;
use super::cache_headers::forbid_caching;
use super::kind::RejectionKind;
use super::style::{RejectionHook, RejectionStyle};
use crate::cookie::CookieName;
use crate::policy::{Refused, StepUp};
use crate::session::Reason;

/// The refusal of a request, before its handler ran. As a response it names the rule that failed, never why it
/// failed: every cause of a 401 gives the same bytes.
///
/// The body is `{"error":"…","description":"…"}`. A client that accepts `application/problem+json` gets RFC 9457 with
/// the same members, and [`AuthBuilder::problem_json`](crate::AuthBuilder::problem_json) gives that to everybody. To
/// answer in a way of one's own there is [`AuthBuilder::on_rejection`](crate::AuthBuilder::on_rejection).
///
/// Whatever the body, the answer is `Cache-Control: private, no-store` with `Vary: Cookie`, a 401 or a lacking scope
/// carries its challenge in `WWW-Authenticate`, and no session cookie is set.
pub struct Rejection(Box<Inner>);

struct Inner {
    kind: RejectionKind,
    scopes: Vec<&'static str>,
    step_up: Option<StepUp>,
    challenge: Option<HeaderValue>,
    /// What a 401 is given that nothing else challenges.
    plain_challenge: HeaderValue,
    is_problem: bool,
    exposed_reason: Option<Reason>,
    hook: Option<Hooked>,
}

/// The hook, and what it needs.
struct Hooked {
    hook: RejectionHook,
    request: Parts,
    session_cookie: CookieName,
}

impl Rejection {
    pub(crate) fn new(kind: RejectionKind, style: &RejectionStyle, request: &Parts) -> Self {
        let mut rejection = Self::without_request(kind, style);
        rejection.0.is_problem |= prefers(&request.headers, PROBLEM_JSON, JSON);
        rejection.0.hook = style.hook.clone().map(|hook| Hooked {
            hook,
            request: request.clone(),
            session_cookie: style.session_cookie.clone(),
        });
        rejection
    }

    /// For what a handler returns, when the request is no longer at hand.
    pub(crate) fn without_request(kind: RejectionKind, style: &RejectionStyle) -> Self {
        let plain_challenge = style.realm.challenge();
        let challenge = (kind == RejectionKind::NotAuthenticated).then(|| plain_challenge.clone());
        Self(Box::new(Inner {
            kind,
            scopes: Vec::new(),
            step_up: None,
            challenge,
            plain_challenge,
            is_problem: style.problem_json,
            exposed_reason: None,
            hook: None,
        }))
    }

    /// Nobody is signed in. The client is told why only where that was switched on.
    pub(crate) fn not_authenticated(reason: Reason, style: &RejectionStyle, request: &Parts) -> Self {
        let mut rejection = Self::new(RejectionKind::NotAuthenticated, style, request);
        rejection.0.exposed_reason = style.expose_reasons.then_some(reason);
        rejection
    }

    /// Somebody is signed in, and that is not enough.
    pub(crate) fn refused(refused: Refused, style: &RejectionStyle, request: &Parts) -> Self {
        let new = |kind| Self::new(kind, style, request);
        match refused {
            Refused::AccessDenied => new(RejectionKind::AccessDenied),
            Refused::Claims => new(RejectionKind::InsufficientClaims),
            Refused::Organization => new(RejectionKind::InsufficientOrganization),
            Refused::Permissions => new(RejectionKind::InsufficientPermissions),
            Refused::Roles => new(RejectionKind::InsufficientRoles),
            Refused::Scope(scopes) => {
                let mut rejection = new(RejectionKind::InsufficientScope);
                rejection.0.challenge = Some(style.realm.insufficient_scope(&scopes));
                rejection.0.scopes = scopes;
                rejection
            }
            Refused::UserAuthentication(step_up) => {
                let kind = RejectionKind::InsufficientUserAuthentication;
                let mut rejection = new(kind);
                let challenge = style.realm.insufficient_user_authentication(kind.description(), &step_up);
                rejection.0.challenge = Some(challenge);
                rejection.0.step_up = Some(step_up);
                rejection
            }
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> RejectionKind {
        self.0.kind
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.kind.status()
    }

    /// The stable error code, the member `error` of the body.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// What is missing, in general terms: the member `description` of the body.
    pub fn description(&self) -> &'static str {
        self.0.kind.description()
    }

    /// The scopes that the handler needs, when one of them is lacking; else none.
    pub fn scopes(&self) -> &[&'static str] {
        &self.0.scopes
    }

    /// The sign-in that is needed, for a refusal of the kind
    /// [`InsufficientUserAuthentication`](RejectionKind::InsufficientUserAuthentication).
    pub fn step_up(&self) -> Option<&StepUp> {
        self.0.step_up.as_ref()
    }

    /// The response that is sent when the application has no hook: a start for a hook that changes a detail, or
    /// that has nothing to say about this one.
    pub fn default_response(&self) -> Response {
        let (content_type, body) = self.body();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        forbid_caching(headers);
        if let Some(challenge) = &self.0.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge.clone());
        }
        response
    }

    /// Codes, titles, descriptions and reasons are constants without a character that JSON escapes.
    fn body(&self) -> (&'static str, String) {
        let (code, description) = (self.code(), self.description());
        let reason = match self.0.exposed_reason {
            Some(reason) => format!(r#","reason":"{}""#, reason.code()),
            None => String::new(),
        };
        let members = format!(r#""error":"{code}","description":"{description}"{reason}"#);
        if !self.0.is_problem {
            return (JSON, format!("{{{members}}}"));
        }
        // RFC 9457 §4.2.1: without a type of its own, a problem's title is the status's.
        let (title, status) = (self.status().canonical_reason().unwrap_or_default(), self.status().as_u16());
        let head = format!(r#""type":"about:blank","title":"{title}","status":{status}"#);
        (PROBLEM_JSON, format!("{{{head},{members}}}"))
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let Some(Hooked { hook, request, session_cookie }) = &self.0.hook else {
            return self.default_response();
        };
        let mut response = hook.answer(&self, request, session_cookie);
        let is_challenged_status = response.status() == self.status() && self.0.challenge.is_some();
        let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
        let headers = response.headers_mut();
        forbid_caching(headers);
        // RFC 9110 §15.5.2: a 401 without a challenge is none. A lacking scope is challenged with its 403.
        if (is_unauthorized || is_challenged_status) && !headers.contains_key(WWW_AUTHENTICATE) {
            let challenge = self.0.challenge.as_ref().unwrap_or(&self.0.plain_challenge);
            headers.insert(WWW_AUTHENTICATE, challenge.clone());
        }
        response
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(&self.code()).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description())
    }
}

impl std::error::Error for Rejection {}

const JSON: &str = "application/json";
const PROBLEM_JSON: &str = "application/problem+json";

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::ACCEPT;
    use serde_json::Value;

    use super::super::kind::ALL;
    use super::*;

    fn request(accept: &'static str) -> Parts {
        Request::get("/").header(ACCEPT, accept).body(()).unwrap().into_parts().0
    }

    #[test]
    fn s_9457_1_every_kind_is_the_same_members_in_both_forms() {
        for kind in ALL {
            let style = RejectionStyle { expose_reasons: true, ..RejectionStyle::default() };
            let of = |accept| {
                let mut rejection = Rejection::new(kind, &style, &request(accept));
                rejection.0.exposed_reason = Some(Reason::Expired);
                rejection.body()
            };
            let (content_type, body) = of("*/*");
            let plain: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((content_type, plain.as_object().unwrap().len()), ("application/json", 3));
            let (content_type, body) = of("application/problem+json");
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((content_type, problem.as_object().unwrap().len()), (PROBLEM_JSON, 6));
            assert_eq!(problem["status"], kind.status().as_u16(), "{kind:?}");
            assert_eq!(problem["type"], "about:blank");
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
    fn only_a_401_and_a_lacking_scope_are_challenged_by_default() {
        for kind in ALL {
            let response = Rejection::new(kind, &RejectionStyle::default(), &request("*/*")).into_response();
            let is_challenged = response.headers().contains_key(WWW_AUTHENTICATE);
            assert_eq!(is_challenged, kind == RejectionKind::NotAuthenticated, "{kind:?}");
        }
    }
}
