//! Nobody calls a guarded handler around its guard.

use auth_runtime::{User, with_api_auth_required};

#[with_api_auth_required]
async fn handler(user: User) -> String {
    user.sub().to_string()
}

async fn around(user: User) {
    let _ = handler(user).await;
}

fn main() {
    let _ = around;
}
