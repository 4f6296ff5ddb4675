//! An audit of routes: requests without a session, and what each route answers.

use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::middleware::map_response;
use axum::response::Response;
use http::header::{HOST, LOCATION, ORIGIN};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use tower_service::Service as _;

use crate::guard::{CacheableIdentity, RefusedByGuard};
use crate::routing::Route;

/// Sends a request without a session to each of these routes, given as method and path with captures, and notes the
/// answers. It is for routers of axum's own, which do not list their routes.
///
/// A route is guarded if the guard of `#[with_api_auth_required]` itself refused the request ([`Verdict::Guarded`]).
/// The same 401 of an extractor such as `User`, of the handler or of middleware is [`Verdict::RefusedElsewhere`]: other
/// parameters of the handler may have read the request before. A 400 counts as unguarded, since something read the
/// request before the session was checked, and so does the 404 of a handler that found nothing. A 403 may come from
/// middleware in front of an open handler: see [`Verdict::Forbidden`].
///
/// The audit also finds handlers that take the caller's identity and whose answers a cache may keep:
/// [`Audit::cacheable`].
///
/// Captures are filled with `1`, wildcards with a path that is unlikely to match another route. The request has no
/// cookie and no body. Its headers say that it comes from the same site, so that a defence against cross-site requests
/// does not refuse it.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::testing::audit;
/// use auth_runtime::{Auth, testing, with_api_auth_required};
/// use axum::routing::get;
/// # pub fn block_on(future: impl Future<Output = ()>) {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
/// # }
///
/// #[with_api_auth_required]
/// async fn post() {}
///
/// # pub async fn main() -> Result<(), auth_runtime::ConfigError> {
/// let auth = Auth::builder().secret(testing::secret()).build()?;
/// let app = axum::Router::new().route("/posts/{id}", get(post).delete(post)).with_state(auth);
/// audit(&app, [("GET", "/posts/{id}"), ("DELETE", "/posts/{id}")]).await.assert_guarded();
/// # Ok(())
/// # }
/// # }
/// # #[cfg(feature = "macros")] example::block_on(async { example::main().await.unwrap() });
/// ```
pub async fn audit<M, P>(app: &Router, routes: impl IntoIterator<Item = (M, P)>) -> Audit
where
    M: AsRef<str>,
    P: AsRef<str>,
{
    let app = marking(app);
    let mut asked = Vec::new();
    for (method, path) in routes {
        asked.push(ask(&app, method.as_ref(), path.as_ref()).await);
    }
    Audit { asked }
}

/// Does an [`audit`] of the routes of a [`routing::Router`](crate::routing::Router). It sends a request to each route
/// that demands a session, by every standard method that the route answers, and by an unusual method if the route takes
/// any.
///
/// Public routes and routes with `optional` are left out, since they let anonymous clients in on purpose. Unchecked
/// routes are left out too: give their paths to [`audit`].
///
/// ```
/// # async fn example(router: auth_runtime::routing::Router<auth_runtime::Auth>, auth: auth_runtime::Auth) {
/// let routes = router.routes().to_vec();
/// let app = axum::Router::from(router.with_state(auth));
/// auth_runtime::testing::audit_routes(&app, &routes).await.assert_guarded();
/// # }
/// ```
pub async fn audit_routes(app: &Router, routes: &[Route]) -> Audit {
    let guarded = routes.iter().filter(|route| route.access().requires_session());
    let pairs = guarded.flat_map(|route| {
        let unregistered = route.takes_any_other().then_some(UNREGISTERED);
        route.answers(routes).into_iter().chain(unregistered).map(|method| (method, route.path()))
    });
    audit(app, pairs).await
}

/// The result of an audit. `Display` writes one line for each route.
///
/// ```
/// use auth_runtime::testing::{Verdict, audit};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = axum::Router::new().route("/open", axum::routing::get(|| async { "hello" }));
/// let audit = audit(&app, [("GET", "/open"), ("GET", "/misspelt")]).await;
/// assert_eq!(audit.unguarded().count(), 1);
/// assert_eq!(audit.mistakes().next().unwrap().verdict(), Verdict::NotFound);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Audit {
    asked: Vec<Asked>,
}

impl Audit {
    /// Returns every route of the list, in the list's order.
    pub fn asked(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter()
    }

    /// Returns the routes that answered without a session.
    pub fn unguarded(&self) -> impl Iterator<Item = &Asked> {
        self.with(Verdict::Unguarded)
    }

    /// Returns the lines of the list that lead to no route: no path matched, the answer was a 405, or the line is no
    /// method and path.
    pub fn mistakes(&self) -> impl Iterator<Item = &Asked> {
        self.with(Verdict::NotFound)
    }

    /// Returns the routes that failed with a 5xx, which says nothing about a guard.
    pub fn failed(&self) -> impl Iterator<Item = &Asked> {
        self.with(Verdict::Failed)
    }

    /// Returns the routes whose handlers, or middleware in front of them, take the caller's identity (`User`,
    /// `Option<User>`, `Claims<T>`) without anything that keeps the answer out of caches: neither
    /// `#[with_api_auth_required]` nor `#[public]` nor the layer [`NoStore`](crate::NoStore). Code that an anonymous
    /// request does not reach is not found.
    pub fn cacheable(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.is_cacheable())
    }

    /// Asserts that the attribute's guard refused the request at every route.
    ///
    /// # Panics
    ///
    /// A route has another verdict than [`Verdict::Guarded`]: also a mistake in the list, a failure, a 403, or a 401
    /// that is not the guard's. The message lists all these routes, each with the reason.
    #[track_caller]
    pub fn assert_guarded(&self) {
        let others = self.asked.iter().filter(|asked| asked.verdict() != Verdict::Guarded);
        let lines: String = others.map(|asked| format!("    {asked}\n")).collect();
        assert!(lines.is_empty(), "these routes did not refuse a request without a session:\n{lines}");
    }

    fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(move |asked| asked.verdict() == verdict)
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asked.iter().try_for_each(|asked| writeln!(f, "{asked}"))
    }
}

/// A route of an audit, with its answer. `Display` writes one line.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = axum::Router::new().route("/open", axum::routing::get(|| async { "hello" }));
/// let audit = auth_runtime::testing::audit(&app, [("GET", "/open")]).await;
/// let asked = audit.asked().next().unwrap();
/// assert_eq!((asked.method(), asked.path()), ("GET", "/open"));
/// assert_eq!(asked.status().unwrap().as_u16(), 200);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Asked {
    method: String,
    path: String,
    status: Option<StatusCode>,
    verdict: Verdict,
    is_cacheable: bool,
}

impl Asked {
    /// Returns the method, as in the list.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path, as in the list.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the answer's status; `None` if the line of the list is no method and path, so that no request was sent.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns the meaning of the answer.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns whether the route took the caller's identity without anything that keeps the answer out of caches: see
    /// [`Audit::cacheable`].
    pub fn is_cacheable(&self) -> bool {
        self.is_cacheable
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  ", self.method, self.path)?;
        match self.status {
            Some(status) => write!(f, "{}: {}", status.as_u16(), self.verdict)?,
            None => f.write_str("is no method and path")?,
        }
        let hint = ", and takes the user where caches may keep the answer: add the attribute, or the layer `NoStore`";
        f.write_str(if self.is_cacheable { hint } else { "" })
    }
}

/// The meaning of the answer to a request without a session.
///
/// ```
/// use auth_runtime::testing::Verdict;
///
/// assert_eq!(Verdict::Guarded.to_string(), "guarded");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The answer is a 5xx.
    Failed,
    /// The answer is a 403 that is not the guard's. A check of the request refused it, of its origin or host for
    /// instance. A request that passes that check may find the handler open.
    Forbidden,
    /// The attribute's guard refused the request: by a 401, a redirect to the sign-in, or the answer that
    /// [`AuthBuilder::on_rejection`](crate::AuthBuilder::on_rejection) made of the refusal, with a status 3xx or 4xx.
    Guarded,
    /// The answer is a 404 where no path matched, or a 405, or the line of the list is no method and path.
    NotFound,
    /// The answer is a 401, or a redirect to `/auth/login` on the same host, and not the guard's: an extractor, the
    /// handler itself or middleware refused the request. Other parameters may have read the request before.
    RefusedElsewhere,
    /// The answer is anything else, also a 404 from behind a path that matched.
    Unguarded,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "failed, so nothing is known",
            Self::Forbidden => {
                "refused for another reason than a missing session, so nothing is known of the guard"
            }
            Self::Guarded => "guarded",
            Self::NotFound => "no such route, a mistake in the list",
            Self::RefusedElsewhere => {
                "refused, but not by the attribute: an extractor, the handler or middleware did it"
            }
            Self::Unguarded => "answered without a session",
        })
    }
}

/// Sends a request without a session to a route.
async fn ask(app: &Router, method: &str, path: &str) -> Asked {
    let identity = CacheableIdentity::default();
    let (status, verdict) = match anonymous(method, path) {
        None => (None, Verdict::NotFound),
        Some(mut request) => {
            request.extensions_mut().insert(identity.clone());
            let Ok(response) = app.clone().call(request).await;
            (Some(response.status()), judge(response.status(), response.headers(), Seen::of(&response)))
        }
    };
    let is_cacheable = identity.is_taken();
    Asked { method: method.to_owned(), path: path.to_owned(), status, verdict, is_cacheable }
}

/// The marks on a response.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// True if a path matched.
    is_matched: bool,
    /// True if the guard of an attribute refused the request.
    is_refused_by_guard: bool,
}

impl Seen {
    fn of(response: &Response) -> Self {
        let marks = response.extensions();
        Self {
            is_matched: marks.get::<Matched>().is_some(),
            is_refused_by_guard: marks.get::<RefusedByGuard>().is_some(),
        }
    }
}

/// Returns the verdict on an answer.
fn judge(status: StatusCode, headers: &HeaderMap, seen: Seen) -> Verdict {
    match status {
        // A layer may have replaced the refusal by a success, which lets the request in: the mark alone is not enough.
        _ if seen.is_refused_by_guard && (status.is_client_error() || status.is_redirection()) => {
            Verdict::Guarded
        }
        StatusCode::UNAUTHORIZED => Verdict::RefusedElsewhere,
        StatusCode::FORBIDDEN => Verdict::Forbidden,
        StatusCode::NOT_FOUND if !seen.is_matched => Verdict::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Verdict::NotFound,
        StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT
            if leads_to_login(headers) =>
        {
            Verdict::RefusedElsewhere
        }
        _ if status.is_server_error() => Verdict::Failed,
        _ => Verdict::Unguarded,
    }
}

fn leads_to_login(headers: &HeaderMap) -> bool {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    location.and_then(|text| text.parse::<Uri>().ok()).is_some_and(|uri| {
        uri.path() == LOGIN && uri.authority().is_none_or(|authority| authority.as_str() == SAME_HOST)
    })
}

/// The mark on a response from behind a path that matched.
#[derive(Clone, Copy)]
struct Matched;

/// Returns the router with a layer that marks the answers of its routes, and not the answers of its fallback.
fn marking(app: &Router) -> Router {
    let app = app.clone();
    // `route_layer` panics on a router without routes.
    if app.has_routes() { app.route_layer(map_response(mark)) } else { app }
}

async fn mark(mut response: Response) -> Response {
    response.extensions_mut().insert(Matched);
    response
}

/// Builds a request without a session, or returns `None` if the line of the list is no method and path.
fn anonymous(method: &str, path: &str) -> Option<Request<Body>> {
    Request::builder()
        .method(Method::from_bytes(method.as_bytes()).ok()?)
        .uri(path.starts_with('/').then(|| filled(path))?)
        .header(HOST, SAME_HOST)
        .header(ORIGIN, "http://localhost")
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        .ok()
}

/// Returns the path with a text for each capture. Doubled braces stand for one brace.
fn filled(path: &str) -> String {
    let mut filled = String::with_capacity(path.len());
    let mut rest = path.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '{' | '}' if rest.next_if_eq(&char).is_some() => filled.push(char),
            '{' => {
                let is_wildcard = rest.peek() == Some(&'*');
                rest.by_ref().find(|char| *char == '}');
                filled.push_str(if is_wildcard { DEEP } else { "1" });
            }
            _ => filled.push(char),
        }
    }
    filled
}

/// The text for a wildcard. It is random, so that no other route, whose path has words, matches it.
const DEEP: &str = "k3v9q7zt/w8x2m5ydr/h6j4p1ncb";

/// A method that axum has no filter for, so that only a route for any method answers it (RFC 4918 §9.1).
const UNREGISTERED: &str = "PROPFIND";

/// The default path of the sign-in, to which a page redirects a user who is not signed in.
const LOGIN: &str = "/auth/login";

/// The host of the requests and of the sign-in.
const SAME_HOST: &str = "localhost";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_are_filled() {
        let cases = [
            ("/", "/"),
            ("/posts/{id}/comments/{comment_id}", "/posts/1/comments/1"),
            ("/files/{*path}", "/files/k3v9q7zt/w8x2m5ydr/h6j4p1ncb"),
            ("/posts-{id}.json", "/posts-1.json"),
            ("/{{literal}}/{id}", "/{literal}/1"),
            ("/open/{", "/open/1"),
        ];
        for (path, expected) in cases {
            assert_eq!(filled(path), expected);
        }
    }

    const MATCHED: Seen = Seen { is_matched: true, is_refused_by_guard: false };
    const BY_GUARD: Seen = Seen { is_matched: true, is_refused_by_guard: true };

    fn with(verdict: Verdict, seen: Seen) -> Vec<u16> {
        let of = |code: &u16| judge(StatusCode::from_u16(*code).unwrap(), &HeaderMap::new(), seen);
        (100..600).filter(|code| of(code) == verdict).collect()
    }

    #[test]
    fn m12_no_status_alone_counts_as_guarded() {
        assert_eq!(with(Verdict::Guarded, MATCHED), [0_u16; 0]);
        assert_eq!(with(Verdict::RefusedElsewhere, MATCHED), [401]);
        assert_eq!(with(Verdict::Forbidden, MATCHED), [403]);
        assert_eq!(with(Verdict::NotFound, MATCHED), [405]);
        assert_eq!(with(Verdict::Failed, MATCHED), (500..600).collect::<Vec<_>>());
        assert_eq!(judge(StatusCode::NOT_FOUND, &HeaderMap::new(), Seen::default()), Verdict::NotFound);
    }

    /// A layer that answers 200 in the place of a refusal lets the stranger in.
    #[test]
    fn the_mark_of_a_guard_counts_only_on_a_refusal() {
        assert_eq!(with(Verdict::Guarded, BY_GUARD), (300..500).collect::<Vec<_>>());
        assert_eq!(with(Verdict::Unguarded, BY_GUARD), (100..300).collect::<Vec<_>>());
        assert_eq!(with(Verdict::Failed, BY_GUARD), (500..600).collect::<Vec<_>>());
    }

    #[test]
    fn only_a_redirect_to_the_login_is_a_refusal() {
        let to = |location: &'static str| HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        let cases = [
            ("/auth/login?returnTo=%2Fme", Verdict::RefusedElsewhere),
            ("http://localhost/auth/login", Verdict::RefusedElsewhere),
            ("https://app.example.com/auth/login", Verdict::Unguarded),
            ("http://localhost@app.example.com/auth/login", Verdict::Unguarded),
            ("//app.example.com/auth/login", Verdict::Unguarded),
            ("/", Verdict::Unguarded),
            ("/auth/login/../welcome", Verdict::Unguarded),
            ("/welcome?next=/auth/login", Verdict::Unguarded),
        ];
        for (location, expected) in cases {
            assert_eq!(judge(StatusCode::SEE_OTHER, &to(location), MATCHED), expected, "{location}");
        }
        let to_login = to("/auth/login");
        let redirects = |code: &u16| {
            judge(StatusCode::from_u16(*code).unwrap(), &to_login, MATCHED) == Verdict::RefusedElsewhere
        };
        let statuses: Vec<u16> = (100..600).filter(redirects).collect();
        assert_eq!(statuses, [302, 303, 307, 308, 401]);
    }
}
