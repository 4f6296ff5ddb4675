//! `crate = path` finds the runtime under another name.

use axum::Router;
use axum::routing::get;

mod web {
    pub use auth_runtime as auth;
}

mod handlers {
    use crate::options::crate_path::web::auth::{Auth, with_api_auth_required};

    #[with_api_auth_required(crate = crate::options::crate_path::web::auth, state = Auth)]
    pub async fn own() -> String {
        user.sub().to_string()
    }

    #[with_api_auth_required(state = Auth, crate = ::auth_runtime)]
    pub async fn absolute() -> String {
        user.sub().to_string()
    }
}

#[test]
fn compiles() {
    let _: Router<web::auth::Auth> =
        Router::new().route("/own", get(handlers::own)).route("/absolute", get(handlers::absolute));
}
