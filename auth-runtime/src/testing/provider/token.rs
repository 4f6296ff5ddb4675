//! The token endpoint (RFC 6749 section 3.2) and the revocation endpoint (RFC 7009).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::keys::random_text;
use super::server::{Shared, json_answer, oauth_error, parameters};
use super::state::Grant;

type Form = HashMap<String, String>;

/// RFC 6749 section 5.2.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    description: &'static str,
}

/// `POST /oauth/token`
pub(super) async fn token(
    Extract(shared): Extract<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    authenticated_form(&shared, &headers, &body)
        .and_then(|form| redeem(&shared, &form))
        .and_then(|grant| issue(&shared, grant).ok_or_else(Refusal::no_token))
        .unwrap_or_else(Refusal::into_response)
}

/// `POST /oauth/revoke`. A token that is not known is as good as revoked.
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
    fn bad_request(code: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, description }
    }

    fn invalid_grant(description: &'static str) -> Self {
        Self::bad_request("invalid_grant", description)
    }

    fn no_token() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, code: "server_error", description: "no token could be made" }
    }

    fn into_response(self) -> Response {
        let mut response = oauth_error(self.status, self.code, self.description);
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        response
    }
}

fn authenticated_form(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<Form, Refusal> {
    let form = parameters(body)
        .ok_or_else(|| Refusal::bad_request("invalid_request", "a parameter occurs twice"))?;
    if is_the_client(shared, headers, &form) {
        return Ok(form);
    }
    let status = StatusCode::UNAUTHORIZED;
    Err(Refusal { status, code: "invalid_client", description: "client_id or client_secret is wrong" })
}

fn redeem(shared: &Shared, form: &Form) -> Result<Grant, Refusal> {
    match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => redeem_code(shared, form),
        Some("refresh_token") => redeem_refresh_token(shared, form),
        _ => Err(Refusal::bad_request(
            "unsupported_grant_type",
            "grant_type has to be authorization_code or refresh_token",
        )),
    }
}

/// By header or in the form, and not by both (RFC 6749 section 2.3).
fn is_the_client(shared: &Shared, headers: &HeaderMap, form: &Form) -> bool {
    let (id, secret) = match headers.get(AUTHORIZATION) {
        Some(_) if form.contains_key("client_secret") => return false,
        Some(value) => match basic_credentials(value) {
            Some(credentials) => credentials,
            None => return false,
        },
        None => match (form.get("client_id"), form.get("client_secret")) {
            (Some(id), Some(secret)) => (id.clone(), secret.clone()),
            _ => return false,
        },
    };
    let expected = shared.client_secret.expose_secret().as_bytes();
    id == shared.client_id && bool::from(secret.as_bytes().ct_eq(expected))
}

fn basic_credentials(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    form_urlencoded::parse(text.as_bytes()).next().map(|(decoded, _)| decoded.into_owned())
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

fn redeem_refresh_token(shared: &Shared, form: &Form) -> Result<Grant, Refusal> {
    let value = |name: &str| form.get(name).map_or("", String::as_str);
    let mut grant =
        shared.state.lock().spend_refresh_token(value("refresh_token"), shared.now()).ok_or_else(|| {
            Refusal::invalid_grant("the refresh token is unknown, expired, revoked or spent")
        })?;
    if let Some(audience) = form.get("audience") {
        grant.audience = Some(audience.clone());
    }
    // The nonce is of the sign-in alone (OpenID Connect Core 1.0 section 12.2).
    grant.nonce = None;
    Ok(grant)
}

/// `None` if the cryptography fails.
fn issue(shared: &Shared, grant: Grant) -> Option<Response> {
    let now = shared.now();
    let until = now.saturating_add(shared.token_lifetime);
    let user = shared.users.get(grant.user)?;
    let audience = grant.audience.clone().unwrap_or_else(|| format!("{}/userinfo", shared.issuer));
    let access_token = shared.key.sign(
        // RFC 9068 section 2.1: so that it can't be taken for an ID token.
        "at+jwt",
        &json!({
            "iss": shared.issuer,
            "sub": user.sub(),
            "aud": audience,
            "client_id": shared.client_id,
            "azp": shared.client_id,
            "scope": grant.scope,
            "iat": now,
            "exp": until,
            "jti": random_text()?,
        }),
    )?;
    let id_token = shared.key.sign("JWT", &id_claims(shared, &grant, &access_token, now, until)?)?;
    let mut answer = json!({
        "access_token": access_token,
        "id_token": id_token,
        "token_type": "Bearer",
        "expires_in": shared.token_lifetime,
        "scope": grant.scope,
    });
    let mut memory = shared.state.lock();
    if grant.scope.split(' ').any(|token| token == "offline_access") {
        let refresh_token = random_text()?;
        answer.as_object_mut()?.insert("refresh_token".to_owned(), refresh_token.as_str().into());
        memory.add_refresh_token(refresh_token, grant.clone(), now);
    }
    memory.add_access_token(access_token, grant, until, now);
    Some(json_answer(StatusCode::OK, &answer))
}

/// The user's claims first: what belongs to the protocol wins.
fn id_claims(shared: &Shared, grant: &Grant, access_token: &str, now: i64, until: i64) -> Option<Value> {
    let mut claims = shared.users.get(grant.user)?.claims_for(&grant.scope);
    let digest = Sha256::digest(access_token);
    let (left_half, _) = digest.as_slice().split_at(digest.len() / 2);
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", shared.issuer.as_str().into());
    set("aud", shared.client_id.as_str().into());
    set("exp", until.into());
    set("iat", now.into());
    set("auth_time", grant.auth_time.into());
    set("sid", grant.family.as_str().into());
    set("at_hash", URL_SAFE_NO_PAD.encode(left_half).into());
    match &grant.nonce {
        Some(nonce) => claims.insert("nonce".to_owned(), nonce.as_str().into()),
        None => claims.remove("nonce"),
    };
    Some(Value::Object(Map::from_iter(claims)))
}
