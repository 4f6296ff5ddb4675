//! `get` was imported from axum, `Router` was not.

use auth_runtime::routing::Router;
use auth_runtime::{Auth, with_api_auth_required};
use axum::routing::get;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
