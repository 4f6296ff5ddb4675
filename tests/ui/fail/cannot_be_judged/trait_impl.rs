//! A function of a trait can be a handler, and cannot get another parameter.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    struct Api;

    pub trait Show {
        fn show() -> impl Future<Output = String> + Send;
    }

    impl Show for Api {
        async fn show() -> String {
            String::new()
        }
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
