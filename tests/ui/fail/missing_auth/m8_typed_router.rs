//! A router whose state type is written down, and holds no `Auth`.

use auth_runtime::with_api_auth_required;
use axum::Router;
use axum::routing::get;

#[derive(Clone)]
struct AppState;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let _: Router<AppState> = Router::new().route("/", get(handler));
}
