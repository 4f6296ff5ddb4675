//! Values, imports and macro calls are no handlers.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required]
const CONSTANT: u8 = 1;

#[with_api_auth_required]
static STATIC: u8 = CONSTANT;

#[with_api_auth_required]
use std::mem;

#[with_api_auth_required]
thread_local! {
    static LOCAL: u8 = 1;
}

unsafe extern "C" {}

#[with_api_auth_required]
unsafe extern "C" {}

fn main() {
    let _ = (mem::size_of_val(&STATIC), &LOCAL);
}
