//! A handler is public or it is not, in whichever order it is said.

use auth_runtime::{public, with_api_auth_required};

#[with_api_auth_required]
#[public]
async fn guarded_first() {}

#[public]
#[with_api_auth_required]
async fn public_first() {}

fn main() {}
