//! What is configured away takes its requirements along.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required(scopes("a"))]
mod posts {
    #[cfg(any())]
    pub async fn list(missing: Missing) {}

    #[cfg(not(any()))]
    pub async fn list(#[cfg(any())] missing: Missing) -> String {
        user.sub().into_owned()
    }

    #[cfg(any())]
    pub mod gone {
        pub async fn list(missing: Missing) {}
    }
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
