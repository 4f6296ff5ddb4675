//! No parameter binds `user`, so the body gets one.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;

#[with_api_auth_required]
async fn alone() -> String {
    user.sub().to_string()
}

#[with_api_auth_required]
async fn before_other_extractors(Path(id): Path<u64>, body: String) -> String {
    format!("{} {id} {body}", user.sub())
}

#[with_api_auth_required()]
async fn unused() {}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/alone", get(alone))
        .route("/others/{id}", get(before_other_extractors))
        .route("/unused", get(unused));
}
