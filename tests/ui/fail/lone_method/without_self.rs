//! The same where nothing tells the attribute that it stands in an `impl` block.

use auth_runtime::with_api_auth_required;

struct Api;

impl Api {
    #[with_api_auth_required(scopes("read:posts"))]
    async fn list() {}
}

fn main() {}
