//! A router is served that has not got its state yet.

use auth_runtime::with_api_auth_required;
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
async fn handler() {}

fn serve(listener: tokio::net::TcpListener) {
    let app = Router::new().route("/", get(handler));
    let _ = axum::serve(listener, app);
}

fn main() {
    let _ = serve;
}
