//! Qualifiers that a handler can't have, inside a module.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    pub async unsafe fn show() {}

    pub async extern "C" fn hide() {}

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
