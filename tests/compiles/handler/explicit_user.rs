//! Any parameter that binds `user` stays the only one of that name.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};

#[with_api_auth_required]
async fn plain(user: User) -> Json<User> {
    Json(user)
}

#[with_api_auth_required]
async fn last(Path(id): Path<u64>, user: User) -> String {
    format!("{id} {}", user.sub())
}

#[with_api_auth_required]
async fn in_a_tuple((Path(id), user): (Path<u64>, User)) -> String {
    format!("{id} {}", user.sub())
}

#[with_api_auth_required]
async fn of_another_type(Path(user): Path<String>) -> String {
    user
}

#[with_api_auth_required]
async fn underscore_is_another_name(_user: User) -> String {
    user.sub().to_string()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/plain", get(plain))
        .route("/last/{id}", get(last))
        .route("/tuple/{id}", get(in_a_tuple))
        .route("/other/{user}", get(of_another_type))
        .route("/underscore", get(underscore_is_another_name));
}
