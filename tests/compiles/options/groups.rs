//! Groups in groups.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(any(roles("admin"), all(scopes("a", "b"), not(claim("suspended" = true)))), not(any(org("x"), roles("y"))))]
async fn groups() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(any(acr("phr"), amr("mfa"), max_age = "1d", org))]
async fn step_up_in_any() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> =
        Router::new().route("/groups", get(groups)).route("/step_up_in_any", get(step_up_in_any));
}
