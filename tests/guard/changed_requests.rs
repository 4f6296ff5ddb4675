//! Requests that middleware changes, copies or sends again: what was found in one proves nothing of another, and each
//! session is written back once, by its own handler.

use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, Session, User, public, with_api_auth_required};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response_with_state};
use axum::response::Response;
use axum::routing::{any, get as get_route};
use http::StatusCode;
use http::header::{COOKIE, HeaderValue, SET_COOKIE, UPGRADE};
use http::request::Parts;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Answer, NOW, SECRET, ada, adas_cookie, get, send, verifier};

const DAY: i64 = 86_400;

fn owner() -> Auth {
    Auth::builder()
        .test_clock(&TestClock::at(NOW))
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
        .build()
        .unwrap()
}

/// The cookie of a session that is not due to roll.
fn cookie(auth: &Auth) -> String {
    let mut session = ada();
    session["internal"] = json!({ "sid": "s", "createdAt": NOW });
    session["exp"] = json!(NOW + DAY);
    cookie_header(auth, &session).unwrap()
}

fn lines(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect()
}

/// The session that the answer's one cookie holds.
fn written(auth: &Auth, answer: &Answer) -> Value {
    let lines = lines(answer);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let pair = lines[0].split(';').next().unwrap();
    let codec = auth.codec();
    let cookies = auth_runtime::codec::RequestCookies::scan([pair.as_bytes()], codec.cookie_name());
    let session = codec.read(&cookies, auth_runtime::codec::Timestamp::from_unix(NOW)).unwrap();
    serde_json::from_str(session.document().as_str()).unwrap()
}

async fn looks(_user: Option<User>, request: Request, next: Next) -> Response {
    next.run(request).await
}

#[public]
async fn looks_in_public(_user: Option<User>, request: Request, next: Next) -> Response {
    next.run(request).await
}

#[with_api_auth_required(optional)]
async fn guards(request: Request, next: Next) -> Response {
    next.run(request).await
}

#[with_api_auth_required]
async fn guarded(_user: User) -> &'static str {
    "reached"
}

#[with_api_auth_required]
async fn alone() -> &'static str {
    "reached"
}

async fn user(_user: User) -> &'static str {
    "reached"
}

#[public]
async fn public_session(_session: Session) -> &'static str {
    "reached"
}

const PATHS: [&str; 4] = ["/guarded", "/alone", "/user", "/public-session"];

async fn changes(State(change): State<fn(&mut Request)>, mut request: Request, next: Next) -> Response {
    change(&mut request);
    next.run(request).await
}

/// Handlers behind middleware that changes each request so, behind each kind of middleware that asked before who is there.
fn apps(auth: &Auth, change: fn(&mut Request)) -> [Router; 3] {
    let inner = Router::new()
        .route("/guarded", any(guarded))
        .route("/alone", any(alone))
        .route("/user", any(user))
        .route("/public-session", any(public_session))
        .with_state(auth.clone())
        .layer(from_fn_with_state(change, changes));
    [
        inner.clone().layer(from_fn_with_state(auth.clone(), looks)),
        inner.clone().layer(from_fn_with_state(auth.clone(), looks_in_public)),
        inner.layer(from_fn_with_state(auth.clone(), guards)),
    ]
}

#[tokio::test]
async fn a_session_whose_cookie_was_removed_on_the_way_lets_nobody_through() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    let removes: fn(&mut Request) = |request| drop(request.headers_mut().remove(COOKIE));
    let replaces: fn(&mut Request) = |request| {
        request.headers_mut().insert(COOKIE, HeaderValue::from_static("__session=another"));
    };
    for change in [removes, replaces] {
        for (number, app) in apps(&auth, change).iter().enumerate() {
            for path in PATHS {
                let answer = get(app, path, Some(&cookie)).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {number}");
                assert!(answer.body.contains("not_authenticated"), "{path} {number}");
            }
        }
    }
}

#[tokio::test]
async fn a_session_whose_cookie_was_added_on_the_way_is_found() {
    let auth = verifier();
    let adds: fn(&mut Request) = |request| {
        let cookie = request.headers_mut().remove("x-session").unwrap();
        request.headers_mut().append(COOKIE, cookie);
    };
    for app in apps(&auth, adds) {
        for path in PATHS {
            for other in [None, Some("theme=dark")] {
                let mut request = Request::get(path).header("x-session", adas_cookie(&auth));
                if let Some(other) = other {
                    request = request.header(COOKIE, other);
                }
                let answer = send(&app, request.body(Body::empty()).unwrap()).await;
                assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "reached"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn csr_12_a_request_that_becomes_a_web_socket_on_the_way_is_judged_again() {
    let auth = verifier();
    let upgrades: fn(&mut Request) = |request| {
        request.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    };
    for app in apps(&auth, upgrades) {
        for path in PATHS {
            for (site, expected) in [("cross-site", 403), ("same-origin", 200)] {
                let request =
                    Request::get(path).header(COOKIE, adas_cookie(&auth)).header("sec-fetch-site", site);
                let answer = send(&app, request.body(Body::empty()).unwrap()).await;
                assert_eq!(answer.status.as_u16(), expected, "{path} {site}");
            }
        }
    }
}

#[tokio::test]
async fn csr_01_a_request_whose_origin_changes_on_the_way_is_judged_again() {
    let auth = verifier();
    let changes: fn(&mut Request) = |request| {
        request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    };
    for app in apps(&auth, changes) {
        for path in PATHS {
            let request = super::post(path).header(COOKIE, adas_cookie(&auth));
            let answer = send(&app, request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
}

/// Sends what it got on to the guarded handler, once with its cookies and once without.
#[with_api_auth_required]
async fn copies(State(auth): State<Auth>, parts: Parts) -> String {
    let app = Router::new().route("/", any(guarded)).with_state(auth);
    let mut statuses = Vec::new();
    for keeps_cookies in [true, false] {
        let mut part = Request::get("/").body(Body::empty()).unwrap();
        *part.extensions_mut() = parts.extensions.clone();
        if keeps_cookies {
            *part.headers_mut() = parts.headers.clone();
        }
        statuses.push(app.clone().oneshot(part).await.unwrap().status().as_u16());
    }
    format!("{statuses:?}")
}

#[tokio::test]
async fn a_request_made_of_anothers_extensions_has_no_session_without_its_cookies() {
    let auth = verifier();
    let app = Router::new().route("/", get_route(copies)).with_state(auth.clone());
    assert_eq!(get(&app, "/", Some(&adas_cookie(&auth))).await.body, "[200, 401]");
}

#[with_api_auth_required]
async fn visits(session: Session) -> &'static str {
    if session.set("visited", &true).is_ok() { "changed" } else { "closed" }
}

#[public]
async fn visits_in_public(session: Session) -> &'static str {
    if session.set("visited", &true).is_ok() { "changed" } else { "closed" }
}

async fn retries(State(inner): State<Router>, request: Request, _: Next) -> Response {
    let (parts, _) = request.into_parts();
    let first = Request::from_parts(parts.clone(), Body::empty());
    assert_eq!(inner.clone().oneshot(first).await.unwrap().status(), StatusCode::OK);
    inner.oneshot(Request::from_parts(parts, Body::empty())).await.unwrap()
}

/// Middleware that tries twice, behind middleware that asked who is there.
#[tokio::test]
async fn a_request_that_is_sent_again_has_a_session_of_its_own() {
    let auth = owner();
    let inner = Router::new()
        .route("/guarded", get_route(visits))
        .route("/public", get_route(visits_in_public))
        .with_state(auth.clone());
    let app = Router::new()
        .fallback(async || "")
        .layer(from_fn_with_state(inner, retries))
        .layer(from_fn_with_state(auth.clone(), looks));
    for path in ["/guarded", "/public"] {
        let answer = get(&app, path, Some(&cookie(&auth))).await;
        assert_eq!(answer.body, "changed", "{path}");
        assert_eq!(written(&auth, &answer)["visited"], true, "{path}");
    }
}

/// A handler that notes the visit, and whose path is refused.
#[with_api_auth_required]
async fn never_runs(_visit: Visit, Path(_number): Path<u64>) {}

struct Visit;

impl FromRequestParts<Auth> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Auth) -> Result<Self, Self::Rejection> {
        let session = <Session as FromRequestParts<Auth>>::from_request_parts(parts, state).await.unwrap();
        session.set("visited", &true).unwrap();
        Ok(Self)
    }
}

#[with_api_auth_required]
async fn after_response(session: Session, mut response: Response) -> Response {
    let is_set = session.set("afterwards", &true).is_ok();
    response.headers_mut().insert("x-set", HeaderValue::from_static(if is_set { "yes" } else { "no" }));
    response
}

#[public]
async fn public_after_response(session: Session, mut response: Response) -> Response {
    let is_set = session.set("afterwards", &true).is_ok();
    response.headers_mut().insert("x-set", HeaderValue::from_static(if is_set { "yes" } else { "no" }));
    response
}

/// Asks who is there only after it got the request.
#[public]
async fn asks_late(State(auth): State<Auth>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let session = <Session as FromRequestParts<Auth>>::from_request_parts(&mut parts, &auth).await.unwrap();
    let response = next.run(Request::from_parts(parts, body)).await;
    session.set("afterwards", &true).unwrap();
    response
}

#[with_api_auth_required]
async fn dispatches(State(auth): State<Auth>, session: Session, parts: Parts) -> StatusCode {
    let app = Router::new().route("/{number}", get_route(never_runs)).with_state(auth);
    let response = app.oneshot(Request::from_parts(parts, Body::empty())).await.unwrap();
    session.set("afterwards", &true).unwrap();
    response.status()
}

#[tokio::test]
async fn a_refusal_further_in_leaves_the_session_to_the_handler_that_goes_on() {
    let auth = owner();
    let inner = || Router::new().route("/{number}", get_route(never_runs)).with_state(auth.clone());
    let apps = [
        inner().layer(map_response_with_state(auth.clone(), after_response)),
        inner().layer(map_response_with_state(auth.clone(), public_after_response)),
        inner().layer(from_fn_with_state(auth.clone(), asks_late)),
        Router::new().fallback(dispatches).with_state(auth.clone()),
    ];
    for (number, app) in apps.iter().enumerate() {
        let answer = get(app, "/x", Some(&cookie(&auth))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{number}");
        let session = written(&auth, &answer);
        assert_eq!((&session["visited"], &session["afterwards"]), (&json!(true), &json!(true)), "{number}");
    }
}
