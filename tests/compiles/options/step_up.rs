//! Authentication class, methods and age.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(acr("phrh", "phr"), amr("mfa", "hwk"), max_age = "5m")]
async fn all_three() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(max_age = "12h")]
async fn hours() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/all_three", get(all_three)).route("/hours", get(hours));
}
