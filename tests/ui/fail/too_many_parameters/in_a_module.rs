//! The guard and `user` count in a module too.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    pub async fn show(
        _a: String, _b: String, _c: String, _d: String, _e: String, _f: String, _g: String, _h: String,
        _i: String, _j: String, _k: String, _l: String, _m: String, _n: String, _o: String,
    ) {
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
