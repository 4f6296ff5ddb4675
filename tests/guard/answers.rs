//! What a client sees: one 401 for every cause, and no answer that a cache may keep.

use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, Claims, Session, User, with_api_auth_required};
use axum::Router;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get as get_route;
use http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, ETAG, EXPIRES, IF_NONE_MATCH, RANGE,
    SET_COOKIE, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};

use super::{Answer, NOW, SECRET, ada, adas_cookie, get, send, verifier};

const BODY: &str = r#"{"error":"not_authenticated","description":"The user does not have an active session or is not authenticated"}"#;

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn cacheable() -> impl IntoResponse {
    ([(CACHE_CONTROL, "public, max-age=3600"), (VARY, "Accept-Encoding")], "for Ada's eyes")
}

#[with_api_auth_required]
async fn not_modified() -> StatusCode {
    StatusCode::NOT_MODIFIED
}

#[with_api_auth_required]
async fn moved() -> Redirect {
    Redirect::to("/elsewhere")
}

/// Ada's document, as a server of files answers: whole, in part, or that the browser's copy is still good.
#[with_api_auth_required]
async fn document(headers: HeaderMap) -> impl IntoResponse {
    let (status, body) = if headers.get(IF_NONE_MATCH).is_some_and(|tag| tag == "\"ada-1\"") {
        (StatusCode::NOT_MODIFIED, "")
    } else if headers.contains_key(RANGE) {
        (StatusCode::PARTIAL_CONTENT, "for")
    } else {
        (StatusCode::OK, "for Ada's eyes")
    };
    (status, [(ETAG, "\"ada-1\""), (CACHE_CONTROL, "public, max-age=3600"), (EXPIRES, "0")], body)
}

#[derive(serde::Deserialize)]
struct Staff {
    department: String,
}

#[with_api_auth_required]
async fn department(Claims(staff): Claims<Staff>) -> String {
    staff.department
}

async fn unprotected(session: Session) -> String {
    session.user().sub().into_owned()
}

async fn greeting(user: Option<User>) -> String {
    user.map_or_else(|| "hello, stranger".to_owned(), |user| format!("hello, {}", user.sub()))
}

fn app(auth: Auth) -> Router {
    Router::new()
        .route("/me", get_route(me))
        .route("/profile.css", get_route(me))
        .route("/cacheable", get_route(cacheable))
        .route("/not-modified", get_route(not_modified))
        .route("/moved", get_route(moved))
        .route("/document", get_route(document))
        .route("/catch-all/{*rest}", get_route(document))
        .route("/department", get_route(department))
        .route("/unprotected", get_route(unprotected))
        .route("/greeting", get_route(greeting))
        .with_state(auth)
}

/// The ways not to be signed in, one per cause.
fn causes() -> Vec<(&'static str, Option<String>)> {
    let auth = verifier();
    let good = adas_cookie(&auth);
    let made = |session: Value| Some(cookie_header(&auth, &session).unwrap());
    let other = Auth::builder().secret("71d5e0c93a8f46b2b90e6c7fd1482a35").build().unwrap();
    let internal = |more: Value| {
        let mut session = ada();
        session["internal"] = json!({ "createdAt": NOW });
        session["internal"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        session
    };
    vec![
        ("no cookie", None),
        ("another cookie", Some("theme=dark".into())),
        ("empty", Some("__session=".into())),
        ("garbage", Some("__session=garbage".into())),
        ("a flag", Some("__session".into())),
        ("four parts", Some(good.rsplit_once('.').unwrap().0.to_owned())),
        ("changed", Some(good.replace("..", "..A"))),
        ("cut", Some(good[..good.len() - 1].to_owned())),
        ("another secret", Some(adas_cookie(&other))),
        ("a gap", Some(good.replace("__session", "__session__1"))),
        ("far too many", Some("__session__99999=x".into())),
        ("too large", Some(format!("__session={}", "A".repeat(112_001)))),
        ("expired", made(json!({ "user": { "sub": "u" }, "exp": NOW - 15 }))),
        ("not yet valid", made(json!({ "user": { "sub": "u" }, "nbf": NOW + 16 }))),
        ("created in the future", made(internal(json!({ "createdAt": NOW + 3_600 })))),
        ("ceiling", made(internal(json!({ "sessionExpiresAt": NOW + 30 })))),
        ("v3, switched off", Some(good.replace("__session", "appSession"))),
        ("broken encoding", Some("__session=%zz".into())),
        ("not ASCII", Some("__session=\u{e4}".into())),
    ]
}

#[tokio::test]
async fn key_12_prv_02_and_prv_05_every_cause_gives_the_same_bytes() {
    let app = app(verifier());
    let reference = get(&app, "/me", None).await;
    for (cause, cookie) in causes() {
        let mut request = Request::get("/me");
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, HeaderValue::from_bytes(cookie.as_bytes()).unwrap());
        }
        let answer = send(&app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cause}");
        assert_eq!(answer.body, BODY, "{cause}");
        assert_eq!(answer.headers, reference.headers, "{cause}");
    }
}

#[tokio::test]
async fn s_6750_1_the_401_names_the_scheme_and_no_error() {
    let answer = get(&app(verifier()), "/me", None).await;
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"api\"");
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(answer.headers[VARY], "Cookie");
    let auth = Auth::builder().secret(SECRET).realm("orders").build().unwrap();
    let answer = get(&app(auth), "/me", None).await;
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"orders\"");
}

#[tokio::test]
async fn grd_05_and_dos_06_an_api_never_redirects_to_sign_in_and_a_refusal_writes_no_cookie() {
    for (cause, cookie) in causes() {
        let request = Request::get("/me").header(ACCEPT, "text/html");
        let request = match &cookie {
            Some(cookie) => request.header(COOKIE, HeaderValue::from_bytes(cookie.as_bytes()).unwrap()),
            None => request,
        };
        let answer = send(&app(verifier()), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cause}");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{cause}");
        assert!(!answer.headers.contains_key("location"), "{cause}");
    }
}

#[tokio::test]
async fn s_9457_1_problem_json_has_the_same_members() {
    let request = Request::get("/me").header(ACCEPT, "application/problem+json").body(Body::empty()).unwrap();
    let answer = send(&app(verifier()), request).await;
    assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
    let expected = r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The user does not have an active session or is not authenticated","error":"not_authenticated","description":"The user does not have an active session or is not authenticated"}"#;
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn grd_02_and_s_6750_3_a_session_anywhere_but_in_its_cookie_is_none() {
    let auth = verifier();
    let value = adas_cookie(&auth).split_once('=').unwrap().1.to_owned();
    let app = app(auth);
    for (header, value) in [
        (AUTHORIZATION.as_str(), format!("Bearer {value}")),
        ("x-session", value.clone()),
        ("__session", value.clone()),
        ("set-cookie", format!("__session={value}")),
    ] {
        let request = Request::get("/me").header(header, value).body(Body::empty()).unwrap();
        assert_eq!(send(&app, request).await.status, StatusCode::UNAUTHORIZED, "{header}");
    }
    let path = format!("/me?__session={value}&access_token={value}");
    assert_eq!(get(&app, &path, None).await.status, StatusCode::UNAUTHORIZED);
    let body = Request::get("/me").body(Body::from(format!("__session={value}"))).unwrap();
    assert_eq!(send(&app, body).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn cch_01_cch_04_and_cch_05_no_protected_answer_may_be_cached() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    let app = app(auth);
    for path in ["/me", "/profile.css", "/cacheable", "/not-modified", "/moved"] {
        let answer = get(&app, path, Some(&cookie)).await;
        assert!(!answer.status.is_client_error(), "{path}: {}", answer.status);
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{path}");
        assert!(answer.headers.get_all(VARY).iter().any(|value| value == "Cookie"), "{path}");
    }
    let head = Request::head("/me").header(COOKIE, &cookie).body(Body::empty()).unwrap();
    assert_eq!(send(&app, head).await.headers[CACHE_CONTROL], "private, no-store");
}

/// A path that looks like a file's makes some caches keep what is behind it.
#[tokio::test]
async fn cch_04_a_path_that_looks_like_a_file_is_answered_like_every_other() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    let app = app(auth);
    for path in
        ["profile.css", "me;.js", "me%00.png", "me%2F..%2Fstyle.css", "me%0A.ico", "me.js?v=1", "me/.css"]
    {
        let answer = get(&app, &format!("/catch-all/{path}"), Some(&cookie)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "for Ada's eyes"), "{path}");
        assert_private(&answer, path);
        let refused = get(&app, &format!("/catch-all/{path}"), None).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_private(&refused, path);
        let beside = get(&app, &format!("/me{}", path.trim_start_matches("me")), Some(&cookie)).await;
        assert_ne!(beside.body, "auth0|ada", "{path}");
    }
}

#[tokio::test]
async fn cch_05_a_part_and_a_confirmation_are_as_private_as_the_whole() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    let app = app(auth);
    for (method, header, value, expected) in [
        ("GET", "accept", "*/*", StatusCode::OK),
        ("HEAD", "accept", "*/*", StatusCode::OK),
        ("GET", "if-none-match", "\"ada-1\"", StatusCode::NOT_MODIFIED),
        ("HEAD", "if-none-match", "\"ada-1\"", StatusCode::NOT_MODIFIED),
        ("GET", "range", "bytes=0-2", StatusCode::PARTIAL_CONTENT),
    ] {
        let request = || Request::builder().method(method).uri("/document").header(header, value);
        let answer = send(&app, request().header(COOKIE, &cookie).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, &answer.headers[ETAG]), (expected, &"\"ada-1\"".parse().unwrap()));
        assert_private(&answer, value);
        assert!(!answer.headers.contains_key(EXPIRES), "{method} {header}");
        // Who is not signed in learns nothing of the copy, not even that it is good.
        let refused = send(&app, request().body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(!refused.headers.contains_key(ETAG));
        assert_private(&refused, value);
    }
}

fn assert_private(answer: &Answer, of: &str) {
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{of}");
    assert!(answer.headers.get_all(VARY).iter().any(|value| value == "Cookie"), "{of}");
}

#[tokio::test]
async fn claims_that_do_not_fit_are_403_without_a_word_of_them() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    let answer = get(&app(auth.clone()), "/department", Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.body.contains("claims_mismatch") && !answer.body.contains("department"),
        "{}",
        answer.body
    );

    let staff = json!({ "user": { "sub": "u", "department": "engines" } });
    let cookie = cookie_header(&auth, &staff).unwrap();
    assert_eq!(get(&app(auth), "/department", Some(&cookie)).await.body, "engines");
}

#[tokio::test]
async fn a_handler_that_takes_the_session_without_the_attribute_is_a_mistake_of_the_service() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    let answer = get(&app(auth), "/unprotected", Some(&cookie)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("internal_error"), "{}", answer.body);
}

#[tokio::test]
async fn an_unprotected_handler_may_look_who_is_there() {
    let auth = verifier();
    let cookie = adas_cookie(&auth);
    assert_eq!(get(&app(auth.clone()), "/greeting", Some(&cookie)).await.body, "hello, auth0|ada");
    assert_eq!(get(&app(auth), "/greeting", Some("__session=x")).await.body, "hello, stranger");
}

#[tokio::test]
async fn a_session_is_over_when_the_clock_says_so() {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder().secret(SECRET).test_clock(&clock).build().unwrap();
    let cookie = adas_cookie(&auth);
    let app = app(auth);
    for (later, expected) in [(3_600 + 14, StatusCode::OK), (3_600 + 15, StatusCode::UNAUTHORIZED)] {
        clock.set(NOW + later);
        assert_eq!(get(&app, "/me", Some(&cookie)).await.status, expected, "{later}");
    }
}
