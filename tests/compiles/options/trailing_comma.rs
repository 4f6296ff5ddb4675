//! A trailing comma, and line breaks, in every list.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(scopes("a", "b",), any(roles("x",), org("o",),), max_age = "5m")]
async fn spread() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/spread", get(spread));
}
