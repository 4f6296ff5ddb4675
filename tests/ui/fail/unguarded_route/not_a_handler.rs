//! What could be no handler anywhere, with an attribute or without.

use auth_runtime::routing::{Router, get};
use auth_runtime::{Auth, with_api_auth_required};

struct NoResponse;

#[with_api_auth_required]
async fn answers_nothing() -> NoResponse {
    NoResponse
}

fn not_async() -> &'static str {
    "text"
}

fn main() {
    let _: Router<Auth> =
        Router::new().route("/", get(answers_nothing)).route("/not-async", get(not_async)).route("/number", get(7_u128));
}
