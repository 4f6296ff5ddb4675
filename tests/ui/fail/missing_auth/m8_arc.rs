//! An `impl` for `Arc` would stand in the wrong crate, so the message says what to wrap.

use std::sync::Arc;

use auth_runtime::with_api_auth_required;

struct Inner;

#[with_api_auth_required(state = Arc<Inner>)]
async fn handler() {}

fn main() {
    let _ = handler;
}
