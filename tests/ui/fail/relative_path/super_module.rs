//! A relative path depends on where the handler stands.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

mod web {
    pub use auth_runtime::__private;
}

#[with_api_auth_required(crate = self::web)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
