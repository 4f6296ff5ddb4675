//! Two attributes on one handler both apply.

use auth_runtime::with_api_auth_required as signed_in;
use auth_runtime::{Auth, User, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
#[with_api_auth_required(state = Auth)]
async fn implicit() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(state = Auth)]
#[cfg_attr(all(), with_api_auth_required)]
async fn explicit(user: User) -> Result<String, String> {
    Ok(user.sub().to_string())
}

#[with_api_auth_required(scopes("a"))]
#[with_api_auth_required(roles("b"))]
async fn one_guard() {}

#[with_api_auth_required(scopes("a"))]
#[signed_in(roles("b"))]
#[cfg_attr(all(), with_api_auth_required(org))]
async fn guards_with_types_of_their_own() {}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/implicit", get(implicit))
        .route("/explicit", get(explicit))
        .route("/one_guard", get(one_guard))
        .route("/guards_with_types_of_their_own", get(guards_with_types_of_their_own));
}
