//! The answer of the token endpoint: tokens for a grant.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::keys::random_text;
use super::server::{Shared, json_answer};
use super::state::Grant;
use super::users::SampleUser;

/// The content of an answer of the token endpoint.
pub(super) struct Issue {
    /// The grant of the access token and the ID token.
    pub(super) grant: Grant,
    /// The grant of the refresh token; `None` if there is no new one.
    pub(super) refresh: Option<Grant>,
    /// The type of the token of an exchange (RFC 8693 section 2.2.1); `None` for other answers.
    pub(super) issued_type: Option<IssuedType>,
    /// The user who acts for the one of the grant (RFC 8693 section 4.1).
    pub(super) actor: Option<usize>,
}

/// The type of the token that an exchange issues.
#[derive(Clone, Copy)]
pub(super) enum IssuedType {
    AccessToken,
    /// Auth0's session transfer token: no access token, but a token that begins a session in another application.
    SessionTransfer,
}

impl Issue {
    /// Returns the tokens of a sign-in, with a refresh token if the scope has `offline_access` (`OpenID` Connect Core
    /// 1.0 section 11).
    pub(super) fn sign_in(grant: Grant) -> Self {
        let refresh = grant.has_scope("offline_access").then(|| grant.clone());
        Self { grant, refresh, issued_type: None, actor: None }
    }

    /// Issues the tokens and returns the answer. `None` if the cryptography fails.
    pub(super) fn into_response(self, shared: &Shared) -> Option<Response> {
        let Self { grant, refresh, issued_type, actor } = self;
        let now = shared.now();
        let until = now.saturating_add(shared.token_lifetime);
        let actor = actor.and_then(|user| shared.users.get(user)).map(SampleUser::sub);
        let access_token = access_token(shared, &grant, actor, now, until)?;
        let mut answer = Map::new();
        let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        set("access_token", access_token.as_str().into());
        set("token_type", issued_type.map_or("Bearer", IssuedType::token_type).into());
        set("expires_in", shared.token_lifetime.into());
        set("scope", grant.scope.as_str().into());
        if let Some(issued_type) = issued_type {
            set("issued_token_type", issued_type.name().into());
        }
        let mut memory = shared.state.lock();
        if grant.has_scope("openid") {
            let claims = id_claims(shared, &grant, &access_token, now, until)?;
            let id_token = id_token(shared, claims)?;
            set("id_token", id_token.as_str().into());
            memory.add_id_token(id_token, grant.user, until, now);
        }
        if let Some(refresh) = refresh {
            let refresh_token = random_text()?;
            set("refresh_token", refresh_token.as_str().into());
            memory.add_refresh_token(refresh_token, refresh, now);
        }
        memory.add_access_token(access_token, grant, until, now);
        Some(json_answer(StatusCode::OK, &Value::Object(answer)))
    }
}

impl IssuedType {
    fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::SessionTransfer => "urn:auth0:params:oauth:token-type:session_transfer_token",
        }
    }

    fn token_type(self) -> &'static str {
        match self {
            Self::AccessToken => "Bearer",
            Self::SessionTransfer => "N_A",
        }
    }
}

fn access_token(shared: &Shared, grant: &Grant, actor: Option<&str>, now: i64, until: i64) -> Option<String> {
    let audience = grant.audience.clone().unwrap_or_else(|| format!("{}/userinfo", shared.issuer));
    let mut claims = json!({
        "iss": shared.issuer,
        "sub": shared.users.get(grant.user)?.sub(),
        "aud": audience,
        "client_id": shared.client_id,
        "azp": shared.client_id,
        "scope": grant.scope,
        "iat": now,
        "exp": until,
        "jti": random_text()?,
    });
    if let Some(actor) = actor {
        claims.as_object_mut()?.insert("act".to_owned(), json!({ "sub": actor }));
    }
    // RFC 9068 section 2.1: a type of its own, so that it cannot be taken for an ID token.
    let key = shared.key();
    key.sign(&key.header("at+jwt"), &claims)
}

/// Signs the claims, or returns what the test forges of them.
fn id_token(shared: &Shared, claims: Value) -> Option<String> {
    let (key, forge) = (shared.key(), shared.faults.borrow().forge());
    match forge {
        Some(forge) => forge(claims, &key),
        None => key.sign(&key.header("JWT"), &claims),
    }
}

/// Returns the claims of an ID token. The user's claims come first, so that the protocol's claims replace them.
fn id_claims(shared: &Shared, grant: &Grant, access_token: &str, now: i64, until: i64) -> Option<Value> {
    let mut claims = shared.users.get(grant.user)?.claims_for(&grant.scope);
    let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    set("iss", shared.issuer.as_str().into());
    set("aud", shared.client_id.as_str().into());
    set("exp", until.into());
    set("iat", now.into());
    set("auth_time", grant.auth_time.into());
    if let Some(acr) = &grant.acr {
        set("acr", acr.as_str().into());
    }
    set("sid", grant.family.as_str().into());
    set("at_hash", shared.key().access_token_hash(access_token).into());
    match &grant.nonce {
        Some(nonce) => claims.insert("nonce".to_owned(), nonce.as_str().into()),
        None => claims.remove("nonce"),
    };
    Some(Value::Object(Map::from_iter(claims)))
}
