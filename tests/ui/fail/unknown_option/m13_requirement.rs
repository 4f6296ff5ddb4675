//! A misspelt requirement never leaves the handler open.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(scop("read:reports"))]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
