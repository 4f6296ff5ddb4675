//! A policy for another state than the router's.

use auth_runtime::policy::{Decision, Policy, PolicyError};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::Router;
use axum::http::request::Parts;
use axum::routing::get;

struct Members;

impl Policy<u64> for Members {
    async fn decide(_: &Session, _: &Parts, _: &u64) -> Result<Decision, PolicyError> {
        Ok(Decision::Allow)
    }
}

#[with_api_auth_required(policy = Members, state = Auth)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
