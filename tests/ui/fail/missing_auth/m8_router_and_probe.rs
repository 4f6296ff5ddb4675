//! In a router, `state` adds what axum leaves out: the impl that is missing.

use auth_runtime::with_api_auth_required;
use axum::Router;
use axum::routing::get;

#[derive(Clone)]
struct AppState;

#[with_api_auth_required(state = AppState)]
async fn handler() {}

fn main() {
    let _: Router = Router::new().route("/", get(handler)).with_state(AppState);
}
