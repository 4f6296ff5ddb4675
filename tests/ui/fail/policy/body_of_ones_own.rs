//! A policy that takes an extractor of one's own which reads the body.

use std::convert::Infallible;

use auth_runtime::policy::{Decision, policy};
use auth_runtime::{Auth, with_api_auth_required};
use axum::extract::{FromRequest, Request};

struct Upload;

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = Infallible;

    async fn from_request(_: Request, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

#[policy]
async fn is_small(_: Upload) -> Decision {
    Decision::Deny
}

#[with_api_auth_required(policy = is_small, state = Auth)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {}
