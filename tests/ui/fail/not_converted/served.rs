//! The router that denies by default is served before it is converted.

use auth_runtime::routing::{Router, get};
use auth_runtime::{Auth, with_api_auth_required};

#[with_api_auth_required]
async fn handler() {}

fn serve(listener: tokio::net::TcpListener, auth: Auth) {
    let app: Router = Router::new().route("/", get(handler)).with_state(auth);
    let _ = axum::serve(listener, app);
}

fn main() {
    let _ = serve;
}
