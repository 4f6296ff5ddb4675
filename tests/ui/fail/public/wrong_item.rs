//! `#[public]` stands on handlers.

use auth_runtime::public;

#[public]
struct Post;

#[public]
fn sync() {}

#[public]
mod posts {}

fn main() {}
