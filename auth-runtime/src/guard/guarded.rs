//! The answer of a protected handler, with the session's cookies and cache headers.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::auth::Auth;
use crate::cookie::SetCookie;
use crate::reject::{Form, forbid_caching, respond_unstyled, set_cache_control, style_marked};
use crate::store::SaveError;

/// The answer of a protected handler. `#[with_api_auth_required]` puts it around the declared return type, which stays
/// visible. It is a response whenever that type is one.
///
/// ```
/// use auth_runtime::Guarded;
///
/// fn length(answer: Guarded<String>) -> usize {
///     answer.into_inner().len()
/// }
/// ```
///
/// As a response it adds `Cache-Control: private, no-store` and `Vary: Cookie`, and the session's cookies if there are
/// some to set. So do the answers of the handler's other parameters when they refuse a request (400, 404, 413, 415,
/// 422).
///
/// `#[public]` puts it around the return type of a handler with parameters. There it adds nothing, unless one of the
/// parameters takes the caller's identity.
///
/// A refusal that the handler returns, such as an [`AccessTokenError`](crate::AccessTokenError), is put into the
/// service's style: its realm, `application/problem+json`, and the hook of
/// [`on_rejection`](crate::AuthBuilder::on_rejection).
///
/// The value of `cache = "private, max-age=60"` replaces `private, no-store` in an answer that succeeded (2xx) or
/// confirms one (304), that sets no cookie, and that does not say `no-store` itself.
#[derive(Debug)]
#[must_use]
pub struct Guarded<R> {
    response: R,
    lines: Result<Vec<SetCookie>, SaveError>,
    caching: Caching,
    style: Option<Box<HandlerStyle>>,
}

/// The treatment of the answer's cache headers.
#[derive(Clone, Copy, Debug)]
enum Caching {
    /// The headers stay: the answer does not depend on the caller.
    Unchanged,
    /// No cache may store the answer.
    Forbidden,
    /// This value replaces `Cache-Control`, if the answer may be cached at all.
    Allowed(&'static str),
}

impl<R> Guarded<R> {
    pub(super) fn new(
        response: R,
        lines: Result<Vec<SetCookie>, SaveError>,
        cache: Option<&'static str>,
    ) -> Self {
        let caching = cache.map_or(Caching::Forbidden, Caching::Allowed);
        Self { response, lines, caching, style: None }
    }

    /// Puts a refusal that the handler returned into this style.
    pub(super) fn styled(self, style: Option<Box<HandlerStyle>>) -> Self {
        Self { style, ..self }
    }

    /// Leaves an answer as it is that does not depend on the caller.
    pub(super) fn unchanged(response: R) -> Self {
        Self { response, lines: Ok(Vec::new()), caching: Caching::Unchanged, style: None }
    }

    /// Returns the handler's own answer.
    pub fn into_inner(self) -> R {
        self.response
    }
}

/// The service and the form of a refusal, for the handler of one request.
#[derive(Debug)]
pub(super) struct HandlerStyle {
    auth: Auth,
    form: Form,
}

impl HandlerStyle {
    /// Returns the style for the handler of this request; `None` where its refusals have that style by default.
    pub(super) fn of(request: &Parts, auth: &Auth) -> Option<Box<Self>> {
        let form = Form::of(request, auth.rejections());
        (!form.is_default(auth.rejections())).then(|| Box::new(Self { auth: auth.clone(), form }))
    }
}

impl<R: IntoResponse> IntoResponse for Guarded<R> {
    fn into_response(self) -> Response {
        let (response, lines) = match self.lines {
            Ok(lines) => (self.response.into_response(), lines),
            Err(error) => {
                tracing::error!(%error, "the session could not be written, so the answer is withheld");
                (respond_unstyled(&error), Vec::new())
            }
        };
        let mut response = match self.style.map(|style| *style) {
            Some(HandlerStyle { auth, form }) => style_marked(response, Some((auth.rejections(), form))),
            // An answer that does not depend on the caller may be styled by a guard further out.
            None if matches!(self.caching, Caching::Unchanged) => response,
            None => style_marked(response, None),
        };
        for line in &lines {
            // A line consists of checked names and base64url, so it always is a header value.
            if let Some(value) = line.to_header_value() {
                response.headers_mut().append(SET_COOKIE, value);
            }
        }
        let allowed = match self.caching {
            Caching::Unchanged => return response,
            Caching::Forbidden => None,
            Caching::Allowed(cache) => HeaderValue::from_str(cache).ok().filter(|_| may_be_cached(&response)),
        };
        match allowed {
            Some(cache) => set_cache_control(response.headers_mut(), cache),
            None => forbid_caching(response.headers_mut()),
        }
        response
    }
}

/// Returns whether `cache = ".."` holds for this response. It is meant for what the handler gives, not for an error,
/// and a cookie out of a cache would bring an old value back.
fn may_be_cached(response: &Response) -> bool {
    let has_succeeded = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers();
    has_succeeded && !headers.contains_key(SET_COOKIE) && !forbids_storing(headers)
}

/// Returns whether the response forbids storing itself, as an error in place of a cacheable answer may.
fn forbids_storing(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(','));
    directives.any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
}

#[cfg(test)]
mod tests {
    use http::header::{EXPIRES, PRAGMA, VARY};

    use super::*;
    use crate::session::WriteError;

    const CACHE: Option<&str> = Some("private, max-age=60");

    #[test]
    fn cch_01_a_public_answer_becomes_private() {
        let own = [(CACHE_CONTROL, "public, max-age=60"), (EXPIRES, "0"), (VARY, "Accept")];
        let cdns = ["cdn-cache-control", "surrogate-control", "vendor-cdn-cache-control"];
        for (cache, expected) in [(None, "private, no-store"), (CACHE, "private, max-age=60")] {
            let answer = (own.clone(), cdns.map(|name| (name, "public, max-age=60")), "ok");
            let response = Guarded::new(answer, Ok(Vec::new()), cache).into_response();
            assert_eq!(response.headers()[CACHE_CONTROL], expected);
            for name in [EXPIRES.as_str()].into_iter().chain(cdns) {
                assert!(!response.headers().contains_key(name), "{name}");
            }
            let vary: Vec<_> = response.headers().get_all(VARY).iter().collect();
            assert_eq!(vary, ["Accept", "Cookie"]);
        }
    }

    #[test]
    fn vary_is_not_repeated() {
        let nested = Guarded::new(Guarded::new("ok", Ok(Vec::new()), None), Ok(Vec::new()), None);
        assert_eq!(nested.into_response().headers().get_all(VARY).iter().count(), 1);
    }

    #[test]
    fn key_08_an_answer_whose_session_cannot_be_written_is_withheld() {
        let response =
            Guarded::new("secret", Err(SaveError::from(WriteError::VerifyOnly)), None).into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!response.headers().contains_key(SET_COOKIE));
    }

    #[test]
    fn what_the_attribute_says_about_caching_replaces_what_the_handler_says() {
        let answer = ([(CACHE_CONTROL, "public"), (EXPIRES, "0"), (PRAGMA, "no-cache")], "ok");
        let response = Guarded::new(answer, Ok(Vec::new()), CACHE).into_response();
        assert_eq!(response.headers()[CACHE_CONTROL], "private, max-age=60");
        assert_eq!(response.headers()[VARY], "Cookie");
        assert!(!response.headers().contains_key(EXPIRES) && !response.headers().contains_key(PRAGMA));
    }

    #[test]
    fn m14_of_two_guards_the_one_that_forbids_caching_wins() {
        for (inner, outer) in [(None, CACHE), (CACHE, None)] {
            let nested = Guarded::new(Guarded::new("ok", Ok(Vec::new()), inner), Ok(Vec::new()), outer);
            assert_eq!(nested.into_response().headers()[CACHE_CONTROL], "private, no-store");
        }
    }

    #[test]
    fn cch_01_only_an_answer_that_succeeded_may_be_cached() {
        for (status, may_be_cached) in
            [(200, true), (204, true), (304, true), (303, false), (400, false), (403, false), (500, false)]
        {
            let status = StatusCode::from_u16(status).unwrap();
            let response = Guarded::new((status, "body"), Ok(Vec::new()), CACHE).into_response();
            let expected = if may_be_cached { "private, max-age=60" } else { "private, no-store" };
            assert_eq!(response.headers()[CACHE_CONTROL], expected, "{status}");
        }
    }

    #[test]
    fn cch_02_an_answer_that_sets_a_cookie_of_its_own_is_not_cached() {
        let answer = ([(SET_COOKIE, "theme=dark")], "ok");
        let response = Guarded::new(answer, Ok(Vec::new()), CACHE).into_response();
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
        assert_eq!(response.headers()[SET_COOKIE], "theme=dark");
    }

    #[test]
    fn an_answer_that_says_no_store_keeps_it() {
        let answer = ([(CACHE_CONTROL, "no-cache, No-Store")], "error");
        let response = Guarded::new(answer, Ok(Vec::new()), CACHE).into_response();
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-store");
    }
}
