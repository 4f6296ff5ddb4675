//! A declaration can be called by nobody.

use auth_runtime::with_api_auth_required;

trait Api {
    #[with_api_auth_required]
    async fn handler();
}

fn main() {}
