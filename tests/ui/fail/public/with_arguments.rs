//! What a public handler is not asked for cannot be demanded of it.

use auth_runtime::public;

#[public(scopes("read:posts"))]
async fn handler() {}

fn main() {}
