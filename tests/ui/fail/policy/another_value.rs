//! A handler that asks for a value which its policy does not load.

use auth_runtime::policy::{Decision, Permitted, policy};
use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

struct Order;
struct Report;

#[policy]
async fn owns_order() -> Decision<Order> {
    Decision::Allow(Order)
}

#[with_api_auth_required(policy = owns_order)]
async fn handler(Permitted(_report): Permitted<Report>) -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
