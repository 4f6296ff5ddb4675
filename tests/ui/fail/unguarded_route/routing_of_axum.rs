//! What axum's own functions made has not been checked.

use auth_runtime::routing::Router;
use auth_runtime::{Auth, with_api_auth_required};
use axum::routing::get;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let plain: axum::Router<Auth> = axum::Router::new().route("/plain", get(handler));
    let _: Router<Auth> = Router::new().route("/", get(handler)).merge(plain.clone()).nest("/api", plain);
}
