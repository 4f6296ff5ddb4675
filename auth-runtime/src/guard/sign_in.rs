//! The redirect to the sign-in, for pages (the option `login`).

use std::borrow::Cow;

use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, VARY};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::navigation::{VARIES, is_navigation, is_prefetch};
use super::step_up_mark::{was_asked_in_vain, was_asked_just_now, with_mark, without_mark};
use crate::auth::Auth;
use crate::policy::{Protection, StepUp};
use crate::reject::{forbid_caching, space_delimited};
use crate::time::Timestamp;

/// The redirect of a browser that opens a page to the sign-in, which sends it back to the page afterwards.
#[derive(Debug)]
pub struct SignInRedirect(HeaderValue);

impl SignInRedirect {
    /// Makes the redirect for a visitor without a session who opens a page. A script, an image, a form or a prefetch
    /// could do nothing with the page of the sign-in, so for these it returns `None` and the answer is the 401. It does
    /// so too where the browser comes back from a sign-in whose session it does not send.
    ///
    /// The sign-in asks the provider for what the page demands in any case, so that the visitor signs in once.
    pub(super) fn offer(protection: &Protection, request: &Parts, auth: &Auth) -> Option<Self> {
        let (uri, now) = (complete_uri(request), auth.now());
        if !opens_page(request) || was_asked_just_now(uri, now) {
            return None;
        }
        let location = match path_and_query(uri) {
            Some(page) => {
                let first = FirstDemand::of(protection);
                let marked = first.is_all.then(|| with_mark(page, now)).filter(|page| is_short(page));
                // Without the mark the guard may ask for more when the browser comes back.
                let page = marked.map_or_else(|| without_mark(page), Cow::Owned);
                to_sign_in(auth, &page, &first.step_up.as_ref().map(parameters).unwrap_or_default())
            }
            // The browser arrives at the application's root after the sign-in.
            None => auth.login_path().to_owned(),
        };
        HeaderValue::try_from(location).ok().map(Self)
    }

    /// Makes the redirect for a user who opens a page and whose authentication is too old or too weak for it. The
    /// sign-in asks the provider for what `step_up` demands.
    ///
    /// Returns `None` where [`offer`](Self::offer) does, where the browser comes back from such a sign-in, and where the
    /// page's address cannot hold the mark by which the guard would notice that.
    pub(super) fn offer_step_up(
        step_up: &StepUp,
        session_began: Timestamp,
        request: &Parts,
        auth: &Auth,
    ) -> Option<Self> {
        let (uri, now) = (complete_uri(request), auth.now());
        if !opens_page(request) || was_asked_in_vain(uri, step_up.max_age(), session_began, now) {
            return None;
        }
        let page = Some(with_mark(path_and_query(uri)?, now)).filter(|page| is_short(page))?;
        HeaderValue::try_from(to_sign_in(auth, &page, &parameters(step_up))).ok().map(Self)
    }
}

impl IntoResponse for SignInRedirect {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::SEE_OTHER, [(LOCATION, self.0)]).into_response();
        response.headers_mut().insert(VARY, HeaderValue::from_static(VARIES));
        forbid_caching(response.headers_mut());
        response
    }
}

/// The demand of a page on the first sign-in of a visitor.
struct FirstDemand {
    /// The sign-in that the page demands in any case; `None` where no parameter of a sign-in can name it.
    step_up: Option<StepUp>,
    /// True if there is such a demand, and the page cannot demand another sign-in of a user who meets it.
    is_all: bool,
}

impl FirstDemand {
    fn of(protection: &Protection) -> Self {
        // Which members of an `any` have to be met depends on the user, and so does what a policy decides.
        let surely = StepUp::for_all(protection.requirements, &|_| false);
        let at_most = StepUp::for_all(protection.requirements, &|_| true);
        let is_all = protection.policies.is_empty() && surely == at_most;
        let step_up = surely.filter(|step_up| step_up.max_age().is_some() || acr_values(step_up).is_some());
        Self { is_all: is_all && step_up.is_some(), step_up }
    }
}

/// Returns whether a user opens a page with this request.
fn opens_page(request: &Parts) -> bool {
    request.method == Method::GET && is_navigation(&request.headers) && !is_prefetch(&request.headers)
}

/// Returns the URI that the browser asked for. Inside of a nested router the request's own one is shortened (axum's
/// `nest`).
fn complete_uri(request: &Parts) -> &Uri {
    request.extensions.get::<OriginalUri>().map_or(&request.uri, |OriginalUri(uri)| uri)
}

/// Returns the address of a sign-in that leads back to this page. `parameters` begin with `&`.
fn to_sign_in(auth: &Auth, page: &str, parameters: &str) -> String {
    let page = utf8_percent_encode(page, COMPONENT);
    format!("{}?returnTo={page}{parameters}", auth.login_path())
}

/// Returns the parameters by which a sign-in asks for what is demanded (RFC 9470 §4). Only the path of the sign-in and
/// these two parameters depend on the handler; nothing of the request is in them.
///
/// The sign-in may find the user signed in at the provider, and ask nothing of the user. So if a demand has no
/// parameter, such as `amr`, then `max_age=0` makes the provider authenticate the user.
fn parameters(step_up: &StepUp) -> String {
    let acr_values = acr_values(step_up);
    let max_age = step_up.max_age().map(|max_age| max_age.as_secs());
    let max_age = if acr_values.is_none() { Some(max_age.unwrap_or(0)) } else { max_age };
    let max_age = max_age.map(|max_age| format!("&max_age={max_age}"));
    let acr_values =
        acr_values.map(|values| format!("&acr_values={}", utf8_percent_encode(&values, COMPONENT)));
    max_age.into_iter().chain(acr_values).collect()
}

/// Returns the classes that a sign-in can ask for, as one parameter.
fn acr_values(step_up: &StepUp) -> Option<String> {
    let values = space_delimited(&step_up.acr_values().collect::<Vec<_>>());
    values.filter(|values| values.len() <= MAX_ACR_VALUES_BYTES)
}

/// Returns the path and query to come back to; `None` for one that a browser would take for another host (RFC 3986
/// §4.2), and for one that the sign-in would find too long.
fn path_and_query(uri: &Uri) -> Option<&str> {
    let return_to = uri.path_and_query()?.as_str();
    let is_path = return_to.starts_with('/') && !return_to.starts_with("//") && !return_to.contains('\\');
    (is_path && is_short(return_to)).then_some(return_to)
}

/// Returns whether the sign-in would keep this page.
fn is_short(return_to: &str) -> bool {
    return_to.len() <= MAX_RETURN_TO_BYTES
}

/// The characters that `encodeURIComponent` of JavaScript encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The length in bytes up to which the sign-in keeps the page to return to.
const MAX_RETURN_TO_BYTES: usize = 2_048;

/// The length in bytes up to which the sign-in takes the authentication context classes.
const MAX_ACR_VALUES_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rdr_02_no_place_to_return_to_is_another_host() {
        let of = |uri: &str| uri.parse::<Uri>().map(|uri| path_and_query(&uri).map(str::to_owned));
        assert_eq!(of("/a/b?c=d&e=%2F").unwrap().unwrap(), "/a/b?c=d&e=%2F");
        assert_eq!(of("https://evil.com/a?b").unwrap().unwrap(), "/a?b");
        assert_eq!(of("/").unwrap().unwrap(), "/");
        for uri in ["//evil.com/", "///evil.com", "/\\evil.com", "*", "https://app.example.com//evil.com"] {
            // What is no URI at all never gets this far.
            assert_eq!(of(uri).ok().flatten(), None, "{uri}");
        }
        assert_eq!(of(&format!("/{}", "a".repeat(MAX_RETURN_TO_BYTES))).unwrap(), None);
    }
}
