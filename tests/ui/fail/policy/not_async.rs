//! A policy that is no `async fn`.

use auth_runtime::policy::{Decision, policy};
use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[policy]
fn decides() -> Decision {
    Decision::Deny
}

#[with_api_auth_required(policy = decides, state = Auth)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
