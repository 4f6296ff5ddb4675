//! The guard in a real axum router: who is let in, what is answered, what is written back.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]
#![expect(clippy::unused_async, reason = "a policy is an `async fn`, also where it waits for nothing")]

#[macro_use]
mod markers;

mod alone;
mod answers;
mod attributes;
mod behind;
mod changed_requests;
mod cross_site;
mod cross_site_table;
mod extractors;
mod handler_refusals;
mod identity;
mod log;
mod log_lines;
mod login_step_up;
mod optional_and_login;
mod order;
mod policies;
mod rejections;
mod requirements;
mod several_auths;
mod step_up;
mod targets;
mod test_client;
mod write_back;

use auth_runtime::Auth;
use auth_runtime::testing::{TestClock, cookie_header};
use auth_tests::Answer;
use axum::Router;
use axum::body::Body;
use http::Request;
use http::header::COOKIE;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";
pub(crate) const NOW: i64 = 1_790_000_000;

/// An `Auth` that only verifies, with its clock at [`NOW`].
pub(crate) fn verifier() -> Auth {
    Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).build().unwrap()
}

pub(crate) fn ada() -> Value {
    json!({ "user": { "sub": "auth0|ada", "name": "Ada Lovelace", "email": "ada@example.com" } })
}

/// The `Cookie` header of a browser in which Ada is signed in.
pub(crate) fn adas_cookie(auth: &Auth) -> String {
    cookie_header(auth, &ada()).unwrap()
}

/// A POST of one of the application's own pages.
pub(crate) fn post(path: &str) -> http::request::Builder {
    Request::post(path).header("sec-fetch-site", "same-origin")
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    Answer::read(app.clone().oneshot(request).await.unwrap()).await
}

pub(crate) async fn get(app: &Router, path: &str, cookie: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    send(app, request.body(Body::empty()).unwrap()).await
}
