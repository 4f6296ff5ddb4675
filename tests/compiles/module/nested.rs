//! Modules in modules, and options that add up on the way down.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required(scopes("api"), state = ::auth_runtime::Auth)]
mod api {
    //! What the module says of itself stays inside.
    #![allow(dead_code)]

    #[with_api_auth_required(roles("editor"))]
    pub mod posts {
        #[with_api_auth_required(max_age = "5m")]
        pub async fn remove() {}

        pub async fn list() -> String {
            user.sub().into_owned()
        }

        pub mod drafts {
            pub async fn list() -> String {
                user.sub().into_owned()
            }
        }
    }

    pub async fn index() {}

    async fn private() {}
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/", get(api::index))
        .route("/posts", get(api::posts::list).delete(api::posts::remove))
        .route("/drafts", get(api::posts::drafts::list));
}
