//! Behind `optional` there may be no user.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(optional)]
async fn handler(user: User) -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
