//! With the state's type at hand the compiler names the implementation that is missing.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

struct Members;

#[with_api_auth_required(policy = Members, state = Auth)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
