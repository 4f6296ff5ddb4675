//! Refusals that a handler returns, such as a missing access token.

use axum::body::HttpBody as _;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};

use super::challenge::Realm;
use super::form::Form;
use super::refusal::{JSON, Refusal};
use super::rejection::Rejection;
use super::style::RejectionStyle;

/// A mark on a response that was made without the service and the request at hand. It holds the refusal.
#[derive(Clone)]
pub(super) struct Unstyled(Refusal);

/// Makes the response to a refusal where neither the service nor the request is at hand. A guard through which the
/// response passes puts it into the service's style.
pub(crate) fn respond_unstyled(refusal: impl Into<Refusal>) -> Response {
    let refusal = refusal.into();
    let (content_type, body) = refusal.body(false);
    let mut response = refusal.respond(&Realm::default(), content_type, body);
    response.extensions_mut().insert(Unstyled(refusal));
    response
}

/// Puts a handler's refusal into the service's style, if that is not the default. Every other response stays as it is.
/// The mark is removed, so that no guard further out finds the refusal again.
///
/// A response with another status, media type or body, or with a content encoding, is the application's own by now. Of
/// such a response only a challenge with the default realm is changed. The hook's response replaces the handler's; only
/// the cookies that the handler set are kept.
pub(crate) fn style_marked(mut response: Response, style: Option<(&RejectionStyle, Form)>) -> Response {
    let Some(Unstyled(refusal)) = response.extensions_mut().remove() else { return response };
    let Some((style, form)) = style else { return response };
    let is_ours = is_default(&response, &refusal);
    if is_ours && matches!(form, Form::Hooked(_)) {
        let mut answer = Rejection::in_form(refusal, style, form).into_response();
        for line in response.headers().get_all(SET_COOKIE) {
            answer.headers_mut().append(SET_COOKIE, line.clone());
        }
        return answer;
    }
    if is_ours && matches!(form, Form::Problem) {
        let (content_type, body) = refusal.body(true);
        *response.body_mut() = body.into();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        // A middleware may have written the length of the former body.
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    let (default, challenge) = (refusal.challenge(&Realm::default()), refusal.challenge(&style.realm));
    // A challenge that the application wrote itself stays.
    if let Some(challenge) =
        challenge.filter(|_| response.headers().get(WWW_AUTHENTICATE) == default.as_ref())
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Returns whether the response is still the one that [`respond_unstyled`] made, as far as a client reads it.
fn is_default(response: &Response, refusal: &Refusal) -> bool {
    let headers = response.headers();
    response.status() == refusal.status
        && headers.get(CONTENT_TYPE).is_some_and(|value| value == JSON)
        && !headers.contains_key(CONTENT_ENCODING)
        && response.body().size_hint().exact() == u64::try_from(refusal.body(false).1.len()).ok()
}
