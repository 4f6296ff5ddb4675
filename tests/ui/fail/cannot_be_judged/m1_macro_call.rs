//! What a macro call expands to may be a handler.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    std::thread_local! {
        static COUNT: u64 = 0;
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
