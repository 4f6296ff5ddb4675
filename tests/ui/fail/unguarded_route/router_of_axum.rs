//! `Router` was imported from axum, `get` was not.

use auth_runtime::routing::get;
use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
