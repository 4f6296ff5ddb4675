//! Refusals that a handler or one of its parameters gives: in the service's style, as those of the guard are.

use auth_runtime::testing::TestClock;
use auth_runtime::{
    AccessTokenError, Auth, AuthBuilder, ClaimsMismatch, RejectionKind, Session, with_api_auth_required,
};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequestParts};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get as get_route;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, Request, StatusCode};
use serde_json::{Value, json};

use super::{Answer, NOW, SECRET, adas_cookie, send};

const LATER: AccessTokenError = AccessTokenError::Unavailable { retry_after: Some(7) };
const BESIDE: HeaderName = HeaderName::from_static("x-beside");

/// What a session without tokens comes to.
#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    session.access_token().await.map(|token| token.as_str().to_owned())
}

#[with_api_auth_required]
async fn later() -> Result<String, AccessTokenError> {
    Err(LATER)
}

/// A head of its own beside the error.
#[with_api_auth_required]
async fn beside() -> Response {
    ([(BESIDE, "1"), (SET_COOKIE, "theme=dark")], AccessTokenError::Missing).into_response()
}

/// Another status: an answer of the application's own.
#[with_api_auth_required]
async fn other_status() -> Response {
    (StatusCode::IM_A_TEAPOT, AccessTokenError::Missing).into_response()
}

/// And another body.
#[with_api_auth_required]
async fn other_body() -> Response {
    let mut response = AccessTokenError::Missing.into_response();
    *response.body_mut() = Body::from("<p>Sign in");
    response.headers_mut().insert(CONTENT_TYPE, "text/html".parse().unwrap());
    response
}

#[with_api_auth_required]
async fn claims() -> Result<String, ClaimsMismatch> {
    user.claims::<Vec<u8>>().map(|_| String::new())
}

/// A parameter that fetches a token itself.
struct Client;

impl<S: Send + Sync> FromRequestParts<S> for Client
where
    Auth: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await;
        let session = session.map_err(IntoResponse::into_response)?;
        session.access_token().await.map(|_| Self).map_err(IntoResponse::into_response)
    }
}

#[with_api_auth_required]
async fn parameter(_client: Client, body: Bytes) -> Bytes {
    body
}

#[with_api_auth_required]
async fn fetched(session: Session) -> Result<Bytes, auth_runtime::FetchError> {
    let request = Request::get("https://api.example.com/").body(Bytes::new()).unwrap();
    Ok(session.fetch(request).await?.into_body())
}

fn service(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> (Auth, Router) {
    let builder = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).realm("orders");
    let auth = configure(builder).build().unwrap();
    let app = Router::new()
        .route("/token", get_route(token))
        .route("/later", get_route(later))
        .route("/beside", get_route(beside))
        .route("/other-status", get_route(other_status))
        .route("/other-body", get_route(other_body))
        .route("/claims", get_route(claims))
        .route("/parameter", get_route(parameter))
        .route("/fetched", get_route(fetched))
        .with_state(auth.clone());
    (auth, app)
}

async fn ask(service: &(Auth, Router), path: &str, accept: &str) -> Answer {
    let request = Request::get(path).header(COOKIE, adas_cookie(&service.0)).header(ACCEPT, accept);
    send(&service.1, request.body(Body::empty()).unwrap()).await
}

/// Status, media type, body and challenge.
fn shown(answer: &Answer) -> (u16, &str, &str, Option<&str>) {
    let header = |name| answer.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header(CACHE_CONTROL), Some("private, no-store"));
    assert_eq!(answer.headers.get_all(VARY).iter().collect::<Vec<_>>(), ["Cookie"]);
    (answer.status.as_u16(), header(CONTENT_TYPE).unwrap(), &answer.body, header(WWW_AUTHENTICATE))
}

const REALM: Option<&str> = Some("Bearer realm=\"orders\"");
const MISSING: &str = r#"{"error":"missing_access_token","description":"The session has no access token for the requested audience and scope"}"#;
const JSON: &str = "application/json";

#[tokio::test]
async fn an_access_token_error_names_the_services_realm() {
    let service = service(|auth| auth);
    for path in ["/token", "/beside", "/parameter"] {
        assert_eq!(shown(&ask(&service, path, "*/*").await), (401, JSON, MISSING, REALM), "{path}");
    }
    let later = ask(&service, "/later", "*/*").await;
    let body =
        r#"{"error":"failed_to_refresh_token","description":"The provider does not answer at the moment"}"#;
    assert_eq!(shown(&later), (503, JSON, body, None));
    assert_eq!(later.headers["retry-after"], "7");
    let body =
        r#"{"error":"origin_not_configured","description":"No access token may be sent to this address"}"#;
    assert_eq!(shown(&ask(&service, "/fetched", "*/*").await), (500, JSON, body, None));
}

#[tokio::test]
async fn s_9457_1_who_asks_for_a_problem_gets_one_from_a_handler_too() {
    const PROBLEM: &str = "application/problem+json";
    for (service, accept) in
        [(service(|auth| auth), PROBLEM), (service(|auth| auth.problem_json(true)), "*/*")]
    {
        for (path, status, code, challenge) in [
            ("/token", 401, "missing_access_token", REALM),
            ("/parameter", 401, "missing_access_token", REALM),
            ("/later", 503, "failed_to_refresh_token", None),
            ("/fetched", 500, "origin_not_configured", None),
            ("/claims", 403, "claims_mismatch", None),
        ] {
            let answer = ask(&service, path, accept).await;
            let problem: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(shown(&answer), (status, PROBLEM, answer.body.as_str(), challenge), "{path}");
            assert_eq!((&problem["status"], &problem["error"]), (&json!(status), &json!(code)), "{path}");
        }
    }
}

#[tokio::test]
async fn the_hook_is_asked_about_what_a_handler_returns() {
    let service = service(|auth| {
        auth.on_rejection(|rejection, request| {
            let (code, after) = (rejection.code(), rejection.retry_after());
            let text = format!("{:?} {code} {after:?} {}", rejection.kind(), request.uri.path());
            (rejection.status(), Html(text)).into_response()
        })
    });
    assert_eq!(RejectionKind::ApiUnavailable.status(), 503);
    for (path, status, body, challenge) in [
        ("/token", 401, "AccessTokenUnavailable missing_access_token None /token", REALM),
        ("/parameter", 401, "AccessTokenUnavailable missing_access_token None /parameter", REALM),
        ("/later", 503, "AccessTokenUnavailable failed_to_refresh_token Some(7) /later", None),
        ("/fetched", 500, "ApiUnavailable origin_not_configured None /fetched", None),
        ("/claims", 403, "ClaimsMismatch claims_mismatch None /claims", None),
    ] {
        let answer = ask(&service, path, "*/*").await;
        assert_eq!(shown(&answer), (status, "text/html; charset=utf-8", body, challenge));
    }
    // Its answer takes the place of the handler's, but for a cookie.
    let beside = ask(&service, "/beside", "*/*").await;
    assert!(!beside.headers.contains_key(BESIDE), "{:?}", beside.headers);
    assert_eq!(beside.headers[SET_COOKIE], "theme=dark");
}

#[tokio::test]
async fn what_a_handler_says_beside_or_instead_of_the_error_stays() {
    let service = service(|auth| auth.problem_json(true));
    let beside = ask(&service, "/beside", "*/*").await;
    assert_eq!((beside.status, &beside.headers[BESIDE]), (StatusCode::UNAUTHORIZED, &"1".parse().unwrap()));
    assert_eq!(beside.headers[SET_COOKIE], "theme=dark");
    assert_eq!(beside.headers[CONTENT_TYPE], "application/problem+json");
    let other = ask(&service, "/other-status", "*/*").await;
    assert_eq!((other.status, other.body.as_str()), (StatusCode::IM_A_TEAPOT, MISSING));
    let other = ask(&service, "/other-body", "*/*").await;
    assert_eq!((other.status, other.body.as_str()), (StatusCode::UNAUTHORIZED, "<p>Sign in"));
}
