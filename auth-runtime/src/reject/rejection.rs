//! The refusal of a request, as a response in the service's style.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use super::cache_headers::forbid_caching;
use super::challenge::Realm;
use super::form::Form;
use super::kind::RejectionKind;
use super::refusal::Refusal;
use super::style::{RejectionHook, RejectionStyle};
use crate::cookie::CookieName;
use crate::policy::StepUp;
use crate::session::Reason;

/// The refusal of a request. As a response it names the rule that failed, never why it failed: every cause of a 401
/// before the handler gives the same bytes.
///
/// The body is `{"error":"…","description":"…"}`, with the provider's code as `cause` where the provider refused. A
/// client that accepts `application/problem+json` gets RFC 9457 with the same members, and the description as `detail`
/// too. [`AuthBuilder::problem_json`](crate::AuthBuilder::problem_json) gives that to every client.
/// [`AuthBuilder::on_rejection`](crate::AuthBuilder::on_rejection) sets an answer of the application's own.
///
/// Whatever the body, the answer is `Cache-Control: private, no-store` with `Vary: Cookie`, and a 401 or a lacking
/// scope carries its challenge in `WWW-Authenticate`. A refusal before the handler sets no session cookie.
///
/// ```
/// use auth_runtime::{Auth, Rejection};
/// use axum::response::{IntoResponse, Response};
/// use http::request::Parts;
///
/// fn as_text(rejection: &Rejection, _request: &Parts) -> Response {
///     (rejection.status(), rejection.description().to_owned()).into_response()
/// }
///
/// # let secret = auth_runtime::__private::random_secret();
/// let auth = Auth::builder().secret(secret).on_rejection(as_text).build()?;
/// # Ok::<(), auth_runtime::ConfigError>(())
/// ```
pub struct Rejection(Box<Inner>);

struct Inner {
    refusal: Refusal,
    realm: Realm,
    is_problem: bool,
    hook: Option<Hooked>,
}

/// The hook, and the values that it needs for its answer.
struct Hooked {
    hook: RejectionHook,
    request: Box<Parts>,
    session_cookie: CookieName,
}

impl Rejection {
    pub(crate) fn new(refusal: impl Into<Refusal>, style: &RejectionStyle, request: &Parts) -> Self {
        Self::in_form(refusal.into(), style, Form::of(request, style))
    }

    /// Makes a refusal whose form is known.
    pub(super) fn in_form(refusal: Refusal, style: &RejectionStyle, form: Form) -> Self {
        let (form, request) = match form {
            Form::Hooked(request) => (Form::unhooked(&request, style), Some(request)),
            unhooked => (unhooked, None),
        };
        let hook = style.hook.clone().zip(request).map(|(hook, request)| Hooked {
            hook,
            request,
            session_cookie: style.session_cookie.clone(),
        });
        let (realm, is_problem) = (style.realm.clone(), matches!(form, Form::Problem));
        Self(Box::new(Inner { refusal, realm, is_problem, hook }))
    }

    /// Makes the refusal of a request without a session. The client is told the reason only where that is switched on.
    pub(crate) fn not_authenticated(reason: Reason, style: &RejectionStyle, request: &Parts) -> Self {
        let mut refusal = Refusal::from(RejectionKind::NotAuthenticated);
        refusal.reason = style.expose_reasons.then_some(reason);
        Self::new(refusal, style, request)
    }

    /// Returns the rule that the request broke.
    pub fn kind(&self) -> RejectionKind {
        self.0.refusal.kind
    }

    /// Returns the status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.refusal.status
    }

    /// Returns the stable error code, the member `error` of the body.
    pub fn code(&self) -> &'static str {
        self.0.refusal.code
    }

    /// Returns in general terms what is missing, the member `description` of the body, and the `detail` of a
    /// problem.
    pub fn description(&self) -> &str {
        &self.0.refusal.description
    }

    /// Returns the provider's error code, such as `invalid_grant` (RFC 6749 §5.2), where the provider refused to give
    /// an access token: the member `cause` of the body.
    pub fn cause(&self) -> Option<&str> {
        self.0.refusal.cause.as_deref()
    }

    /// Returns the seconds after which to ask again, where the provider named them (`Retry-After`).
    pub fn retry_after(&self) -> Option<u64> {
        self.0.refusal.retry_after
    }

    /// Returns the scopes that the handler needs, if one of them is lacking; else none.
    pub fn scopes(&self) -> &[&'static str] {
        &self.0.refusal.scopes
    }

    /// Returns the sign-in that is needed, for a refusal of the kind
    /// [`InsufficientUserAuthentication`](RejectionKind::InsufficientUserAuthentication).
    pub fn step_up(&self) -> Option<&StepUp> {
        self.0.refusal.step_up.as_ref()
    }

    /// Makes the response that is sent where the application has no hook. A hook can change a detail of it, or return
    /// it where it has no answer of its own.
    pub fn default_response(&self) -> Response {
        let Inner { refusal, realm, is_problem, .. } = &*self.0;
        let (content_type, body) = refusal.body(*is_problem);
        refusal.respond(realm, content_type, body)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let Inner { refusal, realm, hook, .. } = &*self.0;
        let Some(Hooked { hook, request, session_cookie }) = hook else {
            return self.default_response();
        };
        let mut response = hook.answer(&self, request, session_cookie);
        let challenge = refusal.challenge(realm);
        let is_challenged_status = response.status() == refusal.status && challenge.is_some();
        let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
        let headers = response.headers_mut();
        forbid_caching(headers);
        // RFC 9110 §15.5.2: a 401 without a challenge is none. A lacking scope is challenged with its 403.
        if (is_unauthorized || is_challenged_status) && !headers.contains_key(WWW_AUTHENTICATE) {
            headers.insert(WWW_AUTHENTICATE, challenge.unwrap_or_else(|| realm.challenge()));
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
