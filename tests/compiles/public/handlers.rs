//! Public handlers: nothing about them changes but a first parameter.

#![forbid(warnings)]

use auth_runtime::{Auth, User, public};
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::{Router, routing::get};

#[public]
async fn nothing() {}

#[public]
async fn greeting(Path(name): Path<String>, user: Option<User>) -> impl IntoResponse {
    format!("{name} {}", user.is_some())
}

/// Documented.
#[auth_runtime::public]
async fn generic<T: Default + Send>(body: String) -> Result<String, T> {
    if body.is_empty() { Err(T::default()) } else { Ok(body) }
}

#[test]
fn compiles() {
    drop::<Router<Auth>>(
        Router::new()
            .route("/", get(nothing))
            .route("/{name}", get(greeting))
            .route("/generic", get(generic::<String>)),
    );
}
