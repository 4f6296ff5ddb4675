//! Policies that take the body of the request.

use auth_runtime::policy::{Decision, policy};
use axum::Json;
use axum::body::Bytes;
use axum::extract::Request;

#[policy]
async fn of_json(axum::Json(_): axum::Json<u64>) -> Decision {
    Decision::Deny
}

#[policy]
async fn of_several(_: Json<u64>, _: Bytes, _: String) -> Decision {
    Decision::Deny
}

#[policy]
async fn of_request(_: Request) -> Decision {
    Decision::Deny
}

fn main() {}
