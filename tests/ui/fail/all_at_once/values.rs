//! Every mistake in every option is shown.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required(scopes("a b", ""), max_age = "5", cache = "public", claim("a" = 1.5), colour)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
