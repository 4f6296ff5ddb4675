//! Patterns and `mut` work as in any function, and 14 parameters fit beside the guard and `user`.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::Method;
use axum::routing::post;

#[with_api_auth_required]
async fn mutable(mut parts: Path<Vec<String>>, RawQuery(mut query): RawQuery, mut body: String) -> String {
    parts.push(body.clone());
    body.push_str(&parts.join("/"));
    query.take().unwrap_or(body)
}

#[with_api_auth_required]
async fn by_reference(ref body: String) -> String {
    body.clone()
}

#[with_api_auth_required]
#[rustfmt::skip]
async fn fourteen(
    _: Method, _: Method, _: Method, _: Method, _: Method, _: Method, _: Method,
    _: Method, _: Method, _: Method, _: Method, _: Method, _: Method, _: String,
) -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/mutable/{*parts}", post(mutable))
        .route("/reference", post(by_reference))
        .route("/fourteen", post(fourteen));
}
