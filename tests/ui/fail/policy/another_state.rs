//! A policy for another state than the router's.

use auth_runtime::policy::{Decided, Decision, Loads, Policy};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::Router;
use axum::http::request::Parts;
use axum::routing::get;

struct Members;

impl Loads for Members {
    type Value = ();
}

impl Policy<u64> for Members {
    async fn decide(_: &Session, _: &mut Parts, _: &u64) -> Decided {
        Ok(Decision::Allow(()))
    }
}

#[with_api_auth_required(policy = Members, state = Auth)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
