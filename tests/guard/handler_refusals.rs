//! Refusals that a handler or one of its parameters gives: in the service's style, as those of the guard are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::testing::{TestClient, TestClock};
use auth_runtime::{
    AccessTokenError, Auth, AuthBuilder, ClaimsMismatch, RejectionKind, Session, public,
    with_api_auth_required,
};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequestParts};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get as get_route;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, SET_COOKIE, VARY,
    WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderName, Request, StatusCode};
use serde_json::{Value, json};

use super::log::Log;
use super::{Answer, NOW, SECRET, adas_cookie, send};

const LATER: AccessTokenError = AccessTokenError::Unavailable { retry_after: Some(7) };
const BESIDE: HeaderName = HeaderName::from_static("x-beside");

/// Asks for a token of a session that has none.
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

/// And another body of the same type.
#[with_api_auth_required]
async fn envelope() -> Response {
    (AccessTokenError::Missing.into_response().into_parts().0, r#"{"failed":true}"#).into_response()
}

/// As a layer that compresses leaves it.
#[with_api_auth_required]
async fn encoded() -> Response {
    ([(CONTENT_ENCODING, "gzip")], AccessTokenError::Missing).into_response()
}

/// And a challenge of its own.
#[with_api_auth_required]
async fn own_challenge() -> Response {
    let mut response = AccessTokenError::Missing.into_response();
    response.headers_mut().insert(WWW_AUTHENTICATE, "Own".parse().unwrap());
    response
}

#[public]
async fn public_handler(session: Session) -> Result<String, AccessTokenError> {
    session.access_token().await.map(|token| token.as_str().to_owned())
}

#[public]
async fn public_parameter(_client: Client) {}

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
        .route("/envelope", get_route(envelope))
        .route("/encoded", get_route(encoded))
        .route("/own-challenge", get_route(own_challenge))
        .route("/public-handler", get_route(public_handler))
        .route("/public-parameter", get_route(public_parameter))
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
    for path in ["/token", "/beside", "/parameter", "/public-handler", "/public-parameter"] {
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
    let plain = service(|auth| auth);
    for (service, accept) in
        [(service(|auth| auth), PROBLEM), (service(|auth| auth.problem_json(true)), "*/*")]
    {
        for (path, status, code, challenge) in [
            ("/token", 401, "missing_access_token", REALM),
            ("/parameter", 401, "missing_access_token", REALM),
            ("/public-handler", 401, "missing_access_token", REALM),
            ("/public-parameter", 401, "missing_access_token", REALM),
            ("/later", 503, "failed_to_refresh_token", None),
            ("/fetched", 500, "origin_not_configured", None),
            ("/claims", 403, "claims_mismatch", None),
        ] {
            let answer = ask(&service, path, accept).await;
            let (shown_status, content_type, _, shown_challenge) = shown(&answer);
            assert_eq!((shown_status, content_type, shown_challenge), (status, PROBLEM, challenge), "{path}");
            let problem: Value = serde_json::from_str(&answer.body).unwrap();
            let plain: Value = serde_json::from_str(&ask(&plain, path, "*/*").await.body).unwrap();
            let title = StatusCode::from_u16(status).unwrap().canonical_reason().unwrap();
            let mut expected = json!({ "type": "about:blank", "title": title, "status": status });
            expected["detail"] = plain["description"].clone();
            expected.as_object_mut().unwrap().extend(plain.as_object().unwrap().clone());
            assert_eq!((&problem, &problem["error"]), (&expected, &json!(code)), "{path}");
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
        ("/public-handler", 401, "AccessTokenUnavailable missing_access_token None /public-handler", REALM),
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
    // Another answer is the application's own, except that a challenge names the service's realm.
    let hooked = service_with_hook();
    for service in [&service, &hooked] {
        for (path, status, content_type, body, challenge) in [
            ("/other-status", 418, JSON, MISSING, REALM),
            ("/other-body", 401, "text/html", "<p>Sign in", REALM),
            ("/envelope", 401, JSON, r#"{"failed":true}"#, REALM),
            ("/encoded", 401, JSON, MISSING, REALM),
        ] {
            let answer = ask(service, path, "*/*").await;
            assert_eq!(shown(&answer), (status, content_type, body, challenge), "{path}");
        }
    }
    assert_eq!(ask(&service, "/own-challenge", "*/*").await.headers[WWW_AUTHENTICATE], "Own");
}

fn service_with_hook() -> (Auth, Router) {
    service(|auth| auth.on_rejection(|_, _| "the hook's".into_response()))
}

#[tokio::test]
async fn a_body_that_is_replaced_has_its_own_length() {
    // Axum gives an answer its length where a router ends, and guarded middleware is around this one.
    let (auth, _) = service(|auth| auth.problem_json(true));
    let inner = Router::new().route("/", get_route(async || Err::<(), _>(AccessTokenError::Missing)));
    let request = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(send(&inner, request).await.headers[CONTENT_LENGTH], MISSING.len().to_string());
    let app = Router::new()
        .fallback_service(inner)
        .layer(from_fn_with_state(auth.clone(), around))
        .with_state::<()>(auth.clone());
    let answer = ask(&(auth, app), "/", "*/*").await;
    let (status, content_type, body, challenge) = shown(&answer);
    assert_eq!((status, content_type, challenge), (401, "application/problem+json", REALM));
    let length = answer.headers.get(CONTENT_LENGTH).map(|value| value.to_str().unwrap().to_owned());
    assert!(length.is_none_or(|length| length == body.len().to_string()), "{:?}", answer.headers);
}

#[with_api_auth_required]
async fn around(request: axum::extract::Request, next: Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn of_two_guards_the_inner_one_asks_the_hook_and_nobody_asks_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&asked);
    let (auth, inner) = service(|auth| {
        auth.on_rejection(move |rejection, _| {
            counting.fetch_add(1, Ordering::SeqCst);
            assert_eq!(rejection.cause(), None);
            // An error of this crate.
            LATER.into_response()
        })
    });
    let outer = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).realm("outer");
    let outer = outer.on_rejection(|_, _| panic!("the inner service answers")).build().unwrap();
    let same = inner.clone().layer(from_fn_with_state(auth.clone(), around));
    let other = inner.clone().layer(from_fn_with_state(outer.clone(), around));
    // Where the inner service has no style of its own, there is nothing to do for it, and it answers all the same.
    let plain = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).build().unwrap();
    let unstyled = Router::new().route("/token", get_route(token)).with_state(plain.clone());
    let unstyled = unstyled.layer(from_fn_with_state(outer, around));
    for (app, before) in [(inner, 0), (same, 1), (other, 2)] {
        let answer = ask(&(auth.clone(), app), "/token", "*/*").await;
        let body = r#"{"error":"failed_to_refresh_token","description":"The provider does not answer at the moment"}"#;
        assert_eq!(shown(&answer), (503, JSON, body, None));
        assert_eq!(asked.load(Ordering::SeqCst), before + 1);
    }
    let answer = ask(&(plain, unstyled), "/token", "*/*").await;
    assert_eq!(shown(&answer), (401, JSON, MISSING, Some("Bearer realm=\"api\"")));
}

/// The session's cookie goes with the answer of the hook, if the handler changed the session before it failed.
#[tokio::test]
async fn what_a_handler_changed_before_it_failed_is_saved_beside_the_hooks_answer() {
    #[with_api_auth_required]
    async fn changes(session: Session) -> Result<(), AccessTokenError> {
        session.sign_out().unwrap();
        Err(LATER)
    }
    let auth = owner().on_rejection(|_, _| StatusCode::IM_A_TEAPOT.into_response()).build().unwrap();
    let app = Router::new().route("/", get_route(changes)).with_state(auth.clone());
    let answer = ask(&(auth, app), "/", "*/*").await;
    assert_eq!(answer.status, StatusCode::IM_A_TEAPOT);
    let line = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__session=; ") && line.contains("Max-Age=0"), "{line}");
}

#[tokio::test]
async fn key_08_the_hook_is_told_that_the_session_could_not_be_saved() {
    #[with_api_auth_required]
    async fn changes(session: Session) -> &'static str {
        session.set("cart", &1).unwrap();
        "secret"
    }
    let broken = owner().test_without_randomness().on_rejection(|rejection, request| {
        (rejection.status(), format!("{:?} {}", rejection.kind(), request.uri.path())).into_response()
    });
    let auth = broken.build().unwrap();
    let app = Router::new().route("/", get_route(changes)).with_state(auth);
    // What seals needs randomness, so another instance made the cookie.
    let request = Request::get("/").header(COOKIE, adas_cookie(&owner().build().unwrap()));
    let answer = send(&app, request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (500, "SessionNotSaved /"));
    assert!(!answer.headers.contains_key(SET_COOKIE), "{:?}", answer.headers);
}

fn owner() -> AuthBuilder {
    Auth::builder()
        .secret(SECRET)
        .test_clock(&TestClock::at(NOW))
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
}

/// A handler that sends its request to wherever a client says.
#[with_api_auth_required]
async fn relayed(session: Session, body: String) -> Result<Bytes, auth_runtime::FetchError> {
    let request = Request::get(body).body(Bytes::new()).unwrap();
    Ok(session.fetch(request).await?.into_body())
}

#[tokio::test]
async fn an_origin_that_is_not_named_is_in_the_log_with_the_method_to_call_and_without_the_path() {
    // A second of its own: other tests use up the lines of theirs.
    let clock = TestClock::at(NOW + 9_000);
    let auth = Auth::builder()
        .secret(SECRET)
        .test_clock(&clock)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
        .api_origin("https://orders.example.com")
        .build()
        .unwrap();
    let app = Router::new().route("/", axum::routing::post(relayed)).with_state(auth.clone());
    let client = TestClient::new(app).signed_in(&auth, &super::ada()).unwrap();
    let unnamed = "if it is an API of yours, name the origin with `AuthBuilder::api_origin`";
    for (url, origin, advice) in [
        (
            "https://Api.example.com:8443/private/path?secret=query",
            "origin=\"https://api.example.com:8443\" ",
            unnamed,
        ),
        (
            "https://user:password@api.example.com/",
            "",
            "the URL has to be absolute, without user name and password",
        ),
    ] {
        let (log, _listening) = Log::listen();
        let request = Request::post("/").body(Body::from(url)).unwrap();
        let answer = client.send(request).await;
        assert_eq!(answer.json::<Value>().unwrap()["error"], "origin_not_configured");
        let message = format!("`session.fetch` may not send an access token to this origin: {advice}");
        let lines: Vec<String> = log.lines().into_iter().filter(|line| line.starts_with("ERROR")).collect();
        let [line] = &lines[..] else { panic!("{lines:?}") };
        let expected = ["message=", &message, " ", origin, "suppressed=0"].concat();
        assert_eq!(*line, format!("ERROR auth_runtime::refusal {expected}"));
    }
}
