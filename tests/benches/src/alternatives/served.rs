//! From a request through a router and its layers to a handler that has a user. No network.

use auth_runtime::{User, with_api_auth_required};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Method, Request, StatusCode};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use super::{axum_login, axum_oidc, input, tower_sessions};
use crate::app;
use crate::figure::Figure;
use crate::rounds::{self, Contestant};
use crate::session::Sample;

/// A service, with the cookies of a user and those of strangers.
pub(super) struct Served {
    pub(super) name: &'static str,
    /// Whether anything is verified cryptographically for each request.
    pub(super) verifies: bool,
    /// Has a handler at `USER`.
    pub(super) router: Router,
    pub(super) valid: HeaderValue,
    pub(super) tampered: Vec<HeaderValue>,
}

/// Measures ours beside each of the others.
pub(super) fn run(sample: &Sample, rounds: usize) {
    // A runtime without threads of its own: what is counted is one thread's work.
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ours = ours(sample);
    let others = runtime.block_on(async {
        [
            axum_oidc::served(sample).await,
            axum_login::served(sample).await,
            tower_sessions::served(sample).await,
        ]
    });
    let everybody = || std::iter::once(&ours).chain(&others);
    everybody().for_each(|served| runtime.block_on(served.check()));
    let contestants =
        everybody().map(|served| Contestant::new(served.name, || served.batch(&runtime))).collect();
    let medians = rounds::run(rounds, contestants);
    let of_one = |served: &Served| medians.nanoseconds(served.name) / f64::from(BATCH);
    for other in &others {
        let kind = if other.verifies { "alternative" } else { "opaque" };
        let name = format!("authenticate/{kind}[{}]", other.name);
        Figure::of(name, "ns", of_one(&ours), of_one(other), rounds).print();
    }
}

impl Served {
    async fn check(&self) {
        let response = answer(&self.router, request(Method::GET, USER, &self.valid, Body::empty())).await;
        assert_eq!(response.status(), StatusCode::OK, "{} refuses what is valid", self.name);
        // Nobody's turn is one in which the session is also written.
        assert!(!response.headers().contains_key(SET_COOKIE), "{} writes the session", self.name);
        for cookies in &self.tampered {
            let response = answer(&self.router, request(Method::GET, USER, cookies, Body::empty())).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{} accepts {cookies:?}", self.name);
        }
    }

    fn batch(&self, runtime: &Runtime) {
        runtime.block_on(async {
            for _ in 0..BATCH {
                let request = request(Method::GET, USER, &self.valid, Body::empty());
                assert_eq!(answer(&self.router, request).await.status(), StatusCode::OK);
            }
        });
    }
}

/// Posts `session` to `SIGN_IN`, and gives what the browser sends from then on: the new cookie, `name=value`.
pub(super) async fn sign_in(router: &Router, session: &str) -> String {
    let nothing = HeaderValue::from_static("");
    let response =
        answer(router, request(Method::POST, SIGN_IN, &nothing, Body::from(session.to_owned()))).await;
    assert_eq!(response.status(), StatusCode::OK, "nobody can sign in");
    let line = response.headers()[SET_COOKIE].to_str().expect("cookies are text");
    line.split(';').next().unwrap_or_default().to_owned()
}

/// The sample's other cookies, and this one.
pub(super) fn cookies(sample: &Sample, pair: &str) -> HeaderValue {
    HeaderValue::from_str(&input::among_the_others(sample, pair)).expect("cookies are a header value")
}

fn ours(sample: &Sample) -> Served {
    let cookies = |text: &str| HeaderValue::from_str(text).expect("cookies are a header value");
    Served {
        name: "ours",
        verifies: true,
        router: Router::new().route(USER, get(user)).with_state(app::auth()),
        valid: cookies(&sample.header),
        tampered: vec![cookies(&sample.garbage())],
    }
}

#[with_api_auth_required]
async fn user(user: User) -> Result<&'static str, StatusCode> {
    greet(&user.sub())
}

/// What the handler does, whoever guards it: it looks at who is there.
pub(super) fn greet(sub: &str) -> Result<&'static str, StatusCode> {
    if sub.is_empty() { Err(StatusCode::UNAUTHORIZED) } else { Ok("ok") }
}

/// As a server does it: a clone of the service for each request.
pub(super) async fn answer(router: &Router, request: Request<Body>) -> Response {
    match router.clone().oneshot(request).await {
        Ok(response) => response,
    }
}

pub(super) fn request(
    method: Method,
    path: &'static str,
    cookies: &HeaderValue,
    body: Body,
) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path).header(COOKIE, cookies.clone());
    builder.body(body).expect("a request")
}

/// Where the handler is that looks at the user.
pub(super) const USER: &str = "/user";
/// Where a session begins.
pub(super) const SIGN_IN: &str = "/sign-in";

/// How many requests the runtime is entered for: entering it is no part of a request. Not more, for the slowest would have
/// turns so long that a busy machine interrupts every one of them, and only theirs.
const BATCH: u32 = 8;
