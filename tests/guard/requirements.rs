//! Rights and policies: judged before any other extractor, each with an answer of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::__private::{Guard, Guarded, Requirements};
use auth_runtime::policy::{
    ClaimSource, ClaimSources, ClaimValue, Decided, Decision, Loads, Policy, Protection, Requirement,
};
use auth_runtime::testing::TestClock;
use auth_runtime::{Auth, Session};
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, Path};
use axum::routing::post;
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::log::Log;
use super::markers::{REACHED, app, cookie, jwt};
use super::{Answer, NOW, SECRET, adas_cookie, get, send, verifier};

const fn all_of(requirements: &'static [Requirement]) -> Protection {
    Protection { requirements, ..Protection::SIGNED_IN }
}

marker!(Reader, all_of(&[Requirement::Scopes(&["read:a", "write:a"])]));
marker!(Permitted, all_of(&[Requirement::Permissions(&["a"])]));
marker!(Admin, all_of(&[Requirement::Roles(&["admin"])]));
marker!(Verified, all_of(&[Requirement::Claim("email_verified", ClaimValue::Bool(true))]));
marker!(Member, all_of(&[Requirement::Org(&["org_1", "org_2"])]));
marker!(NotBanned, all_of(&[Requirement::Not(&Requirement::Roles(&["banned"]))]));
marker!(Nobody, all_of(&[Requirement::Any(&[])]));

fn error(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 2, "{}", answer.body);
    assert!(body["description"].as_str().is_some_and(|text| !text.is_empty()));
    body["error"].as_str().unwrap().to_owned()
}

/// Sends two sessions, of which one lacks what `R` demands.
async fn check<R: Requirements<Policies = ()>>(enough: (Value, Value), lacking: (Value, Value), code: &str) {
    let auth = verifier();
    let app = app::<R>(&auth);
    let answer = get(&app, "/", Some(&cookie(&auth, enough.0, enough.1))).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, REACHED), "{code}");
    let answer = get(&app, "/", Some(&cookie(&auth, lacking.0, lacking.1))).await;
    assert_eq!((answer.status, error(&answer).as_str()), (StatusCode::FORBIDDEN, code));
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(answer.headers[VARY], "Cookie");
    assert!(!answer.headers.contains_key(SET_COOKIE));
    // Whoever is not signed in learns nothing of the requirements.
    let answer = get(&app, "/", None).await;
    assert_eq!((answer.status, error(&answer).as_str()), (StatusCode::UNAUTHORIZED, "not_authenticated"));
}

#[tokio::test]
async fn grd_06_a_scope_that_only_looks_alike_is_403() {
    let with = |scope: &str| (json!({}), json!({ "scope": scope }));
    for scope in ["read:a", "read:a write:ab", "read:a\twrite:a", "read:a\u{2003}write:a", ""] {
        check::<Reader>(with("write:a read:a read:a"), with(scope), "insufficient_scope").await;
    }
}

#[tokio::test]
async fn grd_07_rights_that_are_no_array_of_strings_are_403() {
    let none = json!({});
    for bad in
        [json!("admin"), json!([["admin"]]), json!(null), json!(["admin", 1]), json!({ "admin": true })]
    {
        let roles = |roles: Value| (json!({ "roles": roles }), none.clone());
        check::<Admin>(roles(json!(["admin"])), roles(bad.clone()), "insufficient_roles").await;
        let permissions = |permissions: Value| (json!({ "permissions": permissions }), none.clone());
        check::<Permitted>(permissions(json!(["a"])), permissions(bad), "insufficient_permissions").await;
    }
    let unsaid = (none.clone(), none.clone());
    check::<Admin>((json!({ "roles": ["admin"] }), none.clone()), unsaid.clone(), "insufficient_roles").await;
    check::<NotBanned>((json!({ "roles": [] }), none), unsaid, "access_denied").await;
}

#[tokio::test]
async fn each_requirement_has_an_answer_of_its_own() {
    let none = || json!({});
    let claim = |value: Value| (json!({ "email_verified": value }), none());
    check::<Verified>(claim(json!(true)), claim(json!("true")), "insufficient_claims").await;
    let org = |org: &str| (json!({ "org_id": org }), none());
    check::<Member>(org("org_2"), org("org_3"), "insufficient_organization").await;
    check::<Member>(org("org_1"), (none(), none()), "insufficient_organization").await;
    let auth = verifier();
    let answer = get(&app::<Nobody>(&auth), "/", Some(&adas_cookie(&auth))).await;
    assert_eq!(error(&answer), "access_denied");
}

#[tokio::test]
async fn s_6750_2_a_lacking_scope_is_challenged_with_the_scopes_that_are_needed() {
    let auth =
        Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).realm("orders").build().unwrap();
    let answer = get(&app::<Reader>(&auth), "/", Some(&adas_cookie(&auth))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let expected = r#"Bearer realm="orders", error="insufficient_scope", scope="read:a write:a""#;
    assert_eq!(answer.headers[WWW_AUTHENTICATE], expected);
    let answer = get(&app::<Admin>(&auth), "/", Some(&adas_cookie(&auth))).await;
    assert!(!answer.headers.contains_key(WWW_AUTHENTICATE));
}

#[tokio::test]
async fn rights_come_from_where_they_were_configured() {
    let sources = ClaimSources::default().with_roles("ignored", [ClaimSource::IdToken]);
    let auth = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW));
    let auth = auth.claim_sources(sources).roles_claim("https://example.com/roles").build().unwrap();
    let claims = json!({ "https://example.com/roles": ["admin"] });
    let in_token = cookie(&auth, json!({}), json!({ "idToken": jwt(&claims) }));
    assert_eq!(get(&app::<Admin>(&auth), "/", Some(&in_token)).await.status, StatusCode::OK);
    let in_user = cookie(&auth, claims, json!({}));
    assert_eq!(get(&app::<Admin>(&auth), "/", Some(&in_user)).await.status, StatusCode::FORBIDDEN);
}

async fn create(guard: Guard<Admin>, Path(_): Path<u8>, Json(_): Json<Value>) -> Guarded<&'static str> {
    guard.finish(REACHED).await
}

#[tokio::test]
async fn m6_and_m7_a_lacking_right_is_403_before_path_and_body_are_read() {
    let auth = verifier();
    let app: Router = Router::new().route("/{id}", post(create)).with_state(auth.clone());
    let request = |cookie: &str, body: Body| {
        let request = super::post("/not-a-number").header(CONTENT_TYPE, "application/json");
        request.header(COOKIE, cookie).body(body).unwrap()
    };
    let read = Arc::new(AtomicUsize::new(0));
    let body = Body::new(super::order::Counted { remaining: 1 << 30, read: Arc::clone(&read) });
    let answer = send(&app, request(&adas_cookie(&auth), body)).await;
    assert_eq!((answer.status, error(&answer).as_str()), (StatusCode::FORBIDDEN, "insufficient_roles"));
    assert_eq!(read.load(Ordering::SeqCst), 0);
    let admin = cookie(&auth, json!({ "roles": ["admin"] }), json!({}));
    assert_eq!(send(&app, request(&admin, Body::from("{"))).await.status, StatusCode::BAD_REQUEST);
}

async fn twice(outer: Guard<Reader>, inner: Guard<Admin>) -> Guarded<Guarded<&'static str>> {
    let answer = inner.finish(REACHED).await;
    outer.finish(answer).await
}

#[tokio::test]
async fn m14_of_two_guards_each_judges_by_its_own_requirements() {
    let auth = verifier();
    let app: Router = Router::new().route("/", axum::routing::get(twice)).with_state(auth.clone());
    for (roles, scope, expected) in [
        (json!(["admin"]), "read:a write:a", Ok(())),
        (json!(["admin"]), "read:a", Err("insufficient_scope")),
        (json!([]), "read:a write:a", Err("insufficient_roles")),
    ] {
        let cookie = cookie(&auth, json!({ "roles": roles }), json!({ "scope": scope }));
        let answer = get(&app, "/", Some(&cookie)).await;
        match expected {
            Ok(()) => assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, REACHED)),
            Err(code) => assert_eq!(error(&answer), code),
        }
    }
}

/// Decides by what the request's `x-decisions` says at its `PLACE`, and counts how often it was asked.
struct ByHeader<const PLACE: usize>;

static ASKED: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

fn asked() -> [usize; 2] {
    [ASKED[0].load(Ordering::SeqCst), ASKED[1].load(Ordering::SeqCst)]
}

#[derive(Debug)]
struct Unreachable(std::io::Error);

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the directory does not answer")
    }
}

impl std::error::Error for Unreachable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl<const PLACE: usize> Loads for ByHeader<PLACE> {
    type Value = ();
}

impl<S: Sync, const PLACE: usize> Policy<S> for ByHeader<PLACE> {
    async fn decide(session: &Session, request: &mut Parts, _: &S) -> Decided {
        ASKED[PLACE].fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        assert_eq!(session.user().sub(), "auth0|ada");
        let decisions = request.headers["x-decisions"].to_str().unwrap();
        match decisions.split(' ').nth(PLACE) {
            Some("allow") => Ok(Decision::Allow(())),
            Some("deny") => Ok(Decision::Deny),
            _ => Err(Unreachable(std::io::Error::other("10.0.0.7 timed out")).into()),
        }
    }
}

marker!(ByBoth, all_of(&[Requirement::Roles(&["admin"])]), (ByHeader<0>, (ByHeader<1>, ())));

async fn decided(decisions: &str, user: Value) -> Answer {
    let auth = verifier();
    let request = Request::get("/").header(COOKIE, cookie(&auth, user, json!({})));
    let request = request.header("x-decisions", decisions).body(Body::empty()).unwrap();
    send(&app::<ByBoth>(&auth), request).await
}

#[tokio::test]
async fn policies_decide_after_the_rights_each_until_one_does_not_allow() {
    let (log, _listening) = Log::listen();
    let admin = || json!({ "roles": ["admin"] });
    assert_eq!(decided("allow allow", admin()).await.body, REACHED);
    assert_eq!(asked(), [1, 1]);
    let answer = decided("allow deny", admin()).await;
    assert_eq!((answer.status, error(&answer).as_str()), (StatusCode::FORBIDDEN, "access_denied"));
    assert_eq!(asked(), [2, 2]);
    assert_eq!(error(&decided("deny allow", admin()).await), "access_denied");
    assert_eq!(asked(), [3, 2]);
    assert_eq!(error(&decided("allow allow", json!({})).await), "insufficient_roles");
    assert_eq!(asked(), [3, 2]);
    assert!(!log.lines().iter().any(|line| line.starts_with("ERROR")), "{:?}", log.lines());

    // What one could not decide is not let through, and only the operator is told why.
    for (decisions, times) in [("fail allow", [4, 2]), ("allow fail", [5, 3])] {
        let answer = decided(decisions, admin()).await;
        assert_eq!(
            (answer.status, error(&answer).as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "policy_unavailable")
        );
        assert_eq!(asked(), times);
        assert!(!answer.body.contains("directory") && !answer.body.contains("10.0.0.7"));
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    }
    let lines = log.lines();
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|line| line.contains("the directory does not answer: 10.0.0.7 timed out")));
    // Each line names the policy.
    assert!(errors[0].contains("ByHeader<0>") && errors[1].contains("ByHeader<1>"), "{errors:?}");
}

#[tokio::test]
async fn a_refusal_is_one_debug_line_without_a_value_of_the_users() {
    let auth = verifier();
    let (log, _listening) = Log::listen();
    let cookie = cookie(&auth, json!({ "roles": ["secretary"] }), json!({ "scope": "hidden" }));
    get(&app::<Admin>(&auth), "/", Some(&cookie)).await;
    let lines = log.lines();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.starts_with("DEBUG auth_runtime::refusal"), "{line}");
    assert!(line.contains("insufficient_roles"), "{line}");
    for value in ["secretary", "hidden", "auth0|ada", "admin"] {
        assert!(!line.contains(value), "{line}");
    }
}

/// The guard is awaited on a runtime of many threads, whatever the policy does.
#[test]
fn the_guards_future_is_send() {
    fn is_send<T: Send>(_: &T) {}
    fn extraction<S>(state: &S)
    where
        S: Send + Sync,
        Auth: FromRef<S>,
    {
        let (mut parts, ()) = Request::new(()).into_parts();
        is_send(&<Guard<ByBoth> as FromRequestParts<S>>::from_request_parts(&mut parts, state));
    }
    extraction(&verifier());
}
