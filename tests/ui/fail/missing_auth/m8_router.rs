//! A router without `Auth` in its state does not compile.

use auth_runtime::with_api_auth_required;
use axum::Router;
use axum::routing::get;

#[derive(Clone)]
struct AppState;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let _: Router = Router::new().route("/", get(handler)).with_state(AppState);
}
