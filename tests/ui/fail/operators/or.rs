//! Alternatives are members of `any`.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(roles("a") || roles("b"))]
async fn handler_1() {}

#[with_api_auth_required(org | scopes("read:reports"))]
async fn handler_2() {}

#[with_api_auth_required(any(roles("a") || roles("b")))]
async fn handler_3() {}

#[with_api_auth_required(roles("a" || "b"))]
async fn handler_4() {}

#[with_api_auth_required(org("a" || "b"))]
async fn handler_5() {}

#[with_api_auth_required(claim("plan" = "pro" || "team"))]
async fn handler_6() {}

#[with_api_auth_required(roles("a") || login)]
async fn handler_7() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3, handler_4, handler_5, handler_6, handler_7);
}
