//! Claims of each kind that can be compared.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(claim("email_verified" = true, "level" = -3, "plan" = "gold"))]
async fn pairs() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(claim("https://example.com/tier" = 7), claim("nickname" = ""))]
async fn again() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/pairs", get(pairs)).route("/again", get(again));
}
