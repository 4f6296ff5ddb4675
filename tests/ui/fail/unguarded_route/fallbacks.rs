//! Fallbacks answer too.

use auth_runtime::routing::Router;
use auth_runtime::Auth;

async fn not_found() {}

async fn not_allowed() {}

fn main() {
    let _: Router<Auth> = Router::new().fallback(not_found).method_not_allowed_fallback(not_allowed);
}
