//! The router lacks its state, and is not converted either.

use auth_runtime::routing::{Router, get};
use auth_runtime::with_api_auth_required;

#[with_api_auth_required]
async fn handler() {}

fn serve(listener: tokio::net::TcpListener) {
    let app = Router::new().route("/", get(handler));
    let _ = axum::serve(listener, app);
}

fn main() {
    let _ = serve;
}
