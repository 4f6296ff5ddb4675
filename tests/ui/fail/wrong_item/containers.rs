//! Modules and `impl` blocks, for now.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod handlers {
    pub async fn one() {}
}

struct Api;

#[with_api_auth_required]
impl Api {
    async fn two() {}
}

fn main() {
    let _: Router<Auth> = Router::new().route("/one", get(handlers::one)).route("/two", get(Api::two));
}
