//! A boxed future is one too.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    pub fn show() -> std::pin::Pin<Box<dyn Future<Output = String> + Send>> {
        Box::pin(async { String::new() })
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
