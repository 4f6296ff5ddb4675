//! The strings of a list stand one by one. The message keeps all of them.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(roles(["a", "b"]))]
async fn handler_1() {}

#[with_api_auth_required(permissions(&["a"], "b"))]
async fn handler_2() {}

#[with_api_auth_required(roles = "a", "b")]
async fn handler_3() {}

#[with_api_auth_required(claim("plan" = ["pro", "team"]))]
async fn handler_4() {}

#[with_api_auth_required(cache("private", "max-age=30"))]
async fn handler_5() {}

#[with_api_auth_required(policy(owns, is_open))]
async fn handler_6() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3, handler_4, handler_5, handler_6);
}
