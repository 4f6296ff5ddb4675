//! Any organization, or one of several.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(org)]
async fn any_org() -> String {
    user.sub().to_string()
}

#[with_api_auth_required(org("org_1", "org_2"))]
async fn one_of() -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/any_org", get(any_org)).route("/one_of", get(one_of));
}
