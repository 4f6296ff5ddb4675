//! A policy may be less visible than the handler that it decides for.

#![forbid(warnings)]

use auth_runtime::policy::{Decision, policy};
use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[policy]
async fn is_invited() -> Decision {
    Decision::Allow(())
}

#[with_api_auth_required(policy = is_invited, state = Auth)]
pub async fn alone() {}

#[with_api_auth_required(policy = is_invited, state = Auth)]
pub mod inside {
    pub async fn list() {}

    pub mod deeper {
        pub async fn list() {}
    }
}

/// Handlers of a type.
pub struct Api;

#[with_api_auth_required(policy = is_invited, state = Auth)]
impl Api {
    pub async fn list() {}
}

#[test]
fn compiles() {
    drop::<Router<Auth>>(
        Router::new()
            .route("/alone", get(alone))
            .route("/inside", get(inside::list))
            .route("/deeper", get(inside::deeper::list))
            .route("/api", get(Api::list)),
    );
}
