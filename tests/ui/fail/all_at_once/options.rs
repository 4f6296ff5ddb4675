//! Every mistake is shown in one go, and nothing else.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(scop("a", "b"), state = "Auth", other = Map<A, B>, crate = auth_runtime, !)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
