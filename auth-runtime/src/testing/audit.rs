//! Routes, asked from outside whether they let a stranger in.

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

/// Sends an anonymous request to each of these routes, given as method and path with captures, and notes who answers.
///
/// For routers of axum's own, which do not know their routes. A route is guarded if the guard of
/// `#[with_api_auth_required]` itself refused the request ([`Verdict::Guarded`]). The same 401 of an extractor such as
/// `User`, of a handler or of middleware is [`Verdict::RefusedElsewhere`]: other parameters of the handler may have looked
/// at the request before. A 400 is an answer, for something looked at the request before the session was looked at, and so
/// is the 404 of a handler that found nothing. A 403 may come from anything in between: see [`Verdict::Forbidden`].
///
/// It also finds handlers that take the caller's identity and whose answers a cache may keep: [`Audit::cacheable`].
///
/// Captures are filled with `1`, wildcards with a path that is unlikely to match another route. The request has no
/// cookie and no body, and says that it comes from the same site, lest a defence against other sites answer it.
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

/// [`audit`] for the list of a [`routing::Router`](crate::routing::Router): sends a request to each route that
/// demands a session, by every standard method that it answers, and by one that is in no filter if it takes any.
/// Public ones and those with `optional` let strangers in on purpose; for what is unchecked, [`audit`] needs the paths.
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

/// What an audit found. `Display` is one line for each route.
#[derive(Clone, Debug)]
#[must_use]
pub struct Audit {
    asked: Vec<Asked>,
}

impl Audit {
    /// Every route that was asked, in the order of the list.
    pub fn asked(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter()
    }

    /// The routes that answered a stranger.
    pub fn unguarded(&self) -> impl Iterator<Item = &Asked> {
        self.with(Verdict::Unguarded)
    }

    /// The lines of the list that lead to no route: no path matched, 405, or no method or path at all.
    pub fn mistakes(&self) -> impl Iterator<Item = &Asked> {
        self.with(Verdict::NotFound)
    }

    /// The routes that failed: 5xx, which says nothing about a guard.
    pub fn failed(&self) -> impl Iterator<Item = &Asked> {
        self.with(Verdict::Failed)
    }

    /// The routes whose handlers, or middleware in front of them, take the caller's identity (`User`, `Option<User>`,
    /// `Claims<T>`) with nothing that keeps the answer out of caches: neither `#[with_api_auth_required]` nor `#[public]` nor
    /// the layer [`NoStore`](crate::NoStore). What an anonymous request does not reach is not found.
    pub fn cacheable(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.is_cacheable())
    }

    /// Demands that every route refused, by the attribute.
    ///
    /// # Panics
    ///
    /// One did not; the message lists all that did not, each with the reason. A mistake in the list, a failure, a 403
    /// and a 401 that is not the attribute's do not count.
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

/// A route that was asked, and what it answered.
#[derive(Clone, Debug)]
pub struct Asked {
    method: String,
    path: String,
    status: Option<StatusCode>,
    verdict: Verdict,
    is_cacheable: bool,
}

impl Asked {
    /// The method, as in the list.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, as in the list.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The answer's status; `None` if the line of the list is no method and path, so that nothing was sent.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What the answer says.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Returns whether the caller's identity was taken with nothing that keeps the answer out of caches: see
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

/// What the answer to an anonymous request says of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// 5xx.
    Failed,
    /// The 403. No guard says so to somebody who is not signed in: it was said of the request, by a check of its origin
    /// or host for instance, and whoever passes that may find the handler open.
    Forbidden,
    /// The attribute refused the request, by a 401, a redirect to the sign-in, or what
    /// [`AuthBuilder::on_rejection`](crate::AuthBuilder::on_rejection) made of it.
    Guarded,
    /// 404 where no path matched, or 405: the line of the list is wrong.
    NotFound,
    /// 401, or a redirect to `/auth/login` on the same host, and not by the attribute: an extractor, the handler itself or
    /// middleware refused the request. Other parameters may have looked at the request before.
    RefusedElsewhere,
    /// Anything else, a 404 from behind a path that matched included.
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

/// What the marks on a response say of it.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// A path matched.
    is_matched: bool,
    /// The guard of an attribute refused the request.
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

fn judge(status: StatusCode, headers: &HeaderMap, seen: Seen) -> Verdict {
    match status {
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

/// On a response that came from behind a path which matched.
#[derive(Clone, Copy)]
struct Matched;

/// The router, with a mark on what its routes answer. axum puts none on a fallback's answer.
fn marking(app: &Router) -> Router {
    let app = app.clone();
    // axum panics if there is nothing to put it on.
    if app.has_routes() { app.route_layer(map_response(mark)) } else { app }
}

async fn mark(mut response: Response) -> Response {
    response.extensions_mut().insert(Matched);
    response
}

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

/// The path with something for each capture; doubled braces stand for themselves.
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

/// What a wildcard matches and nothing else does: the routes beside it, and those before a fallback, have words.
const DEEP: &str = "k3v9q7zt/w8x2m5ydr/h6j4p1ncb";

/// A method that no route has of its own (RFC 4918 §9.1).
const UNREGISTERED: &str = "PROPFIND";

/// Where a page sends those who are not signed in, unless somebody moved it.
const LOGIN: &str = "/auth/login";

/// The host that is asked, and that the login is on.
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
