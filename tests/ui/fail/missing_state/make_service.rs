//! A router without its state makes no service.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let app: Router<Auth> = Router::new().route("/", get(handler));
    let _ = app.into_make_service();
}
