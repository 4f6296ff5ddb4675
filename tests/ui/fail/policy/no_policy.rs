//! Handlers that ask for a value of a policy, and have none.

use auth_runtime::policy::Permitted;
use auth_runtime::{public, with_api_auth_required};

struct Order;

#[with_api_auth_required(roles("clerk"))]
async fn guarded(Permitted(_order): Permitted<Order>) -> String {
    user.sub().to_string()
}

#[public]
async fn open(Permitted(_order): Permitted<Order>) {}

fn main() {}
