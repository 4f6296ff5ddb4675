//! The attribute is there, but the state of the router holds no `Auth`.

use auth_runtime::routing::{MethodRouter, Router, get};
use auth_runtime::with_api_auth_required;

#[derive(Clone)]
struct AppState;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let _ = Router::<AppState>::new().route("/", get(handler));
    let _: MethodRouter<AppState> = get(handler);
}
