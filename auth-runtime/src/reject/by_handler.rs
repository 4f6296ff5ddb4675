//! Refusals that a handler returns, such as a missing access token.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;

use super::accept::prefers;
use super::refusal::{JSON, PROBLEM_JSON, Refusal};
use super::rejection::Rejection;
use super::style::RejectionStyle;

/// A mark on the response to a refusal whose service and request were not at hand.
#[derive(Clone)]
struct Unstyled(Refusal);

/// Makes the response to a refusal where neither the service nor the request is at hand. A guard that the response passes
/// puts it into the service's style.
pub(crate) fn respond_unstyled(refusal: impl Into<Refusal>) -> Response {
    let refusal = refusal.into();
    let style = RejectionStyle::default();
    let mut response = Rejection::without_request(refusal.clone(), &style).default_response();
    response.extensions_mut().insert(Unstyled(refusal));
    response
}

/// The head of a request, kept until its handler has answered, where the style of a refusal depends on it.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptHead(Option<Box<Parts>>);

impl KeptHead {
    /// Keeps the head for the application's hook, or for a client that would rather have a problem (RFC 9457).
    pub(crate) fn of(request: &Parts, style: &RejectionStyle) -> Self {
        let is_needed = style.hook.is_some() || prefers(&request.headers, PROBLEM_JSON, JSON);
        Self(is_needed.then(|| Box::new(request.clone())))
    }

    /// Puts a handler's refusal into the service's style; leaves every other response as it is.
    ///
    /// A response that has another status or media type by now is the application's own. The hook's response takes the
    /// place of the whole one, but for the cookies that the handler set.
    pub(crate) fn style(&self, mut response: Response, style: &RejectionStyle) -> Response {
        let Some(Unstyled(refusal)) = response.extensions_mut().remove() else { return response };
        let headers = response.headers();
        let is_own = headers.get(CONTENT_TYPE).is_none_or(|value| value != JSON);
        if is_own || response.status() != refusal.status {
            return response;
        }
        let rejection = match &self.0 {
            Some(request) => Rejection::new(refusal, style, request),
            None => Rejection::without_request(refusal, style),
        };
        let is_hooked = rejection.is_hooked();
        let mut answer = rejection.into_response();
        if is_hooked {
            for line in response.headers().get_all(SET_COOKIE) {
                answer.headers_mut().append(SET_COOKIE, line.clone());
            }
            return answer;
        }
        // What else the handler put beside it stays.
        for name in [CONTENT_TYPE, WWW_AUTHENTICATE] {
            if let Some(value) = answer.headers_mut().remove(&name) {
                response.headers_mut().insert(name, value);
            }
        }
        *response.body_mut() = answer.into_body();
        response
    }
}
