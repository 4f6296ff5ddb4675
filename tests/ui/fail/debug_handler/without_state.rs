//! Below the attribute, `#[debug_handler]` has to know the router's state.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
#[axum::debug_handler]
async fn handler() {}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
