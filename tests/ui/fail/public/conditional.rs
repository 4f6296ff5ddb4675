//! Whether a handler is public has to be known when the guard is put in.

use auth_runtime::{Auth, public, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    use super::public;

    #[cfg_attr(all(), public)]
    pub async fn list() {}
}

#[cfg_attr(all(), public)]
#[with_api_auth_required]
async fn above() {}

#[with_api_auth_required]
#[cfg_attr(all(), public)]
async fn below() {}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list).put(above).post(below));
}
