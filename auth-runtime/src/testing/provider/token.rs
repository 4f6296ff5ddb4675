//! The token endpoint (RFC 6749 section 3.2) and the revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::client::{Form, is_the_client};
use super::exchange::{EXCHANGE_GRANT, FEDERATED_GRANT, exchange, federated};
use super::issue::Issue;
use super::server::{Shared, json_answer, oauth_error, parameters};
use super::state::Grant;

/// An error answer of the token endpoint (RFC 6749 section 5.2).
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    description: &'static str,
}

/// Answers `POST /oauth/token`.
pub(super) async fn token(
    Extract(shared): Extract<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    authenticated_form(&shared, &headers, &body)
        .and_then(|form| answer_to(&shared, &form))
        .unwrap_or_else(Refusal::into_response)
}

/// Answers `POST /oauth/revoke`. An unknown token counts as revoked.
pub(super) async fn revoke(
    Extract(shared): Extract<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match authenticated_form(&shared, &headers, &body) {
        Ok(form) => form,
        Err(refusal) => return refusal.into_response(),
    };
    let token = form.get("token").map_or("", String::as_str);
    shared.state.lock().revoke_token(token, shared.now());
    json_answer(StatusCode::OK, &json!({}))
}

impl Refusal {
    pub(super) fn bad_request(code: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, description }
    }

    pub(super) fn invalid_grant(description: &'static str) -> Self {
        Self::bad_request("invalid_grant", description)
    }

    pub(super) fn no_token() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, code: "server_error", description: "no token could be made" }
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = oauth_error(self.status, self.code, self.description);
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        response
    }
}

/// Parses the form of an authenticated client.
pub(super) fn authenticated_form(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Form, Refusal> {
    let form = parameters(body)
        .ok_or_else(|| Refusal::bad_request("invalid_request", "a parameter occurs twice"))?;
    if is_the_client(shared, headers, &form) {
        return Ok(form);
    }
    let status = StatusCode::UNAUTHORIZED;
    Err(Refusal { status, code: "invalid_client", description: "the client did not prove who it is" })
}

fn answer_to(shared: &Shared, form: &Form) -> Result<Response, Refusal> {
    let issue = match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => redeem_code(shared, form).map(Issue::sign_in),
        Some("refresh_token") => redeem_refresh_token(shared, form),
        Some(EXCHANGE_GRANT) => exchange(shared, form),
        Some(FEDERATED_GRANT) => return federated(shared, form),
        _ => Err(Refusal::bad_request("unsupported_grant_type", "there is no such grant_type here")),
    };
    issue?.into_response(shared).ok_or_else(Refusal::no_token)
}

fn redeem_code(shared: &Shared, form: &Form) -> Result<Grant, Refusal> {
    let value = |name: &str| form.get(name).map_or("", String::as_str);
    let mut memory = shared.state.lock();
    let code = memory
        .spend_code(value("code"), shared.now())
        .ok_or_else(|| Refusal::invalid_grant("the code is unknown, expired or spent"))?;
    if code.redirect_uri != value("redirect_uri") {
        return Err(Refusal::invalid_grant("redirect_uri is not the one of the authorization request"));
    }
    // RFC 7636 section 4.6.
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(value("code_verifier")));
    if challenge != code.challenge {
        return Err(Refusal::invalid_grant("code_verifier does not belong to the code_challenge"));
    }
    Ok(code.grant.clone())
}

fn redeem_refresh_token(shared: &Shared, form: &Form) -> Result<Issue, Refusal> {
    let token = form.get("refresh_token").map_or("", String::as_str);
    let mut memory = shared.state.lock();
    let found = if shared.rotates_refresh_tokens {
        memory.spend_refresh_token(token, shared.now())
    } else {
        memory.refresh_grant(token, shared.now())
    };
    let mut grant = found
        .ok_or_else(|| Refusal::invalid_grant("the refresh token is unknown, expired, revoked or spent"))?;
    // The nonce belongs to the sign-in's ID token alone (OpenID Connect Core 1.0 section 12.2).
    grant.nonce = None;
    // The new refresh token keeps the whole grant: this request's scope and audience count for its access token alone.
    let refresh = shared.rotates_refresh_tokens.then(|| grant.clone());
    let audience = form.get("audience").filter(|audience| grant.audience.as_ref() != Some(audience));
    if let Some(scope) = form.get("scope") {
        // RFC 6749 section 6: no more than the sign-in's scope. Another audience has scopes of its own.
        if audience.is_none() && !scope.split(' ').all(|token| grant.has_scope(token)) {
            return Err(Refusal::bad_request("invalid_scope", "scope is more than the user agreed to"));
        }
        grant.scope.clone_from(scope);
    }
    if let Some(audience) = audience {
        grant.audience = Some(audience.clone());
    }
    Ok(Issue { refresh, ..Issue::sign_in(grant) })
}
