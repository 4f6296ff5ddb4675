//! `#[debug_handler]` finds the `impl` that the state lacks.

use auth_runtime::with_api_auth_required;
use axum::Router;
use axum::routing::get;

#[derive(Clone)]
struct AppState;

#[with_api_auth_required]
#[axum::debug_handler(state = AppState)]
async fn handler() {}

fn main() {
    let _: Router = Router::new().route("/", get(handler)).with_state(AppState);
}
