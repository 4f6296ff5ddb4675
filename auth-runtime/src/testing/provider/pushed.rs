//! Pushed authorization requests, which the client sends instead of the browser (RFC 9126).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::authorize;
use super::keys::random_text;
use super::server::{Shared, json_answer};
use super::state::PUSHED_LIFETIME_SECONDS;
use super::token::{Refusal, authenticated_form};

/// Answers `POST /oauth/par`: checks the request as if the browser had sent it, and returns a reference to it.
pub(super) async fn push(Extract(shared): Extract<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    accept(&shared, &headers, &body).unwrap_or_else(Refusal::into_response)
}

fn accept(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refusal> {
    let mut form = authenticated_form(shared, headers, body)?;
    for name in ["client_secret", "client_assertion", "client_assertion_type"] {
        form.remove(name);
    }
    // With HTTP Basic the header names the client, and the form need not.
    form.entry("client_id".to_owned()).or_insert_with(|| shared.client_id.clone());
    if !authorize::is_acceptable(shared, form.clone()) {
        return Err(Refusal::bad_request("invalid_request", "the authorization request would be refused"));
    }
    let reference = random_text().ok_or_else(Refusal::no_token)?;
    let request_uri = format!("urn:ietf:params:oauth:request_uri:{reference}");
    shared.state.lock().add_pushed(request_uri.clone(), form, shared.now());
    let answer = json!({"request_uri": request_uri, "expires_in": PUSHED_LIFETIME_SECONDS});
    Ok(json_answer(StatusCode::CREATED, &answer))
}
