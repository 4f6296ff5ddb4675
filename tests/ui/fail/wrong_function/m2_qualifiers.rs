//! Only safe `async fn`s of Rust are handlers.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required]
fn not_async() -> u8 {
    1
}

#[with_api_auth_required]
fn returns_a_future() -> impl Future<Output = u8> {
    async { 1 }
}

#[with_api_auth_required]
async unsafe fn not_safe() {}

#[with_api_auth_required]
async extern "C" fn foreign() {}

#[with_api_auth_required]
const fn constant() {}

fn main() {
    let _: u8 = not_async();
    let _ = (returns_a_future(), not_safe, foreign, constant());
}
