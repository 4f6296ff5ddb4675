//! The functions of a trait have the parameters that the trait gives them.

use auth_runtime::with_api_auth_required;

struct Api;

trait Show {
    fn show() -> impl Future<Output = ()> + Send;
}

#[with_api_auth_required]
impl Show for Api {
    async fn show() {}
}

fn main() {}
