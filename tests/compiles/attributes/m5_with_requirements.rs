//! `#[instrument]`, `#[debug_handler]` and `cfg_attr` beside requirements, above and below.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::extract::Path;
use axum::{Router, routing::get};

#[tracing::instrument(skip_all)]
#[with_api_auth_required(scopes("a"))]
async fn instrument_above(Path(_id): Path<u64>) {}

#[with_api_auth_required(scopes("a"), max_age = "5m")]
#[tracing::instrument(skip(user), fields(sub = %user.sub()))]
async fn instrument_below(Path(id): Path<u64>, user: User) {
    let _ = id;
}

#[with_api_auth_required(any(org, roles("a")), state = Auth)]
#[axum::debug_handler(state = Auth)]
async fn debug_handler_below(body: String) -> String {
    body
}

#[cfg_attr(all(), with_api_auth_required(scopes("a")))]
#[cfg_attr(any(), with_api_auth_required(scopes("never")))]
async fn conditional() {}

#[with_api_auth_required(scopes("a"))]
#[cfg_attr(all(), with_api_auth_required(roles("b")))]
async fn both() -> String {
    user.sub().into_owned()
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/above/{id}", get(instrument_above))
        .route("/below/{id}", get(instrument_below))
        .route("/debug", get(debug_handler_below))
        .route("/conditional", get(conditional))
        .route("/both", get(both));
}
