//! The application that is measured: handlers that do nothing, with the attribute and without.

use auth_runtime::{Auth, AuthBuilder, User, with_api_auth_required};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::session;

/// Where the handler is that anybody may call.
pub const PLAIN: &str = "/plain";
/// Where the handler is that needs a session and looks at nothing of it.
pub const NOTHING: &str = "/nothing";
/// Where the handler is that looks at the user.
pub const USER: &str = "/user";

/// Where the handler is that answers as the other servers do.
pub const ME: &str = "/api/me";

/// The routes, in a service that signs users in and keeps their sessions.
pub fn router() -> Router {
    Router::new()
        .route(PLAIN, get(plain))
        .route(NOTHING, get(nothing))
        .route(USER, get(user))
        .route(ME, get(me))
        .with_state(auth())
}

/// A configuration that owns its sessions, and so has more to do for each request than one that verifies them.
pub fn auth() -> Auth {
    configured().build().expect("a whole configuration")
}

/// The same, for a benchmark that wants more.
pub fn configured() -> AuthBuilder {
    Auth::builder()
        .secret(session::SECRET)
        .domain("tenant.example.com")
        .client_id("client")
        .client_secret("client-secret")
        .base_url("https://app.example.com")
}

async fn plain() -> &'static str {
    "ok"
}

#[with_api_auth_required]
async fn nothing() -> &'static str {
    "ok"
}

#[with_api_auth_required]
async fn user(user: User) -> &'static str {
    if user.sub().is_empty() || user.name().is_none() { "nobody" } else { "ok" }
}

#[with_api_auth_required]
async fn me() -> Json<Value> {
    Json(json!({ "signedIn": true }))
}
