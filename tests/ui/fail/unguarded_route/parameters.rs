//! Handlers without an attribute, with no parameter, one and several.

use auth_runtime::routing::{Router, get, post};
use auth_runtime::{Auth, User};
use axum::extract::{Path, Query};

async fn none() {}

async fn from_parts(_: Path<u64>) {}

async fn from_body(_: String) {}

async fn several(_: Path<u64>, _: Query<u64>, _: String) {}

/// `User` refuses strangers too, but not before the other parameters.
async fn asks_for_the_user(_: Path<u64>, _: User) {}

fn main() {
    let _: Router<Auth> = Router::new()
        .route("/none", get(none))
        .route("/from-parts", get(from_parts))
        .route("/from-body", post(from_body))
        .route("/several", post(several))
        .route("/asks-for-the-user", get(asks_for_the_user));
}
