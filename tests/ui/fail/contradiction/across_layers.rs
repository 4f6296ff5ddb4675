//! A module's options and a function's add up, so they can contradict each other.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(optional)]
mod posts {
    #[with_api_auth_required(scopes("write:posts"))]
    pub async fn write() {}
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::write));
}
