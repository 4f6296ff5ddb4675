//! Routers that take only handlers which say who may call them: what they list, what they answer, and what the audit
//! finds in routers that take everything.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod list;
mod log;
mod refusals;

use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, User, public, with_api_auth_required};
use auth_tests::Answer;
use axum::body::Body;
use axum::extract::Path;
use http::Request;
use http::header::COOKIE;
use serde_json::json;
use tower::ServiceExt as _;

#[with_api_auth_required]
pub(crate) async fn me(user: User) -> String {
    format!("me {}", user.sub())
}

#[with_api_auth_required]
pub(crate) async fn post(Path(id): Path<u64>) -> String {
    format!("post {id}")
}

#[with_api_auth_required(optional)]
pub(crate) async fn either() -> &'static str {
    "either"
}

#[public]
pub(crate) async fn open() -> &'static str {
    "open"
}

/// What a handler looks like if its attribute was forgotten.
pub(crate) async fn forgotten() -> &'static str {
    "forgotten"
}

pub(crate) fn verifier() -> Auth {
    let clock = TestClock::at(1_790_000_000);
    Auth::builder().secret("c4e19b7250fd83a6e8b1d70f42956acb").test_clock(&clock).build().unwrap()
}

/// The same for a service that signs users in.
pub(crate) fn owner() -> Auth {
    let clock = TestClock::at(1_790_000_000);
    Auth::builder()
        .secret("c4e19b7250fd83a6e8b1d70f42956acb")
        .domain("login.example.com")
        .client_id("client")
        .client_secret("client-secret")
        .base_url("https://app.example.com")
        .test_clock(&clock)
        .build()
        .unwrap()
}

pub(crate) async fn send(app: &axum::Router, method: &str, path: &str, cookie: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    Answer::read(app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await
}

pub(crate) fn adas_cookie(auth: &Auth) -> String {
    cookie_header(auth, &json!({ "user": { "sub": "auth0|ada" } })).unwrap()
}
