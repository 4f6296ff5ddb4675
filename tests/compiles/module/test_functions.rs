//! Tests inside of a protected module are no handlers.

#![allow(dead_code, unused_imports)]

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required]
mod posts {
    pub async fn list() {}

    mod tests {
        #[tokio::test]
        async fn nothing_is_injected() {}
    }
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
