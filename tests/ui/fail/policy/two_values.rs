//! Two policies that load a value of the type that the handler asks for.

use auth_runtime::policy::{Decision, Permitted, policy};
use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

struct Order;

#[policy]
async fn owns_order() -> Decision<Order> {
    Decision::Allow(Order)
}

#[policy]
async fn may_see_order() -> Decision<Order> {
    Decision::Allow(Order)
}

#[with_api_auth_required(policy = owns_order, policy = may_see_order)]
async fn handler(Permitted(_order): Permitted<Order>) -> String {
    user.sub().to_string()
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
