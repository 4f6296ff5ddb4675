//! axum has no value to call a method on.

use auth_runtime::with_api_auth_required;

struct Api;

impl Api {
    #[with_api_auth_required]
    async fn by_reference(&self) -> u8 {
        1
    }

    #[with_api_auth_required]
    async fn by_value(self: Box<Self>) {}
}

fn main() {
    let _ = (Api::by_reference, Api::by_value);
}
