//! What is written trips no lint, however strict the crate is.

#![forbid(warnings)]
#![deny(
    elided_lifetimes_in_paths,
    let_underscore_drop,
    missing_docs,
    single_use_lifetimes,
    tail_expr_drop_order,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
async fn nothing() {}

#[with_api_auth_required]
#[rustfmt::skip] // On one line, where braces are easily taken for superfluous.
async fn short() -> &'static str { "short" }

#[with_api_auth_required(state = Auth)]
async fn items_first(mut body: String) -> String {
    #![doc = "An inner attribute stays at the top."]
    use std::fmt::Write as _;
    const N: u8 = 1;
    if body.is_empty() {
        return body;
    }
    let _ = write!(body, "{N}");
    body
}

#[test]
fn compiles() {
    drop::<Router<Auth>>(
        Router::new()
            .route("/nothing", get(nothing))
            .route("/short", get(short))
            .route("/items", get(items_first)),
    );
}
