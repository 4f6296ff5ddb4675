//! Other attributes on either side; `#[debug_handler]` below.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};

/// Docs stay.
#[tracing::instrument(skip_all, fields(id))]
#[with_api_auth_required]
async fn instrument_above(Path(id): Path<u64>, user: User) -> String {
    format!("{id} {}", user.sub())
}

#[with_api_auth_required]
#[tracing::instrument(skip_all, fields(sub = %user.sub()))]
async fn instrument_below(Path(id): Path<u64>) -> Result<String, String> {
    Err(id.to_string())
}

#[with_api_auth_required(state = Auth)]
#[axum::debug_handler(state = Auth)]
async fn debug_handler_below(Path(id): Path<u64>, body: String) -> Json<(u64, String)> {
    Json((id, body))
}

#[cfg_attr(all(), with_api_auth_required)]
#[cfg_attr(all(), axum::debug_handler(state = Auth))]
#[allow(clippy::unused_async)]
async fn conditional() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/above/{id}", get(instrument_above))
        .route("/below/{id}", get(instrument_below))
        .route("/debug/{id}", get(debug_handler_below))
        .route("/conditional", get(conditional));
}
