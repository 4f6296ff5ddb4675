//! Sixteen parameters in all, the guard and `user` among them.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::http::{Method, Uri};
use axum::{Router, routing::get};

type M = Method;

#[with_api_auth_required(scopes("a"))]
#[rustfmt::skip]
async fn implicit(
    _a: M, _b: M, _c: M, _d: M, _e: M, _f: M, _g: M, _h: M, _i: M, _j: M, _k: M, _l: M, _m: M, _n: Uri,
) -> String {
    user.sub().into_owned()
}

#[with_api_auth_required(scopes("a"))]
#[rustfmt::skip]
async fn explicit(
    user: User, _a: M, _b: M, _c: M, _d: M, _e: M, _f: M, _g: M, _h: M, _i: M, _j: M, _k: M, _l: M, _m: M, _n: Uri,
) -> String {
    user.sub().into_owned()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/implicit", get(implicit)).route("/explicit", get(explicit));
}
