//! The protected API: one handler each of the ways to use the attribute.

use auth_runtime::{Session, User, with_api_auth_required};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::AppState;

/// One handler. `user` is there without being asked for.
#[with_api_auth_required]
pub(crate) async fn protected() -> Json<Value> {
    let name = user.name().unwrap_or_else(|| user.sub());
    Json(json!({ "message": format!("Hello, {name}"), "user": user }))
}

/// A handler per method, in one module: all of them are protected.
#[with_api_auth_required]
pub(crate) mod data {
    use super::{Json, Value, json};

    pub(crate) async fn get() -> Json<Value> {
        Json(json!({ "owner": user.sub(), "items": ["tea", "biscuits"] }))
    }

    pub(crate) async fn post(Json(item): Json<Value>) -> Json<Value> {
        Json(json!({ "owner": user.sub(), "stored": item }))
    }
}

/// A path parameter, and the user beside it.
#[with_api_auth_required]
pub(crate) async fn post(Path(id): Path<u64>, user: User) -> Json<Value> {
    Json(json!({ "id": id, "author": user.sub() }))
}

/// For some users only: the others get 403.
#[with_api_auth_required(roles("editor"))]
pub(crate) async fn drafts() -> Json<Value> {
    Json(json!({ "editor": user.sub(), "drafts": ["On tea", "On biscuits"] }))
}

/// Calls another API in the user's name.
#[with_api_auth_required]
pub(crate) async fn external_data(session: Session, State(state): State<AppState>) -> Response {
    let token = match session.access_token().await {
        Ok(token) => token,
        Err(error) => return error.into_response(),
    };
    match state.external.call(&token).await {
        Ok(data) => Json(data).into_response(),
        Err(error) => {
            let body = Json(json!({ "error": "external_api", "description": error.to_string() }));
            (StatusCode::BAD_GATEWAY, body).into_response()
        }
    }
}
