//! A flag that is to be off is left out.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required(optional = false)]
async fn handler_1() {}

#[with_api_auth_required(login(false))]
async fn handler_2() {}

fn main() {
    let _ = (handler_1, handler_2);
}
