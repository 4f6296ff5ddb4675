//! axum takes routers of its own.

use auth_runtime::routing::{Router, get};
use auth_runtime::{Auth, with_api_auth_required};

#[with_api_auth_required]
async fn handler() {}

fn app(auth: Auth) -> axum::Router {
    Router::new().route("/", get(handler)).with_state(auth)
}

fn nested(ours: Router) -> axum::Router {
    axum::Router::new().nest("/api", ours)
}

fn nested_service(ours: Router) -> axum::Router {
    axum::Router::new().nest_service("/api", ours)
}

fn main() {
    let _ = (app, nested, nested_service);
}
