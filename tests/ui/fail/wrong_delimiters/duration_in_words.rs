//! What the message suggests is valid.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(max_age("5 minutes"))]
async fn handler_1() {}

#[with_api_auth_required(max_age = 10 minutes)]
async fn handler_2() {}

#[with_api_auth_required(max_age: "1 hour 30 minutes")]
async fn handler_3() {}

fn main() {
    let _ = (handler_1, handler_2, handler_3);
}
