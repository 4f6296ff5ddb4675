//! Extractors that give the caller's identity, in handlers without the attribute: who is given one, and what becomes of
//! the answer.

use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{
    Auth, Claims, NoStore, Rejection, Session, User, public, routing, with_api_auth_required,
};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get as get_route};
use http::header::{CACHE_CONTROL, COOKIE, ORIGIN, SET_COOKIE, UPGRADE, VARY};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::log::Log;
use super::{Answer, NOW, SECRET, ada, adas_cookie, get, send};

const BASE: &str = "https://app.example.com";
const DAY: i64 = 86_400;

fn auth() -> Auth {
    Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).base_url(BASE).build().unwrap()
}

fn owner(clock: &TestClock) -> Auth {
    Auth::builder()
        .test_clock(clock)
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url(BASE)
        .build()
        .unwrap()
}

#[with_api_auth_required]
async fn guarded(_user: User) -> &'static str {
    "reached"
}

async fn user(_user: User) -> &'static str {
    "reached"
}

async fn maybe_user(_user: Option<User>) -> &'static str {
    "reached"
}

async fn claims(_claims: Claims<Value>) -> &'static str {
    "reached"
}

async fn after_another(_path: Path<String>, _user: Option<User>, _again: User) -> &'static str {
    "reached"
}

#[public]
async fn public_user(_user: User) -> &'static str {
    "reached"
}

#[public]
async fn public_maybe_user(_user: Option<User>) -> &'static str {
    "reached"
}

#[public]
async fn public_claims(_claims: Claims<Value>) -> &'static str {
    "reached"
}

#[public]
async fn public_session(_session: Session) -> &'static str {
    "reached"
}

#[public]
async fn public_maybe_session(_session: Option<Session>) -> &'static str {
    "reached"
}

#[public]
#[tracing::instrument(skip_all)]
async fn public_instrumented(_path: Path<String>, _user: Option<User>) -> &'static str {
    "reached"
}

/// Every handler that is given an identity, by path.
fn handlers() -> Vec<(&'static str, MethodRouter<Auth>)> {
    vec![
        ("/user", any(user)),
        ("/maybe-user", any(maybe_user)),
        ("/claims", any(claims)),
        ("/after/x", any(after_another)),
        ("/public-user", any(public_user)),
        ("/public-maybe-user", any(public_maybe_user)),
        ("/public-claims", any(public_claims)),
        ("/public-session", any(public_session)),
        ("/public-maybe-session", any(public_maybe_session)),
        ("/public-instrumented/x", any(public_instrumented)),
    ]
}

fn app(auth: &Auth) -> (Router, Vec<&'static str>) {
    let handlers = handlers();
    let paths = handlers.iter().map(|(path, _)| *path).collect();
    let app =
        handlers.into_iter().fold(Router::new().route("/guarded", any(guarded)), |app, (path, handler)| {
            app.route(&path.replace("/x", "/{x}"), handler)
        });
    (app.with_state(auth.clone()), paths)
}

async fn ask(app: &Router, method: &Method, path: &str, cookie: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = http::Request::builder().method(method).uri(path).header(COOKIE, cookie);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

const FOREIGN: &[&[(&str, &str)]] = &[
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site"), ("origin", "https://evil.example.com")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("sec-fetch-site", "none")],
    &[],
];

#[tokio::test]
async fn csr_01_nobody_is_given_an_identity_that_another_site_uses() {
    let auth = auth();
    let cookie = adas_cookie(&auth);
    let (app, paths) = app(&auth);
    for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for headers in FOREIGN {
            let reference = ask(&app, &method, "/guarded", &cookie, headers).await;
            assert_eq!(reference.status, StatusCode::FORBIDDEN);
            assert!(reference.body.contains("cross_site_request"));
            for path in &paths {
                let answer = ask(&app, &method, path, &cookie, headers).await;
                assert_eq!(
                    (answer.status, &answer.body, &answer.headers),
                    (reference.status, &reference.body, &reference.headers),
                    "{method} {path} {headers:?}"
                );
            }
        }
        for path in &paths {
            let own = [("sec-fetch-site", "same-origin"), (ORIGIN.as_str(), BASE)];
            let answer = ask(&app, &method, path, &cookie, &own).await;
            // The answer to a CONNECT has no body.
            let is_reached =
                answer.body == "reached" || (method == Method::CONNECT && answer.body.is_empty());
            assert!(is_reached && answer.status == StatusCode::OK, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn csr_12_a_web_socket_of_another_site_is_given_no_identity() {
    let auth = auth();
    let cookie = adas_cookie(&auth);
    let (app, paths) = app(&auth);
    for path in &paths {
        for headers in FOREIGN {
            let mut headers = headers.to_vec();
            headers.extend([(UPGRADE.as_str(), "websocket"), ("connection", "Upgrade")]);
            let answer = ask(&app, &Method::GET, path, &cookie, &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
        let own = [(ORIGIN.as_str(), BASE), (UPGRADE.as_str(), "websocket")];
        assert_eq!(ask(&app, &Method::GET, path, &cookie, &own).await.body, "reached", "{path}");
    }
}

#[tokio::test]
async fn csr_01_safe_methods_and_callers_without_a_session_need_no_proof() {
    let auth = auth();
    let cookie = adas_cookie(&auth);
    let (app, paths) = app(&auth);
    for path in &paths {
        let foreign = [("sec-fetch-site", "cross-site")];
        assert_eq!(ask(&app, &Method::GET, path, &cookie, &foreign).await.body, "reached", "{path}");
        let stranger = ask(&app, &Method::POST, path, "__session=x", &foreign).await;
        let expected = if path.contains("maybe") || path.contains("instrumented") {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(stranger.status, expected, "{path}");
    }
}

/// A handler that looks at the refusal, and tries again.
async fn insists(first: Result<User, Rejection>, second: Result<Option<User>, Rejection>) -> StatusCode {
    match (first, second) {
        (Err(first), Err(second)) if first.kind() == second.kind() => first.status(),
        _ => StatusCode::OK,
    }
}

#[tokio::test]
async fn csr_01_a_second_question_is_refused_like_the_first() {
    let auth = auth();
    let app = Router::new().route("/", any(insists)).with_state(auth.clone());
    let answer = ask(&app, &Method::POST, "/", &adas_cookie(&auth), FOREIGN[0]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

async fn overridden(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.method = Method::DELETE;
    next.run(Request::from_parts(parts, body)).await
}

async fn looks(_user: Option<User>, request: Request, next: Next) -> Response {
    next.run(request).await
}

#[with_api_auth_required(optional)]
async fn guards(request: Request, next: Next) -> Response {
    next.run(request).await
}

/// Middleware that lets a form say which method it means, between an extractor that saw a GET and a handler.
#[tokio::test]
async fn csr_01_a_method_that_changes_on_the_way_is_judged_again() {
    let auth = auth();
    let cookie = adas_cookie(&auth);
    let inner = || {
        let (app, paths) = app(&auth);
        (app.layer(axum::middleware::from_fn(overridden)), paths)
    };
    let (app, paths) = inner();
    let apps = [
        app.layer(from_fn_with_state(auth.clone(), looks)),
        inner().0.layer(from_fn_with_state(auth.clone(), guards)),
    ];
    for app in apps {
        for path in paths.iter().chain(&["/guarded"]) {
            let answer = ask(&app, &Method::GET, path, &cookie, FOREIGN[0]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            let own = [("sec-fetch-site", "same-origin")];
            assert_eq!(ask(&app, &Method::GET, path, &cookie, &own).await.body, "reached", "{path}");
        }
    }
}

/// A bad cookie is a line in the log for each time that it is read.
#[tokio::test]
async fn a_request_is_authenticated_once() {
    for (second, outside) in [(11, false), (12, true)] {
        let clock = TestClock::at(NOW + second);
        let auth = Auth::builder().secret(SECRET).test_clock(&clock).build().unwrap();
        let handler = async |_: Option<User>, _: Option<User>, _: Result<Claims<Value>, Rejection>| "ok";
        let mut app = Router::new().route("/", get_route(handler)).with_state(auth.clone());
        if outside {
            app = Router::new()
                .route("/", get_route(optional))
                .with_state(auth.clone())
                .layer(from_fn_with_state(auth, guards));
        }
        let (log, _listening) = Log::listen();
        assert_eq!(get(&app, "/", Some("__session=garbage")).await.status, StatusCode::OK);
        let lines = log.lines();
        assert!(matches!(&lines[..], [line] if line.contains("malformed")), "{lines:?}");
    }
}

#[with_api_auth_required(optional)]
async fn optional(_user: Option<User>) {}

fn cookies(answer: &Answer) -> usize {
    answer.headers.get_all(SET_COOKIE).iter().count()
}

/// The cookie of a session that half its time is over of, and the `Auth` of its owner.
fn due() -> (Auth, String) {
    let clock = TestClock::at(NOW + DAY / 2);
    let auth = owner(&clock);
    let mut session = ada();
    session["internal"] = json!({ "sid": "s", "createdAt": NOW });
    session["exp"] = json!(NOW + DAY);
    let cookie = cookie_header(&auth, &session).unwrap();
    (auth, cookie)
}

#[tokio::test]
async fn cch_01_a_public_handler_that_asks_who_is_there_answers_as_one_with_optional() {
    let (auth, cookie) = due();
    let (app, paths) = app(&auth);
    let app = app.merge(Router::new().route("/optional", any(optional)).with_state(auth));
    for cookie in [cookie.as_str(), "__session=garbage", ""] {
        let reference = ask(&app, &Method::GET, "/optional", cookie, &[]).await;
        assert_eq!(reference.headers[CACHE_CONTROL], "private, no-store");
        for path in paths.iter().filter(|path| path.contains("public")) {
            let answer = ask(&app, &Method::GET, path, cookie, &[]).await;
            assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{path} {cookie}");
            assert_eq!(answer.headers[VARY], "Cookie", "{path}");
            assert_eq!(cookies(&answer), cookies(&reference), "{path}");
        }
    }
}

#[public]
async fn knows_nobody(Path(name): Path<String>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "public, max-age=600"), (SET_COOKIE, "theme=dark")], name)
}

#[public]
async fn signs_out(session: Option<Session>) -> impl IntoResponse {
    let is_over = session.is_some_and(|session| session.sign_out().is_ok());
    (
        [(CACHE_CONTROL, "public, max-age=600"), ("x-accel-expires".parse().unwrap(), "600")],
        is_over.to_string(),
    )
}

#[tokio::test]
async fn a_public_handler_that_asks_for_nobody_is_left_alone() {
    let (auth, cookie) = due();
    let app = Router::new().route("/{name}", get_route(knows_nobody)).with_state(auth);
    let answer = get(&app, "/ada", Some(&cookie)).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "ada"));
    assert_eq!(answer.headers[CACHE_CONTROL], "public, max-age=600");
    assert_eq!(answer.headers[SET_COOKIE], "theme=dark");
    assert!(!answer.headers.contains_key(VARY));
}

#[tokio::test]
async fn a_public_handler_may_change_the_session() {
    let (auth, cookie) = due();
    let app = Router::new().route("/", any(signs_out)).with_state(auth);
    let answer = ask(&app, &Method::POST, "/", &cookie, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "true"));
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert!(!answer.headers.contains_key("x-accel-expires"));
    let line = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__session=;") && line.contains("Max-Age=0"), "{line}");
    assert_eq!(get(&app, "/", None).await.body, "false");
}

async fn greets(user: Option<User>) -> impl IntoResponse {
    let name = user.map_or_else(|| "stranger".to_owned(), |user| user.sub().into_owned());
    ([(CACHE_CONTROL, "public, max-age=600"), ("edge-control".parse().unwrap(), "max-age=600")], name)
}

async fn static_page() -> impl IntoResponse {
    ([(CACHE_CONTROL, "public, max-age=600")], "static")
}

fn plain(auth: &Auth) -> Router {
    Router::new()
        .route("/greets", get_route(greets))
        .route("/static", get_route(static_page))
        .route("/session", get_route(async |session: Session| session.user().sub().into_owned()))
        .with_state(auth.clone())
}

#[tokio::test]
async fn cch_01_behind_the_layer_an_answer_that_depends_on_the_caller_is_private() {
    let (auth, cookie) = due();
    let unchecked = routing::Router::new().merge_unchecked(plain(&auth));
    for app in [plain(&auth).layer(NoStore), Router::from(unchecked)] {
        for (cookie, body) in [(None, "stranger"), (Some(cookie.as_str()), "auth0|ada")] {
            let answer = get(&app, "/greets", cookie).await;
            assert_eq!(answer.body, body);
            assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
            assert_eq!(answer.headers[VARY], "Cookie");
            assert!(!answer.headers.contains_key("edge-control") && cookies(&answer) == 0);
            let answer = get(&app, "/static", cookie).await;
            assert_eq!(answer.headers[CACHE_CONTROL], "public, max-age=600");
            assert!(!answer.headers.contains_key(VARY));
            // The layer writes no session back.
            assert_eq!(get(&app, "/session", cookie).await.status, StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}

#[with_api_auth_required(cache = "private, max-age=60")]
async fn cached(_user: User) {}

#[tokio::test]
async fn the_layer_leaves_what_the_attribute_says() {
    let auth = auth();
    let app = Router::new().route("/", get_route(cached)).layer(NoStore).with_state(auth.clone());
    let answer = get(&app, "/", Some(&adas_cookie(&auth))).await;
    assert_eq!(answer.headers[CACHE_CONTROL], "private, max-age=60");
}
