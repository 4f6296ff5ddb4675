//! A page that asks to sign in.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(login)]
async fn page() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(login, roles("editor"))]
async fn page_with_rights() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> =
        Router::new().route("/page", get(page)).route("/page_with_rights", get(page_with_rights));
}
