//! `impl Trait` may stand anywhere in the return type.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;

#[with_api_auth_required]
async fn whole() -> impl IntoResponse {
    (StatusCode::CREATED, user.sub().to_string())
}

#[with_api_auth_required]
async fn inside(Path(id): Path<String>) -> Result<impl IntoResponse, (StatusCode, impl IntoResponse)> {
    let id: u64 = id.parse().map_err(|_| (StatusCode::BAD_REQUEST, "no number"))?;
    Ok(id.to_string())
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/whole", get(whole)).route("/inside/{id}", get(inside));
}
