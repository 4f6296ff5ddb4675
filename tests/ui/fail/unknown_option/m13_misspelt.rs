//! A slip of the pen gets a suggestion, and the handler stays usable.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(stat = Auth)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
