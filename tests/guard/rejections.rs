//! Refusals as a client sees them, by default and to an application's own taste.

use auth_runtime::policy::{Protection, Requirement};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, AuthBuilder, Claims, RejectionKind, Session, User};
use axum::Router;
use axum::body::Body;
use axum::response::{Html, IntoResponse};
use axum::routing::get as get_route;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, COOKIE, EXPIRES, PRAGMA, SET_COOKIE, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderValue, Request, StatusCode};
use serde_json::json;

use super::log::Log;
use super::markers::{app, cookie, handler};
use super::{Answer, NOW, SECRET, ada, adas_cookie, get, send};

const BODY: &str = r#"{"error":"not_authenticated","description":"The user does not have an active session or is not authenticated"}"#;

marker!(SignedIn, Protection::SIGNED_IN);
marker!(Admin, Protection { requirements: &[Requirement::Roles(&["admin"])], ..Protection::SIGNED_IN });
marker!(Reader, Protection { requirements: &[Requirement::Scopes(&["read:a"])], ..Protection::SIGNED_IN });
marker!(Fresh, Protection { requirements: &[Requirement::MaxAge(300)], ..Protection::SIGNED_IN });

fn builder() -> AuthBuilder {
    Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW))
}

/// An expired session: a refusal whose reason a client must not learn by itself.
fn expired() -> String {
    let mut session = ada();
    session["exp"] = json!(NOW - 3_600);
    cookie_header(&builder().build().unwrap(), &session).unwrap()
}

async fn accepting(app: &Router, accept: &str, cookie: &str) -> Answer {
    let request = Request::get("/").header(ACCEPT, accept).header(COOKIE, cookie);
    send(app, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn s_9457_1_a_problem_has_the_status_of_its_response() {
    let by_accept = builder().build().unwrap();
    let by_configuration = builder().problem_json(true).build().unwrap();
    for (auth, accept) in [(by_accept, "application/problem+json"), (by_configuration, "*/*")] {
        let ada = adas_cookie(&auth);
        let lacks_role = r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"The user lacks a role that this request needs","error":"insufficient_roles","description":"The user lacks a role that this request needs"}"#;
        let is_stale = r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The user has to sign in again, more recently or in a stronger way","error":"insufficient_user_authentication","description":"The user has to sign in again, more recently or in a stronger way"}"#;
        for (app, status, body) in
            [(app::<Admin>(&auth), 403, lacks_role), (app::<Fresh>(&auth), 401, is_stale)]
        {
            let answer = accepting(&app, accept, &ada).await;
            assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, body));
        }
    }
}

#[tokio::test]
async fn s_9457_1_nobody_gets_a_problem_unasked() {
    let auth = builder().build().unwrap();
    for accept in [
        "*/*",
        "application/json",
        "application/problem+json;q=0",
        "application/*",
        "application/problem+json; Q=0",
        "application/problem+json;q=0.5, application/json",
    ] {
        let answer = accepting(&app::<Admin>(&auth), accept, &adas_cookie(&auth)).await;
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json", "{accept}");
    }
}

#[tokio::test]
async fn s_9457_2_and_prv_02_all_causes_are_the_same_bytes_in_every_form() {
    for problem_json in [false, true] {
        let auth = builder().problem_json(problem_json).build().unwrap();
        let app = app::<SignedIn>(&auth);
        let reference = get(&app, "/", None).await;
        assert_eq!(reference.body == BODY, !problem_json);
        for cookie in
            [expired(), "__session=x".to_owned(), "__session__1=x".to_owned(), "__session=".to_owned()]
        {
            let answer = get(&app, "/", Some(&cookie)).await;
            assert_eq!(
                (answer.status, &answer.body),
                (StatusCode::UNAUTHORIZED, &reference.body),
                "{cookie}"
            );
            assert_eq!(answer.headers, reference.headers, "{cookie}");
        }
    }
}

#[tokio::test]
async fn prv_02_reasons_are_told_only_when_that_was_switched_on() {
    let (log, _listening) = Log::listen();
    let auth = builder().danger_expose_reasons(true).build().unwrap();
    let warnings = log.lines();
    assert!(warnings.iter().any(|line| line.starts_with("WARN") && line.contains("danger_expose_reasons")));
    let guarded = Router::new()
        .route("/", handler::<SignedIn>())
        .route("/user", get_route(async |user: User| user.sub().into_owned()))
        .with_state(auth.clone());
    for (cookie, reason) in
        [(None, "no_cookie"), (Some(expired()), "expired"), (Some("__session=x".to_owned()), "malformed")]
    {
        for path in ["/", "/user"] {
            let answer = get(&guarded, path, cookie.as_deref()).await;
            let expected = format!(r#"{},"reason":"{reason}"}}"#, BODY.strip_suffix('}').unwrap());
            assert_eq!(answer.body, expected, "{path}");
        }
    }
    // A refusal of somebody who is signed in has no such reason.
    let answer = get(&app::<Admin>(&auth), "/", Some(&adas_cookie(&auth))).await;
    assert!(!answer.body.contains("reason"), "{}", answer.body);

    let quiet = Log::listen();
    let off = builder().danger_expose_reasons(false).build().unwrap();
    assert_eq!(quiet.0.lines(), [""; 0]);
    assert_eq!(get(&app::<SignedIn>(&off), "/", Some(&expired())).await.body, BODY);
}

/// Every extractor that refuses, beside the guard.
fn extractors(auth: &Auth) -> Router {
    #[derive(serde::Deserialize)]
    struct Staff {
        department: String,
    }
    Router::new()
        .route("/guard", handler::<Admin>())
        .route("/fresh", handler::<Fresh>())
        .route("/user", get_route(async |user: User| user.sub().into_owned()))
        .route("/claims", get_route(async |Claims(staff): Claims<Staff>| staff.department))
        .route("/session", get_route(async |session: Session| session.user().sub().into_owned()))
        .with_state(auth.clone())
}

#[tokio::test]
async fn one_hook_answers_the_guard_and_every_extractor() {
    let auth = builder()
        .on_rejection(|rejection, request| {
            let text = format!("{} {} {}", rejection.code(), rejection.status().as_u16(), request.uri.path());
            let headers =
                [(CACHE_CONTROL, "public, max-age=60"), (EXPIRES, "0"), (PRAGMA, "x"), (VARY, "Accept")];
            (rejection.status(), headers, Html(text)).into_response()
        })
        .build()
        .unwrap();
    let app = extractors(&auth);
    let ada = adas_cookie(&auth);
    for (path, cookie, body) in [
        ("/guard", None, "not_authenticated 401 /guard"),
        ("/guard", Some(&ada), "insufficient_roles 403 /guard"),
        ("/fresh", Some(&ada), "insufficient_user_authentication 401 /fresh"),
        ("/user", None, "not_authenticated 401 /user"),
        ("/claims", None, "not_authenticated 401 /claims"),
        ("/claims", Some(&ada), "claims_mismatch 403 /claims"),
        ("/session", Some(&ada), "internal_error 500 /session"),
    ] {
        let answer = get(&app, path, cookie.map(String::as_str)).await;
        assert_eq!(answer.body, body);
        assert!(body.contains(answer.status.as_str()));
        assert_eq!(answer.headers[CONTENT_TYPE], "text/html; charset=utf-8");
        // What must not be left to taste.
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        assert!(!answer.headers.contains_key(EXPIRES) && !answer.headers.contains_key(PRAGMA));
        let vary: Vec<_> = answer.headers.get_all(VARY).iter().collect();
        assert_eq!(vary, ["Accept", "Cookie"]);
        let is_challenged = answer.headers.contains_key(WWW_AUTHENTICATE);
        assert_eq!(is_challenged, answer.status == StatusCode::UNAUTHORIZED, "{path}");
    }
    let answer = get(&app, "/fresh", Some(&ada)).await;
    let challenge = answer.headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("max_age=\"300\""), "{challenge}");
}

#[tokio::test]
async fn a_hook_may_keep_the_default_and_challenge_in_its_own_way() {
    let auth = builder()
        .on_rejection(|rejection, _| {
            let mut response = rejection.default_response();
            match rejection.kind() {
                RejectionKind::InsufficientRoles => *response.status_mut() = StatusCode::NOT_FOUND,
                RejectionKind::ClaimsMismatch => *response.status_mut() = StatusCode::UNAUTHORIZED,
                RejectionKind::InsufficientUserAuthentication => {
                    let max_age = rejection.step_up().and_then(auth_runtime::policy::StepUp::max_age);
                    let value = format!("Own max_age={}", max_age.unwrap().as_secs());
                    response.headers_mut().insert(WWW_AUTHENTICATE, value.parse().unwrap());
                }
                _ => {}
            }
            response
        })
        .build()
        .unwrap();
    let app = extractors(&auth);
    let ada = adas_cookie(&auth);
    let answer = get(&app, "/guard", None).await;
    let plain = get(&extractors(&builder().build().unwrap()), "/guard", None).await;
    assert_eq!((answer.body.as_str(), &answer.headers), (BODY, &plain.headers));
    assert_eq!(get(&app, "/guard", Some(&ada)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&app, "/fresh", Some(&ada)).await.headers[WWW_AUTHENTICATE], "Own max_age=300");
    // A 401 is challenged, whatever became one.
    let answer = get(&app, "/claims", Some(&ada)).await;
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"api\"");
}

#[tokio::test]
async fn s_6750_2_a_hook_that_keeps_the_status_keeps_the_challenge() {
    let own = builder().on_rejection(|rejection, _| (rejection.status(), "own").into_response());
    let answer =
        get(&app::<Reader>(&own.build().unwrap()), "/", Some(&adas_cookie(&builder().build().unwrap())))
            .await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, "own"));
    let expected = r#"Bearer realm="api", error="insufficient_scope", scope="read:a""#;
    assert_eq!(answer.headers[WWW_AUTHENTICATE], expected);

    let other = builder().on_rejection(|_, _| StatusCode::NOT_FOUND.into_response()).build().unwrap();
    let answer = get(&app::<Reader>(&other), "/", Some(&adas_cookie(&other))).await;
    assert!(!answer.headers.contains_key(WWW_AUTHENTICATE), "a challenge would tell that something is there");
}

#[tokio::test]
async fn a_hook_sets_no_session_cookie() {
    let ours =
        ["session=x", "session__0=x; Path=/", " session__40 =x", "appSession=", "appSession.1=x", "session"];
    let others = ["theme=dark", "sessions=x", "session__=x", "session.0=x", "a=session=x"];
    let hook = move |rejection: &auth_runtime::Rejection, _: &http::request::Parts| {
        let mut response = rejection.default_response();
        for line in ours.into_iter().chain(others) {
            response.headers_mut().append(SET_COOKIE, HeaderValue::from_static(line));
        }
        response
    };
    let (log, _listening) = Log::listen();
    let auth = builder().cookie_name("session").on_rejection(hook).build().unwrap();
    for _ in 0..3 {
        let answer = get(&app::<SignedIn>(&auth), "/", None).await;
        let kept: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(kept, others);
    }
    let warnings = log.lines().into_iter().filter(|line| line.starts_with("WARN")).collect::<Vec<_>>();
    assert!(matches!(&warnings[..], [line] if line.contains("on_rejection")), "{warnings:?}");
}

#[tokio::test]
async fn dos_03_a_session_taken_without_the_attribute_is_logged_by_its_route_and_seldom() {
    let auth = builder().build().unwrap();
    let handler = async |session: Session| session.user().sub().into_owned();
    let app = Router::new().route("/orders/{id}", get_route(handler)).with_state(auth);
    let (log, _listening) = Log::listen();
    for _ in 0..50 {
        get(&app, "/orders/secret", None).await;
    }
    let lines: Vec<_> = log.lines().into_iter().filter(|line| line.starts_with("ERROR")).collect();
    assert!((1..=10).contains(&lines.len()), "{}", lines.len());
    assert!(lines.iter().all(|line| line.contains("/orders/{id}") && !line.contains("secret")), "{lines:?}");
}

#[tokio::test]
async fn a_rejection_that_a_handler_takes_goes_through_the_hook_when_it_is_sent() {
    let auth =
        builder().on_rejection(|rejection, _| (rejection.status(), "own").into_response()).build().unwrap();
    let handler = async |user: Result<User, auth_runtime::Rejection>| match user {
        Ok(user) => user.sub().into_owned().into_response(),
        Err(rejection) => {
            assert_eq!(format!("{rejection:?}"), "Rejection(\"not_authenticated\")");
            rejection.into_response()
        }
    };
    let app = Router::new().route("/", get_route(handler)).with_state(auth);
    let answer = get(&app, "/", None).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::UNAUTHORIZED, "own"));
    assert!(answer.headers.contains_key(WWW_AUTHENTICATE));
}

#[tokio::test]
async fn the_wrong_claims_and_a_refused_right_say_nothing_of_the_user() {
    let auth = builder().build().unwrap();
    let cookie = cookie(&auth, json!({ "department": 7, "roles": ["spy"] }), json!({ "scope": "hidden" }));
    for path in ["/guard", "/claims", "/fresh"] {
        let answer = get(&extractors(&auth), path, Some(&cookie)).await;
        let headers = format!("{:?}", answer.headers);
        for value in ["spy", "hidden", "ada", "department"] {
            assert!(!answer.body.contains(value) && !headers.contains(value), "{path}: {}", answer.body);
        }
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
}
