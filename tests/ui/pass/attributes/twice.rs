//! Two attributes on one handler both apply.

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

fn main() {
    let _: Router<Auth> = Router::new().route("/implicit", get(implicit)).route("/explicit", get(explicit));
}
