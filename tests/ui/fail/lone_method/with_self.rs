//! A method with requirements needs a type beside its `impl` block, so the attribute belongs on the block.

use auth_runtime::with_api_auth_required;

struct Api;

impl Api {
    #[with_api_auth_required(scopes("read:posts"))]
    async fn list(_: Option<Self>) {}
}

fn main() {}
