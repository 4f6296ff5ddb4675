//! The implicit `user` is there for a body from wherever: given to a macro, or written by it.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

macro_rules! given {
    ($name:ident $body:block) => {
        #[with_api_auth_required]
        async fn $name() -> String $body
    };
}

macro_rules! written {
    ($name:ident) => {
        #[with_api_auth_required]
        async fn $name() -> String {
            user.sub().into_owned()
        }
    };
}

given!(one { user.sub().into_owned() });
written!(two);

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/one", get(one)).route("/two", get(two));
}
