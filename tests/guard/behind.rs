//! The answers of a guarded handler's other parameters: as private as its own, and nothing of the session is lost with
//! them.

use std::convert::Infallible;

use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::with_api_auth_required as signed_in;
use auth_runtime::{Auth, AuthBuilder, Claims, Session, User, public, with_api_auth_required};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, Request};
use axum::middleware::{Next, from_fn_with_state, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get as get_route, post as post_route};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE, VARY};
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, NOW, SECRET, ada, get, post, send, verifier};

const DAY: i64 = 86_400;

fn owner(clock: &TestClock) -> AuthBuilder {
    Auth::builder()
        .test_clock(clock)
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
}

/// An extractor of the application that notes each visit in the session.
struct Visit;

impl FromRequestParts<Auth> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Auth) -> Result<Self, Infallible> {
        if let Ok(session) = Session::from_request_parts(parts, state).await {
            session.set("visited", &true).unwrap();
        }
        Ok(Self)
    }
}

/// An extractor that finds nothing, and whose answer says to caches what is not true of it.
struct Missing;

impl<S: Sync> FromRequestParts<S> for Missing {
    type Rejection = Response;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Response> {
        let caching =
            [("cache-control", "public, max-age=600"), ("x-accel-expires", "600"), ("x-own", "kept")];
        Err((StatusCode::NOT_FOUND, caching, "no such page").into_response())
    }
}

#[with_api_auth_required]
async fn path(_: Visit, Path(_id): Path<u64>) {}

#[with_api_auth_required]
async fn query(_: Visit, Query(_pairs): Query<Vec<(String, u8)>>, body: String) -> String {
    body
}

#[with_api_auth_required]
async fn body(_: Visit, Json(number): Json<u64>) -> String {
    number.to_string()
}

#[with_api_auth_required(cache = "private, max-age=60")]
async fn cached(_: Visit, body: Bytes) -> String {
    body.len().to_string()
}

#[with_api_auth_required]
async fn missing(_: Visit, mut _missing: Missing) {}

#[derive(serde::Deserialize)]
struct Staff {
    department: String,
}

#[with_api_auth_required]
async fn claims(_: Visit, Claims(Staff { department }): Claims<Staff>) -> String {
    department
}

#[with_api_auth_required]
#[tracing::instrument(skip_all, fields(number))]
#[axum::debug_handler(state = Auth)]
async fn instrumented(_: Visit, Path(number): Path<u64>) -> String {
    number.to_string()
}

#[with_api_auth_required]
#[signed_in]
async fn twice(_: Visit, Path(number): Path<u64>) -> String {
    number.to_string()
}

#[with_api_auth_required(optional)]
async fn optional(_: Visit, Path(number): Path<u64>) -> String {
    number.to_string()
}

#[with_api_auth_required]
async fn chosen<E: FromRequestParts<Auth> + Send>(
    _: Visit,
    #[cfg(not(test))] absent: Absent,
    #[cfg(test)] Path(number): Path<u64>,
    method: E,
) -> String {
    let _ = method;
    number.to_string()
}

#[with_api_auth_required]
#[rustfmt::skip]
#[expect(clippy::too_many_arguments, reason = "as many as axum takes")]
async fn sixteen(
    _a: Visit, _b: Method, _c: Method, _d: Method, _e: Method, _f: Method, _g: Method, _h: Method, _i: Method,
    _j: Method, _k: Method, _l: Method, _m: Method, Json(number): Json<u64>,
) -> String {
    format!("{number} {}", user.sub())
}

fn app(auth: &Auth) -> Router {
    Router::new()
        .route("/path/{id}", get_route(path))
        .route("/query", post_route(query))
        .route("/body", post_route(body))
        .route("/cached", post_route(cached))
        .route("/missing", get_route(missing))
        .route("/claims", get_route(claims))
        .route("/instrumented/{id}", get_route(instrumented))
        .route("/twice/{id}", get_route(twice))
        .route("/optional/{id}", get_route(optional))
        .route("/chosen/{id}", get_route(chosen::<Method>))
        .route("/sixteen", post_route(sixteen))
        .layer(DefaultBodyLimit::max(16))
        .with_state(auth.clone())
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

fn assert_private(answer: &Answer, of: &str) {
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{of}");
    assert!(answer.headers.get_all(VARY).iter().any(|value| value == "Cookie"), "{of}");
}

fn posted(path: &str, cookie: &str, content_type: &str, body: &'static str) -> http::Request<Body> {
    post(path).header(COOKIE, cookie).header(CONTENT_TYPE, content_type).body(Body::from(body)).unwrap()
}

/// What each parameter answers, at every place where one can be refused.
async fn refusals(app: &Router, cookie: &str) -> Vec<(&'static str, Answer)> {
    let json = "application/json";
    let mut answers = Vec::new();
    for path in ["/path/x", "/missing", "/claims", "/instrumented/x", "/twice/x", "/optional/x", "/chosen/x"]
    {
        answers.push((path, get(app, path, Some(cookie)).await));
    }
    for (path, content_type, body) in [
        ("/query?a=x", json, ""),
        ("/query", json, "far too long for the limit"),
        ("/body", json, "nope"),
        ("/body", json, "\"x\""),
        ("/body", "text/plain", "1"),
        ("/cached", json, "far too long for the limit"),
        ("/sixteen", json, "\"x\""),
    ] {
        answers.push((path, send(app, posted(path, cookie, content_type, body)).await));
    }
    answers
}

#[tokio::test]
async fn cch_02_a_refusal_by_any_parameter_is_as_private_as_the_handlers_answer() {
    let auth = owner(&TestClock::at(NOW)).build().unwrap();
    let answers = refusals(&app(&auth), &cookie(&auth)).await;
    let statuses: Vec<_> = answers.iter().map(|(_, answer)| answer.status.as_u16()).collect();
    assert_eq!(statuses, [400, 404, 403, 400, 400, 400, 400, 400, 413, 400, 422, 415, 413, 422]);
    for (path, answer) in &answers {
        assert_private(answer, path);
    }
    let (_, missing) = &answers[1];
    assert_eq!(
        (missing.body.as_str(), &missing.headers["x-own"]),
        ("no such page", &"kept".parse().unwrap())
    );
    assert!(!missing.headers.contains_key("x-accel-expires"));
}

#[tokio::test]
async fn what_a_request_changed_of_the_session_travels_with_every_refusal() {
    let auth = owner(&TestClock::at(NOW)).build().unwrap();
    for (path, answer) in refusals(&app(&auth), &cookie(&auth)).await {
        assert_eq!(written(&auth, &answer)["visited"], true, "{path}");
    }
}

#[tokio::test]
async fn a_refusal_by_a_parameter_extends_a_session_that_is_due() {
    let clock = TestClock::at(NOW + DAY / 2);
    let auth = owner(&clock).build().unwrap();
    let cookie = cookie(&auth);
    let answer = get(&app(&auth), "/path/x", Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(written(&auth, &answer)["exp"], NOW + DAY / 2 + DAY);
}

#[tokio::test]
async fn the_answers_that_succeed_stay_as_they_are() {
    let auth = owner(&TestClock::at(NOW)).build().unwrap();
    let (app, cookie) = (app(&auth), cookie(&auth));
    for path in ["/instrumented/7", "/twice/7", "/optional/7", "/chosen/7"] {
        let answer = get(&app, path, Some(&cookie)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "7"), "{path}");
        assert_private(&answer, path);
        assert_eq!(written(&auth, &answer)["visited"], true, "{path}");
    }
    let answer = send(&app, posted("/sixteen", &cookie, "application/json", "7")).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "7 auth0|ada"));
}

#[tokio::test]
async fn a_stranger_is_refused_before_every_parameter_and_writes_nothing() {
    let auth = owner(&TestClock::at(NOW)).build().unwrap();
    for (path, answer) in refusals(&app(&auth), "theme=dark").await {
        let expected = if path == "/optional/x" { StatusCode::BAD_REQUEST } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expected, "{path}");
        assert_private(&answer, path);
        assert_eq!(lines(&answer), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn a_verifier_writes_nothing_with_a_refusal() {
    let auth = verifier();
    let app = Router::new().route("/missing", get_route(only_missing)).with_state(auth.clone());
    let answer = get(&app, "/missing", Some(&super::adas_cookie(&auth))).await;
    assert_eq!((answer.status, lines(&answer).len()), (StatusCode::NOT_FOUND, 0));
    assert_private(&answer, "/missing");
}

#[with_api_auth_required]
async fn only_missing(_missing: Missing) {}

#[tokio::test]
async fn key_08_a_refusal_whose_session_cannot_be_written_is_withheld() {
    let clock = TestClock::at(NOW + DAY / 2);
    let working = owner(&clock).build().unwrap();
    let broken = owner(&clock).test_without_randomness().build().unwrap();
    let answer = get(&app(&broken), "/missing", Some(&cookie(&working))).await;
    let body = r#"{"error":"session_not_saved","description":"The session could not be saved"}"#;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, body));
    assert_private(&answer, "/missing");
    assert_eq!(lines(&answer), [""; 0]);
}

/// Changes the session after the handler behind it answered.
#[with_api_auth_required]
async fn afterwards(session: Session, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    session.set("afterwards", &true).unwrap();
    response
}

#[tokio::test]
async fn the_session_of_guarded_middleware_is_written_by_the_middleware_alone() {
    let auth = owner(&TestClock::at(NOW)).build().unwrap();
    let app = app(&auth).layer(from_fn_with_state(auth.clone(), afterwards));
    for (path, status) in [("/path/x", StatusCode::BAD_REQUEST), ("/missing", StatusCode::NOT_FOUND)] {
        let answer = get(&app, path, Some(&cookie(&auth))).await;
        assert_eq!(answer.status, status);
        let session = written(&auth, &answer);
        assert_eq!((&session["visited"], &session["afterwards"]), (&json!(true), &json!(true)), "{path}");
    }
}

#[with_api_auth_required]
async fn marked(user: User, response: Response) -> Response {
    ([("x-user", user.sub().into_owned())], response).into_response()
}

/// Types that a macro is given stand in a group that cannot be seen.
macro_rules! marks {
    ($user:ty, $response:ty) => {
        #[with_api_auth_required]
        async fn marked_by_macro(user: $user, response: $response) -> Response {
            ([("x-user", user.sub().into_owned())], response).into_response()
        }
    };
}

marks!(User, Response);

#[tokio::test]
async fn what_axum_hands_to_middleware_itself_is_no_extractor() {
    let auth = verifier();
    let inner = || Router::new().route("/", get_route(async || "plain"));
    for app in [
        inner().layer(map_response_with_state(auth.clone(), marked)),
        inner().layer(map_response_with_state(auth.clone(), marked_by_macro)),
    ] {
        let answer = get(&app, "/", Some(&super::adas_cookie(&auth))).await;
        assert_eq!(
            (answer.body.as_str(), &answer.headers["x-user"]),
            ("plain", &"auth0|ada".parse().unwrap())
        );
        assert_eq!(get(&app, "/", None).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[public]
async fn knows_nobody(_missing: Missing) {}

#[public]
async fn knows_who(_user: Option<User>, _missing: Missing) {}

#[tokio::test]
async fn behind_public_a_refusal_is_private_only_if_the_identity_was_asked_for() {
    let clock = TestClock::at(NOW + DAY / 2);
    let auth = owner(&clock).build().unwrap();
    let app = Router::new()
        .route("/nobody", get_route(knows_nobody))
        .route("/who", get_route(knows_who))
        .with_state(auth.clone());
    let cookie = cookie(&auth);
    let open = get(&app, "/nobody", Some(&cookie)).await;
    assert_eq!(
        (open.status, open.headers[CACHE_CONTROL].to_str().unwrap()),
        (StatusCode::NOT_FOUND, "public, max-age=600")
    );
    assert!(!open.headers.contains_key(VARY) && lines(&open).is_empty());
    for (cookie, writes) in [(None, 0), (Some(cookie.as_str()), 1)] {
        let answer = get(&app, "/who", cookie).await;
        assert_eq!((answer.status, lines(&answer).len()), (StatusCode::NOT_FOUND, writes));
        assert_private(&answer, "/who");
    }
}
