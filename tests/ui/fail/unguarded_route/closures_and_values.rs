//! What axum takes beside functions.

use auth_runtime::Auth;
use auth_runtime::routing::{Router, any, get};
use axum::extract::Path;
use axum::handler::Handler;

async fn forgotten() {}

async fn same(response: axum::response::Response) -> axum::response::Response {
    response
}

fn main() {
    let _: Router<Auth> = Router::new()
        .route("/closure", get(|| async { "text" }))
        .route("/parameter", get(|Path(id): Path<u64>| async move { id.to_string() }))
        .route("/value", any("text"))
        .route("/layered", get(forgotten.layer(axum::middleware::map_response(same))));
}
