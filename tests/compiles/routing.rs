//! Handlers that say who may call them, in every form that axum takes.

use auth_runtime::__private::Public;
use auth_runtime::routing::{AnnotatedHandler, MethodFilter, MethodRouter, Router, any, get, on, post};
use auth_runtime::{Auth, Session, User, public, with_api_auth_required};
use axum::extract::{FromRef, Path, Query, State};
use axum::handler::Handler;
use axum::response::IntoResponse;

#[derive(Clone)]
struct AppState {
    auth: Auth,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[with_api_auth_required]
async fn nothing() {}

#[with_api_auth_required]
async fn user(user: User) -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn everything(
    State(_): State<AppState>,
    Path(id): Path<u64>,
    Query(_): Query<u64>,
    session: Session,
    body: String,
) -> Result<impl IntoResponse, std::convert::Infallible> {
    Ok(format!("{id} {} {body}", session.user().sub()))
}

#[with_api_auth_required]
async fn generic<T: Send + 'static>() {
    let _ = std::any::type_name::<T>();
}

/// Sixteen parameters are as many as axum takes, and the attribute adds one.
#[public]
#[rustfmt::skip]
async fn sixteen(
    _: (), _: (), _: (), _: (), _: (), _: (), _: (),
    _: (), _: (), _: (), _: (), _: (), _: (), _: (), _: String,
) {
}

#[public]
async fn open(Path(_): Path<u64>) {}

async fn same(response: axum::response::Response) -> axum::response::Response {
    response
}

fn read_only<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: AnnotatedHandler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    get(handler)
}

fn app(auth: Auth) -> axum::Router {
    let inner = Router::new().route("/{id}", get(open).put(everything)).fallback(nothing);
    let router = Router::new()
        .route("/", get(user).post(user))
        .route("/any", any(nothing).layer(axum::middleware::map_response(same)))
        .route("/on", on(MethodFilter::PUT.or(MethodFilter::POST), generic::<u8>))
        .route("/sixteen", post(sixteen))
        .route("/layered", post(user.layer(axum::middleware::map_response(same))))
        .route("/closure", post(|_: Public, body: String| async move { body }))
        .route("/read-only", read_only(nothing))
        .nest("/nested", inner)
        .merge(Router::new().route("/merged", get(nothing)))
        .merge_unchecked(axum::Router::new().route("/plain", axum::routing::get("text")))
        .auth_routes(&auth)
        .fallback(open)
        .method_not_allowed_fallback(nothing)
        .route_layer(axum::middleware::map_response(same));
    axum::Router::new().merge(router).with_state(AppState { auth })
}

#[test]
fn compiles() {
    let _ = app;
}
