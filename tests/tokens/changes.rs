//! What a handler and the hooks change of a session.

use std::sync::{Arc, Mutex};

use auth_runtime::policy::{Decision, policy};
use auth_runtime::{AccessTokenError, Auth, Session, SessionChangeError, with_api_auth_required};
use auth_tests::{TOKEN_LIFETIME, World};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::{Value, json};

#[with_api_auth_required]
async fn visit(session: Session) -> Result<String, StatusCode> {
    let visits: u64 = session.get("visits").map_err(|_| StatusCode::CONFLICT)?.unwrap_or(0);
    session.set("visits", &(visits + 1)).map_err(|_| StatusCode::FORBIDDEN)?;
    Ok(session.get::<u64>("visits").unwrap().unwrap().to_string())
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn meddle(session: Session) -> String {
    let refused = ["internal", "tokenSet", "user", "exp"].map(|name| session.set(name, &1).unwrap_err());
    assert_eq!(refused, [SessionChangeError::Protected; 4]);
    "refused".to_owned()
}

#[with_api_auth_required]
async fn renew(session: Session) -> StatusCode {
    session.access_token().await.map_or(StatusCode::BAD_GATEWAY, |_| StatusCode::OK)
}

/// What becomes of a policy that is not allowed to change anything.
#[policy]
async fn meddles(session: Session) -> Decision {
    assert_eq!(session.set("seen", &true), Err(SessionChangeError::OutsideHandler));
    assert_eq!(session.sign_out(), Err(SessionChangeError::OutsideHandler));
    Decision::allow_if(session.access_token().await.is_ok())
}

#[with_api_auth_required(policy = meddles)]
async fn judged(session: Session) -> &'static str {
    session.set("judged", &true).unwrap();
    "passed"
}

/// Keeps the session beyond its answer, as a body that streams would.
#[with_api_auth_required]
async fn outlive(session: Session, Extension(kept): Extension<Kept>) {
    *kept.lock().unwrap() = Some(session);
}

type Kept = Arc<Mutex<Option<Session>>>;

fn routes() -> Router<Auth> {
    Router::new()
        .route("/visit", get(visit))
        .route("/leave", get(leave))
        .route("/meddle", get(meddle))
        .route("/renew", get(renew))
        .route("/judged", get(judged))
}

#[tokio::test]
async fn a_change_is_there_at_once_and_in_the_next_request() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let before = world.session(&browser);
    assert_eq!(browser.get(&world, "/visit").await.body, "1");
    assert_eq!(browser.get(&world, "/visit").await.body, "2");
    let mut after = world.session(&browser);
    assert_eq!(after["visits"], 2);
    after.as_object_mut().unwrap().remove("visits");
    assert_eq!(after, before, "nothing else changed");
}

#[tokio::test]
async fn a_request_that_changes_nothing_writes_nothing() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let answer = browser.get(&world, "/meddle").await;
    assert_eq!(answer.body, "refused");
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn a_handler_can_end_the_session() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    assert_eq!(browser.get(&world, "/leave").await.status, StatusCode::NO_CONTENT);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn the_hook_before_saving_sees_all_claims_and_says_what_is_saved() {
    let world = World::configured(routes(), |auth| {
        auth.before_save(|mut session| async move {
            let issuer = session.id_token_claim("iss").unwrap_or(Value::Null);
            session.set_claim("https://example.com/issuer", &issuer).unwrap();
            let saved: u64 = session.get("saved").unwrap().unwrap_or(0);
            session.set("saved", &(saved + 1)).unwrap();
            session
        })
    })
    .await;
    let mut browser = world.signed_in("ada@example.com").await;
    let session = world.session(&browser);
    assert_eq!(session["user"]["https://example.com/issuer"], json!(world.provider.issuer()));
    assert_eq!(session["saved"], 1);

    browser.get(&world, "/visit").await;
    assert_eq!(world.session(&browser)["saved"], 1, "a handler's own change does not ask");
    world.clock.advance(TOKEN_LIFETIME);
    browser.get(&world, "/renew").await;
    assert_eq!(world.session(&browser)["saved"], 2, "renewed tokens do");
}

#[tokio::test]
async fn the_hook_before_rolling_can_keep_a_session_from_being_extended() {
    let roll = |allowed: bool| async move {
        let world =
            World::configured(routes(), |auth| auth.before_roll(move |_| async move { allowed })).await;
        let mut browser = world.signed_in("ada@example.com").await;
        world.clock.advance(40_000);
        browser.get(&world, "/meddle").await.headers.contains_key(SET_COOKIE)
    };
    assert!(roll(true).await);
    assert!(!roll(false).await);
}

#[tokio::test]
async fn a_policy_changes_nothing_and_renews_nothing_since_its_refusal_could_not_keep_it() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    assert_eq!(browser.get(&world, "/judged").await.body, "passed");
    assert_eq!(world.session(&browser)["judged"], true, "the handler may");
    world.clock.advance(TOKEN_LIFETIME);
    let refused = browser.get(&world, "/judged").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.headers.contains_key(SET_COOKIE));
    assert_eq!(world.token_requests(), 1, "the sign-in's");
}

#[tokio::test]
async fn a_session_that_outlives_its_answer_changes_nothing_and_renews_nothing() {
    let kept = Kept::default();
    let routes = routes().route("/outlive", get(outlive).layer(Extension(Arc::clone(&kept))));
    let world = World::new(routes).await;
    let mut browser = world.signed_in("ada@example.com").await;
    browser.get(&world, "/outlive").await;
    let session = kept.lock().unwrap().take().unwrap();
    assert_eq!(session.set("late", &true), Err(SessionChangeError::OutsideHandler));
    assert!(session.access_token().await.is_ok(), "one that is good can still be had");
    world.clock.advance(TOKEN_LIFETIME);
    assert_eq!(session.access_token().await.unwrap_err(), AccessTokenError::Expired);
    assert_eq!(world.token_requests(), 1, "the sign-in's");
}
