//! `#[cfg]` on a parameter decides after the attribute.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;

#[with_api_auth_required]
async fn either(#[cfg(any())] missing: Missing, #[cfg(not(shuttle))] Path(id): Path<u64>) -> String {
    format!("{id} {}", user.sub())
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/either/{id}", get(either));
}
