//! Bodies that do not end.

#![deny(warnings)]

use std::convert::Infallible;

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::response::Response;
use axum::routing::get;

#[with_api_auth_required]
async fn panics() -> Response {
    panic!("always")
}

#[with_api_auth_required]
async fn waits() -> Infallible {
    loop {
        std::future::pending::<()>().await;
    }
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/panics", get(panics)).route("/waits", get(waits));
}
