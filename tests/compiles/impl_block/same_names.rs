//! Functions of the same name in several blocks and modules.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

struct Posts;
struct Pages;

#[with_api_auth_required(scopes("posts"))]
impl Posts {
    async fn list() {}
}

#[with_api_auth_required(scopes("pages"))]
impl Pages {
    async fn list() {}
}

#[with_api_auth_required(scopes("free"))]
async fn list() {}

#[with_api_auth_required(scopes("module"))]
mod posts {
    pub async fn list() {}
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/posts", get(Posts::list).post(posts::list))
        .route("/pages", get(Pages::list).post(list));
}
