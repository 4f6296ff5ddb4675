//! A handler that asks for a value of a policy, without the attribute.

use auth_runtime::Auth;
use auth_runtime::policy::Permitted;
use axum::Router;
use axum::routing::get;

struct Order;

#[axum::debug_handler(state = Auth)]
async fn handler(Permitted(_order): Permitted<Order>) {}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(handler));
}
