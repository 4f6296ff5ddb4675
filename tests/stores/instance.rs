//! Instances of one application in front of a store, and what is asked of them.

use std::sync::Arc;

use auth_runtime::store::SessionStore;
use auth_runtime::{Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, ORIGIN, World, post_logout_token};
use axum::routing::get;
use axum::{Extension, Router};
use http::{Method, StatusCode};

use crate::gate::Gate;

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const GRACE: &str = "grace@example.com";

/// A store as several instances in one process share it.
pub(crate) type AnyStore = Arc<dyn SessionStore>;

pub(crate) async fn world() -> World {
    World::new(routes(&Gate::default())).await
}

/// An instance with this store.
pub(crate) fn instance(world: &World, store: impl SessionStore) -> World {
    configured(world, store, |auth| auth)
}

pub(crate) fn configured(
    world: &World,
    store: impl SessionStore,
    configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
) -> World {
    world.another(|auth| configure(auth.session_store(store).backchannel_logout(true)))
}

/// An instance of which the gate can keep `/change`, `/linger` and each sign-in waiting, right before the store is
/// written.
pub(crate) fn gated(
    world: &World,
    gate: &Gate,
    store: impl SessionStore,
    configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
) -> World {
    let (world, gate) = (World { routes: routes(gate), ..world.clone() }, gate.clone());
    configured(&world, store, |auth| {
        configure(auth).on_login(move |login| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                login.proceed()
            }
        })
    })
}

/// Who is signed in; `None` is nobody.
pub(crate) async fn who(instance: &World, browser: &Browser) -> Option<String> {
    let answer = browser.peek(instance, "/me").await;
    match answer.status {
        StatusCode::OK => Some(answer.body),
        StatusCode::UNAUTHORIZED => None,
        status => panic!("{status} {}", answer.body),
    }
}

/// The provider's name of the browser's session.
pub(crate) async fn sid_of(instance: &World, browser: &Browser) -> String {
    let answer = browser.peek(instance, "/sid").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

/// What the provider sends at the end of the browser's session.
pub(crate) async fn logout_token(instance: &World, browser: &Browser) -> String {
    instance.provider.logout_token(None, Some(&sid_of(instance, browser).await)).unwrap()
}

/// The provider says that a session has ended.
pub(crate) async fn log_out(instance: &World, token: &str) -> Answer {
    post_logout_token(instance, ORIGIN, token).await
}

pub(crate) async fn sign_out(instance: &World, browser: &mut Browser) -> Answer {
    browser.send(instance, Method::POST, "/auth/logout").await
}

fn routes(gate: &Gate) -> Router<Auth> {
    Router::new()
        .route("/me", get(me))
        .route("/front", get(front))
        .route("/sid", get(sid))
        .route("/word", get(word))
        .route("/ends", get(ends))
        .route("/change", get(change))
        .route("/linger", get(linger))
        .route("/token", get(token))
        .layer(Extension(gate.clone()))
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required(optional)]
async fn front() -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

#[with_api_auth_required]
async fn sid(session: Session) -> String {
    session.sid().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn word(session: Session) -> String {
    session.get("word").unwrap().unwrap_or_default()
}

#[with_api_auth_required]
async fn ends(session: Session) -> String {
    session.expires_at().unwrap().as_unix().to_string()
}

#[with_api_auth_required]
async fn change(session: Session, Extension(gate): Extension<Gate>) -> &'static str {
    session.set("word", &NEW).unwrap();
    gate.pass().await;
    "changed"
}

/// Changes nothing.
#[with_api_auth_required]
async fn linger(Extension(gate): Extension<Gate>) -> &'static str {
    gate.pass().await;
    "lingered"
}

#[with_api_auth_required]
async fn token(session: Session) -> String {
    session.token_set().access_token().unwrap_or_default().into_owned()
}

/// What `/change` sets and `/word` tells.
pub(crate) const NEW: &str = "a new word";
