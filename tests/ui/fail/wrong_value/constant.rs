//! A constant has no value yet when the macro reads the options.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(roles(ADMIN))]
async fn handler_1() {}

#[with_api_auth_required(scopes(Scope::READ, "write"))]
async fn handler_2() {}

#[with_api_auth_required(claim("plan" = PRO))]
async fn handler_3() {}

#[with_api_auth_required(max_age = FIVE_MINUTES)]
async fn handler_4() {}

#[with_api_auth_required(cache = CACHE)]
async fn handler_5() {}

#[with_api_auth_required(org = ORG)]
async fn handler_6() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3, handler_4, handler_5, handler_6);
}
