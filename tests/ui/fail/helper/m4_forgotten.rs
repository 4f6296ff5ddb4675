//! A function that takes a reference is called by handlers, and is none.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    async fn load(name: &str) -> String {
        name.to_owned()
    }

    pub async fn list() -> String {
        load(&user.sub()).await
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
