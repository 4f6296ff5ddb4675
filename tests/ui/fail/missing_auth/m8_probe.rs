//! With `state`, the compiler names the missing impl at the type.

use auth_runtime::with_api_auth_required;

struct AppState;

#[with_api_auth_required(state = AppState)]
async fn handler() {}

fn main() {
    let _ = handler;
}
