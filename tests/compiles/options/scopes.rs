//! Scopes, permissions and roles.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(scopes("read:a"))]
async fn one() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(scopes("read:a", "write:a",), permissions("a:b"), roles("Editor in chief"))]
async fn several() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/one", get(one)).route("/several", get(several));
}
