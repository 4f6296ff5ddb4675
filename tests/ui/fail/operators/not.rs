//! What is negated stands in `not`.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(!roles("a"))]
async fn handler_1() {}

#[with_api_auth_required(!(roles("a") || org))]
async fn handler_2() {}

#[with_api_auth_required(any(!roles("a"), org))]
async fn handler_3() {}

#[with_api_auth_required(roles(!"a"))]
async fn handler_4() {}

#[with_api_auth_required(!max_age = "5m")]
async fn handler_5() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3, handler_4, handler_5);
}
