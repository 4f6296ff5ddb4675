//! `state = Type` holds when the state provides `Auth`.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::get;

#[derive(Clone)]
struct AppState {
    auth: Auth,
    name: &'static str,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[with_api_auth_required(state = AppState)]
async fn one(State(state): State<AppState>) -> &'static str {
    state.name
}

#[with_api_auth_required(state = crate::options::state::AppState,)]
async fn two() {}

#[with_api_auth_required(state = Auth)]
async fn three() {}

#[test]
fn compiles() {
    let _: Router<AppState> = Router::new().route("/one", get(one)).route("/two", get(two));
    let _: Router<Auth> = Router::new().route("/three", get(three));
}
