//! Tokens for what was granted.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::keys::random_text;
use super::server::{Shared, json_answer};
use super::state::Grant;

/// One answer of the token endpoint.
pub(super) struct Issue {
    /// What the access token and the ID token say.
    pub(super) grant: Grant,
    /// What the refresh token that goes with them is good for; `None` if there is no new one.
    pub(super) refresh: Option<Grant>,
}

impl Issue {
    /// At the end of a sign-in: a refresh token if that was asked for (`OpenID` Connect Core 1.0 section 11).
    pub(super) fn sign_in(grant: Grant) -> Self {
        let refresh = grant.has_scope("offline_access").then(|| grant.clone());
        Self { grant, refresh }
    }

    /// `None` if the cryptography fails.
    pub(super) fn into_response(self, shared: &Shared) -> Option<Response> {
        let Self { grant, refresh } = self;
        let now = shared.now();
        let until = now.saturating_add(shared.token_lifetime);
        let access_token = access_token(shared, &grant, now, until)?;
        let mut answer = Map::new();
        let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        set("access_token", access_token.as_str().into());
        set("token_type", "Bearer".into());
        set("expires_in", shared.token_lifetime.into());
        set("scope", grant.scope.as_str().into());
        if grant.has_scope("openid") {
            let claims = id_claims(shared, &grant, &access_token, now, until)?;
            set("id_token", shared.key.sign("JWT", &claims)?.into());
        }
        let refresh = match refresh {
            Some(refresh) => Some((random_text()?, refresh)),
            None => None,
        };
        if let Some((token, _)) = &refresh {
            set("refresh_token", token.as_str().into());
        }
        let mut memory = shared.state.lock();
        if let Some((token, grant)) = refresh {
            memory.add_refresh_token(token, grant, now);
        }
        memory.add_access_token(access_token, grant, until, now);
        Some(json_answer(StatusCode::OK, &Value::Object(answer)))
    }
}

fn access_token(shared: &Shared, grant: &Grant, now: i64, until: i64) -> Option<String> {
    let audience = grant.audience.clone().unwrap_or_else(|| format!("{}/userinfo", shared.issuer));
    shared.key.sign(
        // RFC 9068 section 2.1: so that it can't be taken for an ID token.
        "at+jwt",
        &json!({
            "iss": shared.issuer,
            "sub": shared.users.get(grant.user)?.sub(),
            "aud": audience,
            "client_id": shared.client_id,
            "azp": shared.client_id,
            "scope": grant.scope,
            "iat": now,
            "exp": until,
            "jti": random_text()?,
        }),
    )
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
