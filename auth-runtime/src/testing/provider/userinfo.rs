//! The userinfo endpoint (`OpenID` Connect Core 1.0 section 5.3).

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::response::Response;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::server::{Shared, json_answer, oauth_error};

/// Answers `GET` or `POST /userinfo`, with the access token in the header.
pub(super) async fn userinfo(Extract(shared): Extract<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Some(claims) = bearer_token(&headers).and_then(|token| claims(&shared, token)) {
        return json_answer(StatusCode::OK, &claims);
    }
    let text = "the access token is missing, unknown, expired or revoked";
    let mut refusal = oauth_error(StatusCode::UNAUTHORIZED, "invalid_token", text);
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    refusal.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    refusal
}

fn claims(shared: &Shared, token: &str) -> Option<Value> {
    let mut memory = shared.state.lock();
    let grant = memory.access_grant(token, shared.now())?;
    Some(Value::Object(shared.users.get(grant.user)?.claims_for(&grant.scope)))
}

/// Returns the bearer token of the header `Authorization` (RFC 6750 section 2.1).
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
