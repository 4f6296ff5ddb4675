//! A user who may be absent.

use auth_runtime::{Auth, Session, User, with_api_auth_required};
use axum::extract::Path;
use axum::{Router, routing::get};

#[with_api_auth_required(optional)]
async fn implicit() -> String {
    user.map(|user: User| user.sub().into_owned()).unwrap_or_default()
}

#[with_api_auth_required(optional, cache = "private, max-age=5", state = Auth)]
async fn explicit(Path(id): Path<u64>, user: Option<User>, session: Option<Session>) -> String {
    format!("{id} {} {}", user.is_some(), session.is_some())
}

#[with_api_auth_required(optional)]
async fn qualified(user: std::option::Option<auth_runtime::User>) -> String {
    user.is_some().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/implicit", get(implicit))
        .route("/explicit/{id}", get(explicit))
        .route("/qualified", get(qualified));
}
