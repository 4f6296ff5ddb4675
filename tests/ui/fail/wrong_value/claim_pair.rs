//! Name and value of a claim are joined by one `=`.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(claim("plan", "pro"))]
async fn handler_1() {}

#[with_api_auth_required(claim("plan": "pro"))]
async fn handler_2() {}

#[with_api_auth_required(claim("plan" == "pro"))]
async fn handler_3() {}

#[with_api_auth_required(claim("plan" != "pro"))]
async fn handler_4() {}

#[with_api_auth_required(claim(plan = "pro"))]
async fn handler_5() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3, handler_4, handler_5);
}
