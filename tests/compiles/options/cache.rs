//! What the browser alone may keep.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(cache = "private, max-age=60")]
async fn minute() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(cache = "no-store")]
async fn no_store() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(cache = "private, no-cache, must-revalidate, stale-while-revalidate=30")]
async fn revalidated() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/minute", get(minute))
        .route("/no_store", get(no_store))
        .route("/revalidated", get(revalidated));
}
