//! Whole requests through a router, for the sign-in and for a protected handler.

use std::cell::RefCell;

use auth_runtime::testing::provider::{Provider, RunningProvider};
use auth_runtime::{Auth, SignatureAlgorithm, User, testing, with_api_auth_required};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use http::header::{CONTENT_TYPE, COOKIE, HeaderName};
use http::request::Builder;
use http::{Method, Request, StatusCode};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::call::Call;
use crate::provider::signed;
use crate::service::Store;

const ORIGIN: &str = "http://localhost:3000";
/// As long as a URL and a header get: servers take about 64 kB of a request's head.
const MAX_HEAD: usize = 60_000;
/// The largest form of a logout at the provider's word.
const MAX_FORM: usize = 64 * 1_024;

/// `GET` of an endpoint of the sign-in with a query of this shape: the endpoint's name, a colon, the shape.
pub fn query(which: &str) -> &'static Call {
    let (endpoint, shape) = which.split_once(':').expect("an endpoint and a shape");
    let query = match shape {
        "tiny" => "a&".repeat(MAX_HEAD / 2),
        "percent" => "%61=%61&".repeat(MAX_HEAD / 8),
        "states" => "state=&".repeat(MAX_HEAD / 7),
        "return_to" => format!("returnTo=/{}", "%2E%2E%2F".repeat(MAX_HEAD / 9)),
        "places" => "returnTo=/&".repeat(MAX_HEAD / 11),
        "state" => format!("code=a&state={}", "%61".repeat(MAX_HEAD / 3)),
        _ => panic!("there is no shape `{shape}`"),
    };
    let uri = format!("/auth/{endpoint}?{query}");
    let expected = match endpoint {
        "callback" => StatusCode::BAD_REQUEST,
        _ => StatusCode::SEE_OTHER,
    };
    answered(expected, Body::empty, move |_| {
        Request::get(&*uri).header("sec-fetch-site", "same-origin").header("sec-fetch-mode", "navigate")
    })
}

/// `POST` of a logout at the provider's word, with a form of this shape.
pub fn form(shape: &str) -> &'static Call {
    // The provider did not sign it, which only its keys can tell.
    let token = signed(br#"{"alg":"ES256","typ":"logout+jwt"}"#, &[b'a'; 12_000]);
    let (form, expected) = match shape {
        "tiny" => ("a&".repeat(MAX_FORM / 2), StatusCode::BAD_REQUEST),
        "percent" => ("%61=%61&".repeat(MAX_FORM / 8), StatusCode::BAD_REQUEST),
        "token" => {
            let fields = "a&".repeat((MAX_FORM - token.len() - 13) / 2);
            (format!("{fields}logout_token={token}"), StatusCode::BAD_REQUEST)
        }
        "too_large" => ("a&".repeat(MAX_FORM / 2 + 1), StatusCode::PAYLOAD_TOO_LARGE),
        _ => panic!("there is no shape `{shape}`"),
    };
    let form = Bytes::from(form);
    answered(
        expected,
        move || form.clone().into(),
        |_| {
            Request::post("/auth/backchannel-logout")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        },
    )
}

/// `POST` to a protected handler, with a header as long as it gets.
pub fn header(name: &'static str) -> &'static Call {
    let part = match name {
        "accept" => "text/html;q=0.1,",
        "origin" | "referer" => "http://a",
        "x-forwarded-for" => "1.1.1.1, ",
        _ => "a,",
    };
    let value = part.repeat(MAX_HEAD / part.len());
    // Without a word of the browser, these two say whether the request comes from another site.
    let expected = match name {
        "origin" | "referer" => StatusCode::FORBIDDEN,
        _ => StatusCode::OK,
    };
    let site = (expected == StatusCode::OK).then_some("same-origin");
    answered(expected, Body::empty, move |auth| {
        let session = serde_json::json!({"user": {"sub": "ada"}});
        let cookie = testing::cookie_header(auth, &session).expect("a session");
        let request = Request::builder().method(Method::POST).uri("/write").header(COOKIE, cookie);
        let request = site.into_iter().fold(request, |request, site| request.header("sec-fetch-site", site));
        request.header(HeaderName::from_static(name), &*value)
    })
}

#[with_api_auth_required]
async fn write(user: User) -> String {
    user.sub().into_owned()
}

/// A service, and the provider that it has asked for its metadata and its keys.
struct World {
    runtime: Runtime,
    auth: Auth,
    router: Router,
    /// It listens for as long as it is here.
    _provider: RunningProvider,
}

impl World {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let provider = Provider::builder().signing_algorithm(SignatureAlgorithm::ES256);
        let provider = provider.redirect_uri(format!("{ORIGIN}/auth/callback"));
        let provider = runtime.block_on(provider.start()).expect("it listens");
        let auth = Auth::builder()
            .secret(testing::secret())
            .provider(&provider)
            .base_url(ORIGIN)
            .id_token_algorithms([SignatureAlgorithm::ES256])
            .revocation(Store::default())
            .backchannel_logout(true)
            .build()
            .expect("a whole configuration");
        let router = Router::new().route("/write", post(write)).merge(auth.routes()).with_state(auth.clone());
        Self { runtime, auth, router, _provider: provider }
    }

    fn answer(&self, request: Request<Body>) -> StatusCode {
        self.runtime.block_on(self.router.clone().oneshot(request)).expect("an answer").status()
    }
}

/// Says whether the answer has this status. Metadata and keys of the provider are there already, as in any service
/// that runs.
fn answered(
    expected: StatusCode,
    body: impl Fn() -> Body,
    request: impl Fn(&Auth) -> Builder,
) -> &'static Call {
    let world = World::new();
    let request = || request(&world.auth).body(body()).expect("a request");
    let requests = RefCell::new(vec![request(), request()]);
    Call::new(true, move || {
        let request = requests.borrow_mut().pop().expect("one to begin with and one to measure");
        let status = world.answer(request);
        assert_eq!(status, expected);
        true
    })
}
