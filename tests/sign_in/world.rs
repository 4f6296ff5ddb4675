//! The application of the sign-ins, and a browser that says nothing of where its requests come from: what it says is what
//! these tests are about.

use auth_runtime::testing::provider::ProviderBuilder;
use auth_runtime::{Auth, AuthBuilder, with_api_auth_required};
use auth_tests::{Browser, World};
use axum::Router;
use axum::routing::get;

pub(crate) async fn world() -> World {
    configured(|auth| auth).await
}

pub(crate) async fn configured(auth: impl FnOnce(AuthBuilder) -> AuthBuilder) -> World {
    with_provider(|provider| provider, auth).await
}

pub(crate) async fn with_provider(
    provider: impl Fn(ProviderBuilder) -> ProviderBuilder,
    auth: impl FnOnce(AuthBuilder) -> AuthBuilder,
) -> World {
    let routes: Router<Auth> = Router::new()
        .route("/me", get(me))
        .route("/transfer", get(transfer))
        .route("/account", get(account))
        .route("/vault", get(vault));
    let mut world = World::with_provider(routes, provider, auth).await;
    world.browser = Browser::without_fetch_metadata();
    world
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

/// For what matters more.
#[with_api_auth_required(max_age = "5m")]
async fn transfer() -> &'static str {
    "transferred"
}

/// A page for a user who was authenticated lately.
#[with_api_auth_required(login, max_age = "5m")]
async fn account() -> String {
    user.email().unwrap_or_default().into_owned()
}

/// A page for a user who was authenticated strongly.
#[with_api_auth_required(login, acr("phrh", "phr"))]
async fn vault() -> String {
    user.email().unwrap_or_default().into_owned()
}
