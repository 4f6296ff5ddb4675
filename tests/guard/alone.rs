//! Handlers without parameters: their user comes from the guard, and nothing is left in the request.

use auth_runtime::__private::{Alone, Guard, Guarded, SignedIn};
use auth_runtime::policy::{Decided, Decision, Loads, Policy};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::get as get_route;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;
use serde_json::json;

use super::{Answer, NOW, SECRET, ada, get};

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required(optional)]
async fn whoever() -> String {
    user.map_or_else(|| "stranger".to_owned(), |user| user.sub().into_owned())
}

#[with_api_auth_required(roles("admin"))]
#[with_api_auth_required(roles("editor"))]
async fn twice() -> String {
    user.sub().into_owned()
}

/// As two attributes expand of which the first does not see the second.
async fn two_guards(outer: Guard<SignedIn>, inner: Guard<Alone<SignedIn>>) -> Guarded<Guarded<String>> {
    let answer = inner.user().sub().into_owned();
    outer.finish(inner.finish(answer).await).await
}

/// Looks for the user in the request, as an extractor would.
struct FoundInRequest;

impl Loads for FoundInRequest {
    type Value = ();
}

impl Policy<Auth> for FoundInRequest {
    async fn decide(session: &Session, request: &mut Parts, state: &Auth) -> Decided {
        let found = Session::from_request_parts(request, state).await;
        Ok(Decision::allow_if(found.is_ok_and(|found| found.user().sub() == session.user().sub())))
    }
}

#[with_api_auth_required(policy = FoundInRequest)]
async fn judged() -> String {
    user.sub().into_owned()
}

/// A request that is due to roll, with these roles.
async fn ask(path: &str, roles: Option<&[&str]>) -> Answer {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder()
        .test_clock(&clock)
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
        .build()
        .unwrap();
    let cookie = roles.map(|roles| {
        let mut session = ada();
        session["user"]["roles"] = json!(roles);
        session["exp"] = json!(NOW + 86_400);
        cookie_header(&auth, &session).unwrap()
    });
    clock.advance(10_000);
    let app = Router::new()
        .route("/me", get_route(me))
        .route("/whoever", get_route(whoever))
        .route("/twice", get_route(twice))
        .route("/two-guards", get_route(two_guards))
        .route("/judged", get_route(judged))
        .with_state(auth);
    get(&app, path, cookie.as_deref()).await
}

fn writes(answer: &Answer) -> usize {
    answer.headers.get_all(SET_COOKIE).iter().count()
}

#[tokio::test]
async fn the_user_is_there_and_the_session_is_written_once() {
    for (path, roles) in [
        ("/me", &[][..]),
        ("/whoever", &[]),
        ("/twice", &["admin", "editor"]),
        ("/two-guards", &[]),
        ("/judged", &[]),
    ] {
        let answer = ask(path, Some(roles)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "auth0|ada"), "{path}");
        assert_eq!(writes(&answer), 1, "{path}");
    }
}

#[tokio::test]
async fn a_stranger_is_refused_unless_the_user_is_optional() {
    for path in ["/me", "/twice", "/two-guards", "/judged"] {
        assert_eq!(ask(path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let answer = ask("/whoever", None).await;
    assert_eq!((answer.status, answer.body.as_str(), writes(&answer)), (StatusCode::OK, "stranger", 0));
}

#[tokio::test]
async fn what_two_attributes_demand_is_both_demanded() {
    for roles in [&["admin"][..], &["editor"], &[]] {
        let answer = ask("/twice", Some(roles)).await;
        assert_eq!((answer.status, writes(&answer)), (StatusCode::FORBIDDEN, 0), "{roles:?}");
    }
}
