//! `Router` without a type is a router that has its state.

use auth_runtime::with_api_auth_required;
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
async fn handler() {}

fn app() -> Router {
    Router::new().route("/", get(handler))
}

fn main() {
    let _ = app;
}
