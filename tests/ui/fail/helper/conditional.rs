//! Whether a function is a helper has to be known when the guard is put in.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    #[cfg_attr(all(), auth_runtime::helper)]
    async fn load() {}

    pub async fn list() {}
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
