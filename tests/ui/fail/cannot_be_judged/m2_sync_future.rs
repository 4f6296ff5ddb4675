//! A function that returns a future can be a handler without being `async`.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    pub fn show() -> impl Future<Output = String> {
        async { String::new() }
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
