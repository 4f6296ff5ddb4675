//! A policy may be less visible than the handler that it decides for.

#![forbid(warnings)]

use auth_runtime::policy::{Decision, Policy, PolicyError};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::http::request::Parts;
use axum::{Router, routing::get};

struct Invited;

impl<S: Sync> Policy<S> for Invited {
    async fn decide(_: &Session, _: &Parts, _: &S) -> Result<Decision, PolicyError> {
        Ok(Decision::Allow)
    }
}

#[with_api_auth_required(policy = Invited, state = Auth)]
pub async fn alone() {}

#[with_api_auth_required(policy = Invited, state = Auth)]
pub mod inside {
    pub async fn list() {}

    pub mod deeper {
        pub async fn list() {}
    }
}

/// Handlers of a type.
pub struct Api;

#[with_api_auth_required(policy = Invited, state = Auth)]
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
