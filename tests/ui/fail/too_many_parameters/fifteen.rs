//! The guard and `user` count.

use auth_runtime::with_api_auth_required;
use axum::http::Method;

#[with_api_auth_required]
#[rustfmt::skip]
async fn handler(
    _: Method, _: Method, _: Method, _: Method, _: Method, _: Method, _: Method, _: Method,
    _: Method, _: Method, _: Method, _: Method, _: Method, _: Method, _: String,
) -> String {
    user.sub().to_string()
}

fn main() {
    let _ = handler;
}
