//! A parameter that is a future comes back as one.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    pub fn show<F: Future<Output = String>>(answer: F) -> F {
        answer
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
