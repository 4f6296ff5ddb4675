//! `#[debug_handler]` above checks the handler before the guard is there.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[axum::debug_handler(state = Auth)]
#[with_api_auth_required]
async fn alone() {}

#[axum::debug_handler(state = Auth)]
#[with_api_auth_required]
async fn with_a_parameter(_body: String) {}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(alone).post(with_a_parameter));
}
