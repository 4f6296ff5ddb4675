//! An `impl` block of handlers, with requirements of the block and of its functions.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::extract::Path;
use axum::{Router, routing::get};

struct Posts;

#[with_api_auth_required(scopes("posts"))]
impl Posts {
    const LIMIT: usize = 10;

    pub async fn list() -> String {
        format!("{} {}", Self::LIMIT, user.sub())
    }

    #[with_api_auth_required(roles("editor"))]
    async fn remove(Path(id): Path<u64>, user: User) -> String {
        format!("{} {}", Self::title(id), user.sub())
    }

    #[public]
    async fn about() -> &'static str {
        "posts"
    }

    #[helper]
    async fn count() -> usize {
        Self::LIMIT
    }

    fn title(id: u64) -> String {
        id.to_string()
    }
}

#[test]
fn compiles() {
    let _ = Posts::count();
    let _: Router<Auth> =
        Router::new().route("/", get(Posts::list).delete(Posts::remove)).route("/about", get(Posts::about));
}
