//! One handler of a chain was forgotten; the others are fine.

use auth_runtime::routing::{MethodFilter, MethodRouter, get};
use auth_runtime::{Auth, with_api_auth_required};

#[with_api_auth_required]
async fn list() {}

async fn create() {}

async fn other() {}

fn main() {
    let _: MethodRouter<Auth> = get(list).post(create).on(MethodFilter::PUT, create).fallback(other);
}
