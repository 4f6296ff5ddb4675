//! The `impl` is there for another state than the router's.

use auth_runtime::routing::{Router, get};
use auth_runtime::{Auth, with_api_auth_required};
use axum::extract::FromRef;

#[derive(Clone)]
struct Other(Auth);

impl FromRef<Other> for Auth {
    fn from_ref(state: &Other) -> Self {
        state.0.clone()
    }
}

#[derive(Clone)]
struct AppState;

#[with_api_auth_required]
async fn handler() {}

fn main() {
    let _: Router = Router::new().route("/", get(handler)).with_state(AppState);
}
