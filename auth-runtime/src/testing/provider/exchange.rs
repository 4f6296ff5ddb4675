//! The exchange of tokens (RFC 8693), and the tokens of an upstream identity provider.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::client::Form;
use super::issue::{Issue, IssuedType};
use super::keys::random_text;
use super::server::{Shared, json_answer};
use super::state::Grant;
use super::token::Refusal;

pub(super) const EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const FEDERATED_GRANT: &str =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const FEDERATED_TOKEN_TYPE: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";
const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// Returns the tokens of an exchange: for the user of the subject token, with the requested scope and audience.
pub(super) fn exchange(shared: &Shared, form: &Form) -> Result<Issue, Refusal> {
    let value = |name: &str| form.get(name).map_or("", String::as_str);
    let user = user_of(shared, value("subject_token_type"), value("subject_token"))
        .ok_or(Refusal::bad_request("invalid_request", "the subject token is not valid"))?;
    let actor = match (form.get("actor_token"), form.get("actor_token_type")) {
        (None, None) => None,
        (Some(token), Some(kind)) => Some(
            user_of(shared, kind, token)
                .ok_or(Refusal::bad_request("invalid_request", "the actor token is not valid"))?,
        ),
        _ => return Err(Refusal::bad_request("invalid_request", "the actor token and its type go together")),
    };
    let audience = form.get("audience").cloned();
    let is_transfer = audience.as_ref().is_some_and(|audience| audience.ends_with(":session_transfer"));
    let grant = Grant {
        family: random_text().ok_or_else(Refusal::no_token)?,
        user,
        scope: value("scope").to_owned(),
        audience,
        nonce: None,
        auth_time: shared.now(),
        acr: None,
    };
    let kind = if is_transfer { IssuedType::SessionTransfer } else { IssuedType::AccessToken };
    Ok(Issue { issued_type: Some(kind), actor, ..Issue::sign_in(grant) })
}

/// Answers with a token as the identity provider behind `connection` would issue it. The subject token, a refresh token
/// or an access token, stays valid.
pub(super) fn federated(shared: &Shared, form: &Form) -> Result<Response, Refusal> {
    let value = |name: &str| form.get(name).map_or("", String::as_str);
    if value("requested_token_type") != FEDERATED_TOKEN_TYPE || value("connection").is_empty() {
        return Err(Refusal::bad_request("invalid_request", "connection or requested_token_type is missing"));
    }
    if !matches!(value("subject_token_type"), REFRESH_TOKEN_TYPE | ACCESS_TOKEN_TYPE) {
        return Err(Refusal::bad_request("invalid_request", "the type of the subject token is unknown"));
    }
    let user = user_of(shared, value("subject_token_type"), value("subject_token"))
        .and_then(|user| shared.users.get(user))
        .ok_or(Refusal::invalid_grant("the subject token is unknown, expired, revoked or spent"))?;
    let now = shared.now();
    let claims = json!({
        "iss": format!("{}/connections/{}", shared.issuer, value("connection")),
        "sub": user.sub(),
        "login_hint": form.get("login_hint"),
        "iat": now,
        "exp": now.saturating_add(shared.token_lifetime),
        "jti": random_text(),
    });
    let key = shared.key();
    let answer = json!({
        "access_token": key.sign(&key.header("at+jwt"), &claims).ok_or_else(Refusal::no_token)?,
        "issued_token_type": FEDERATED_TOKEN_TYPE,
        "token_type": "Bearer",
        "expires_in": shared.token_lifetime,
        "scope": "upstream",
    });
    Ok(json_answer(StatusCode::OK, &answer))
}

/// Returns the user of a token. A token of a kind that this provider does not issue comes from another system, whose
/// tokens are the users' e-mail addresses.
fn user_of(shared: &Shared, kind: &str, token: &str) -> Option<usize> {
    let now = shared.now();
    match kind {
        ACCESS_TOKEN_TYPE => shared.state.lock().access_grant(token, now).map(|grant| grant.user),
        REFRESH_TOKEN_TYPE => shared.state.lock().unspent_grant(token, now).map(|grant| grant.user),
        ID_TOKEN_TYPE => shared.state.lock().id_token_user(token, now),
        "" => None,
        _ => shared.users.iter().position(|user| user.email() == token),
    }
}
