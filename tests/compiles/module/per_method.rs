//! A handler per method in one module, with parameters and user.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required]
mod posts {
    use auth_runtime::User;
    use axum::Json;
    use axum::extract::Path;

    pub type Post = std::collections::BTreeMap<String, String>;

    const LIMIT: usize = 10;

    pub async fn get(Path(id): Path<u64>, user: User) -> String {
        format!("{id} {}", title(&user))
    }

    pub async fn put(Path(id): Path<u64>, user: User, Json(post): Json<Post>) -> Result<String, String> {
        if post.len() > LIMIT {
            return Err("too long".to_owned());
        }
        Ok(format!("{id} {}", user.sub()))
    }

    #[public]
    pub async fn head() {}

    fn title(user: &User) -> String {
        user.sub().into_owned()
    }
}

#[test]
fn compiles() {
    let _: Router<Auth> =
        Router::new().route("/posts/{id}", get(posts::get).put(posts::put).head(posts::head));
}
