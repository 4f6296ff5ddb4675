//! All options count, so they stand side by side.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(roles("a") && scopes("b"))]
async fn handler_1() {}

#[with_api_auth_required(roles("a") && roles("b"))]
async fn handler_2() {}

#[with_api_auth_required(any(roles("a") && org, roles("b")))]
async fn handler_3() {}

#[with_api_auth_required(roles("a" && "b"))]
async fn handler_4() {}

#[with_api_auth_required(policy = owns && is_open)]
async fn handler_5() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3, handler_4, handler_5);
}
