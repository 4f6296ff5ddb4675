//! A handler that answers a batch: two inner requests at once, whose guards share the session of the outer request.

use std::sync::{Arc, Mutex};

use auth_runtime::policy::{Decision, policy};
use auth_runtime::{Auth, Session, SessionChangeError, with_api_auth_required};
use auth_tests::{TOKEN_LIFETIME, World};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower::ServiceExt as _;

/// The signals between the two inner requests.
#[derive(Default)]
struct Signals {
    policy_waits: Notify,
    policy_may_decide: Notify,
    /// What became of the changes that the policy tried.
    meddled: Mutex<Vec<Result<(), SessionChangeError>>>,
}

type Shared = Extension<Arc<Signals>>;

/// Runs two requests at once; the first one begins.
#[with_api_auth_required]
async fn batch(
    State(auth): State<Auth>,
    Path(paths): Path<(String, String)>,
    session: Session,
    request: Request,
) -> String {
    session.set("batches", &1).unwrap();
    let inner = Router::new()
        .route("/judged", get(judged))
        .route("/visit", get(visit))
        .route("/slow", get(slow))
        .route("/token", get(token))
        .with_state(auth);
    let (parts, _) = request.into_parts();
    let ask = |path: String| {
        let mut parts = parts.clone();
        parts.uri = format!("/{path}").parse().unwrap();
        inner.clone().oneshot(Request::from_parts(parts, Body::empty()))
    };
    let (first, second) = tokio::join!(ask(paths.0), ask(paths.1));
    format!("{} {}", first.unwrap().status().as_u16(), second.unwrap().status().as_u16())
}

/// Waits for the other request, tries to change the session, and denies.
#[policy]
async fn meddles_late(session: Session, Extension(signals): Shared) -> Decision {
    signals.policy_waits.notify_one();
    signals.policy_may_decide.notified().await;
    signals.meddled.lock().unwrap().extend([session.set("meddled", &true), session.sign_out()]);
    Decision::Deny
}

#[with_api_auth_required(policy = meddles_late)]
async fn judged() {}

#[policy]
async fn allows() -> Decision {
    std::future::ready(Decision::Allow(())).await
}

/// Runs while the policy of the other request waits.
#[with_api_auth_required(policy = allows)]
async fn visit(session: Session, Extension(signals): Shared) -> StatusCode {
    let outcome = session.set("visited", &true);
    signals.policy_may_decide.notify_one();
    outcome.map_or(StatusCode::CONFLICT, |()| StatusCode::OK)
}

/// Changes the session after a policy of the other request began to wait.
#[with_api_auth_required]
async fn slow(session: Session, Extension(signals): Shared) -> StatusCode {
    signals.policy_waits.notified().await;
    let outcome = session.set("visited", &true);
    signals.policy_may_decide.notify_one();
    outcome.map_or(StatusCode::CONFLICT, |()| StatusCode::OK)
}

/// Asks the provider before a policy of the other request begins to wait, and hears the answer while it waits.
#[with_api_auth_required]
async fn token(session: Session, Extension(signals): Shared) -> StatusCode {
    let outcome = session.access_token().await;
    signals.policy_may_decide.notify_one();
    outcome.map_or(StatusCode::BAD_GATEWAY, |_| StatusCode::OK)
}

async fn world() -> (World, Arc<Signals>) {
    let signals = Arc::new(Signals::default());
    let routes = Router::new().route("/batch/{first}/{second}", get(batch));
    (World::new(routes.layer(Extension(Arc::clone(&signals)))).await, signals)
}

#[tokio::test]
async fn a_guard_whose_policies_allow_opens_no_session_for_the_policy_of_another_one() {
    for (path, expected) in [("/batch/judged/visit", "403 200"), ("/batch/judged/slow", "403 200")] {
        let (world, signals) = world().await;
        let mut browser = world.signed_in("ada@example.com").await;
        assert_eq!(browser.get(&world, path).await.body, expected, "{path}");
        let meddled = signals.meddled.lock().unwrap().clone();
        assert_eq!(meddled, [Err(SessionChangeError::OutsideHandler); 2], "{path}");
        let session = world.session(&browser);
        assert_eq!([&session["batches"], &session["visited"]], [&json!(1), &json!(true)], "{path}");
        assert_eq!(session["meddled"], Value::Null, "{path}");
    }
}

#[tokio::test]
async fn a_handler_that_runs_can_change_the_session_while_the_policy_of_another_one_decides() {
    let (world, signals) = world().await;
    let mut browser = world.signed_in("ada@example.com").await;
    assert_eq!(browser.get(&world, "/batch/slow/judged").await.body, "200 403");
    assert_eq!(*signals.meddled.lock().unwrap(), [Err(SessionChangeError::OutsideHandler); 2]);
    let session = world.session(&browser);
    assert_eq!([&session["batches"], &session["visited"]], [&json!(1), &json!(true)]);
}

#[tokio::test]
async fn tokens_of_another_user_end_the_session_while_the_policy_of_another_handler_decides() {
    let (world, _signals) = world().await;
    let mut browser = world.signed_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    world.provider.forge_id_tokens(|mut claims, key| {
        claims["sub"] = json!("auth0|eve");
        key.sign(&key.header("JWT"), &claims)
    });
    assert_eq!(browser.get(&world, "/batch/token/judged").await.body, "502 403");
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
}
