//! Outside of a protected module there is nothing that `#[helper]` could except a function from.

use auth_runtime::helper;

#[helper]
async fn load() {}

fn main() {}
