//! Generics, `where` clauses and constants stay.

use auth_runtime::{Auth, with_api_auth_required};
use axum::extract::{FromRef, State};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};

trait Greeting {
    fn words(&self) -> String;
}

#[derive(Clone)]
struct AppState {
    auth: Auth,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

impl Greeting for AppState {
    fn words(&self) -> String {
        "hello".to_owned()
    }
}

#[with_api_auth_required(state = S)]
async fn greet<S: Greeting, const TIMES: usize>(State(state): State<S>) -> Json<Vec<String>>
where
    S: Clone + Send + Sync + 'static,
    Auth: FromRef<S>,
{
    Json(vec![state.words(); TIMES])
}

#[with_api_auth_required]
async fn default<T>() -> T
where
    T: Default + IntoResponse,
{
    T::default()
}

#[test]
fn compiles() {
    let _: Router<AppState> =
        Router::new().route("/greet", get(greet::<AppState, 3>)).route("/default", get(default::<String>));
}
