//! What healthy endpoints answer, and what the provider remembers.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::Endpoint;
use super::key::{SigningKey, shared_key};
use super::message::Request;
use crate::url64;

/// The one client.
pub const CLIENT_ID: &str = "client-1";

/// Its secret.
pub const CLIENT_SECRET: &str = "the-secret-of-the-client";

/// How many seconds ID tokens live.
pub const ID_TOKEN_LIFETIME: i64 = 3_600;

/// Codes, tokens and the key.
pub struct Provider {
    ports: Vec<u16>,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    key: Arc<SigningKey>,
    lifetime: AtomicI64,
    rotates: AtomicBool,
    forge: Mutex<Option<Forge>>,
    memory: Mutex<Memory>,
}

/// From the claims of an ID token and the provider's key to what is given out as the ID token.
type Forge = Arc<dyn Fn(Value, &SigningKey) -> String + Send + Sync>;

/// What a user agreed to.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The subject.
    pub user: String,
    /// All tokens of one sign-in; also its `sid`.
    pub family: String,
    /// Of the sign-in's request.
    pub nonce: Option<String>,
    /// The API that access tokens are for.
    pub audience: Option<String>,
}

/// A request that arrived at the token endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// `authorization_code`, `refresh_token`, or what else was sent.
    pub grant_type: String,
    /// The refresh token, if one was sent.
    pub refresh_token: Option<String>,
    /// The API, if one was named.
    pub audience: Option<String>,
    /// The scope, if one was named.
    pub scope: Option<String>,
}

#[derive(Default)]
struct Memory {
    issued: u64,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, Grant>,
    spent: HashMap<String, Grant>,
    revoked: HashSet<String>,
    reused: usize,
    token_requests: Vec<TokenRequest>,
    revocations: Vec<String>,
}

struct Code {
    grant: Grant,
    challenge: String,
    redirect_uri: String,
}

impl Provider {
    pub(super) fn new(ports: Vec<u16>, clock: Box<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self {
            ports,
            clock,
            key: shared_key(),
            lifetime: AtomicI64::new(3_600),
            rotates: AtomicBool::new(true),
            forge: Mutex::default(),
            memory: Mutex::default(),
        }
    }

    /// The provider's name.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[Endpoint::Discovery as usize])
    }

    /// Where an endpoint is.
    pub fn url(&self, endpoint: Endpoint) -> String {
        let path = match endpoint {
            Endpoint::Discovery => ".well-known/openid-configuration",
            Endpoint::Jwks => "jwks",
            Endpoint::Token => "token",
            Endpoint::Revocation => "revoke",
            Endpoint::Elsewhere => "elsewhere",
        };
        format!("http://127.0.0.1:{}/{path}", self.ports[endpoint as usize])
    }

    /// How many seconds access tokens live from now on.
    pub fn set_lifetime(&self, seconds: i64) {
        self.lifetime.store(seconds, Ordering::SeqCst);
    }

    /// Returns whether a refresh token is good for one use; at first it is.
    pub fn set_rotation(&self, rotates: bool) {
        self.rotates.store(rotates, Ordering::SeqCst);
    }

    /// Gives out what `forge` makes of an ID token's claims.
    pub fn forge_id_tokens(&self, forge: impl Fn(Value, &SigningKey) -> String + Send + Sync + 'static) {
        *self.forge.lock().expect("no panic while it is held") = Some(Arc::new(forge));
    }

    /// Gives out honest ID tokens again.
    pub fn stop_forging(&self) {
        *self.forge.lock().expect("no panic while it is held") = None;
    }

    /// Everything that arrived at the token endpoint, in order.
    pub fn token_requests(&self) -> Vec<TokenRequest> {
        self.memory().token_requests.clone()
    }

    /// How often a refresh token came that had been spent; each time its family was revoked.
    pub fn reused(&self) -> usize {
        self.memory().reused
    }

    /// The tokens that were revoked, in order.
    pub fn revocations(&self) -> Vec<String> {
        self.memory().revocations.clone()
    }

    /// What a browser and a user make of an authorization URL: the URL that leads back to the application.
    pub fn sign_in(&self, authorization_url: &str, user: &str) -> String {
        let url = Url::parse(authorization_url).expect("an URL");
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let mut memory = self.memory();
        let number = memory.next();
        let grant = Grant {
            user: user.to_owned(),
            family: format!("sid-{number}"),
            nonce: query.get("nonce").cloned(),
            audience: query.get("audience").cloned(),
        };
        let code = format!("code-{number}");
        let code_for = Code {
            grant,
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
        };
        memory.codes.insert(code.clone(), code_for);
        callback_url(&query["redirect_uri"], &code, &query["state"], &self.issuer())
    }

    /// The status and the body. Without `acts` the answer is the same and nothing is spent.
    pub(super) fn answer(&self, endpoint: Endpoint, request: &Request, acts: bool) -> (u16, String) {
        if !self.url(endpoint).ends_with(&request.path) {
            return (404, json!({ "error": "not_found" }).to_string());
        }
        let answer = match endpoint {
            Endpoint::Discovery => Ok(self.metadata()),
            Endpoint::Jwks => Ok(json!({ "keys": [self.key.jwk()] })),
            Endpoint::Token => self.tokens(&request.form, acts),
            Endpoint::Revocation => {
                self.revoke(&request.form, acts);
                Ok(json!({ "revoked": true }))
            }
            Endpoint::Elsewhere => Ok(json!({ "access_token": "stolen", "token_type": "Bearer" })),
        };
        match answer {
            Ok(body) => (200, body.to_string()),
            Err(code) => (400, json!({ "error": code }).to_string()),
        }
    }

    fn metadata(&self) -> Value {
        json!({
            "issuer": self.issuer(),
            "authorization_endpoint": format!("{}/authorize", self.issuer()),
            "token_endpoint": self.url(Endpoint::Token),
            "jwks_uri": self.url(Endpoint::Jwks),
            "revocation_endpoint": self.url(Endpoint::Revocation),
            "end_session_endpoint": format!("{}/logout", self.issuer()),
            "authorization_response_iss_parameter_supported": true,
        })
    }

    fn tokens(&self, form: &HashMap<String, String>, acts: bool) -> Result<Value, &'static str> {
        let value = |name: &str| form.get(name).map(String::as_str);
        let mut memory = self.memory();
        memory.token_requests.push(TokenRequest {
            grant_type: value("grant_type").unwrap_or_default().to_owned(),
            refresh_token: form.get("refresh_token").cloned(),
            audience: form.get("audience").cloned(),
            scope: form.get("scope").cloned(),
        });
        if (value("client_id"), value("client_secret")) != (Some(CLIENT_ID), Some(CLIENT_SECRET)) {
            return Err("invalid_client");
        }
        let rotates = self.rotates.load(Ordering::SeqCst);
        let mut grant = match value("grant_type") {
            Some("authorization_code") => memory.redeem_code(form, acts)?,
            Some("refresh_token") => memory.redeem_refresh_token(form, acts && rotates)?,
            _ => return Err("unsupported_grant_type"),
        };
        let renews = value("grant_type") == Some("refresh_token");
        if renews {
            grant.nonce = None;
        }
        let audience = form.get("audience").or(grant.audience.as_ref());
        let number = memory.next();
        let access_token =
            format!("at.{}.{}.{number}", grant.user, audience.map_or("default", String::as_str));
        let mut answer = json!({
            "access_token": access_token,
            "expires_in": self.lifetime.load(Ordering::SeqCst),
            "id_token": self.id_token(&grant, &access_token),
            "token_type": "Bearer",
        });
        if rotates || !renews {
            let refresh_token = format!("rt.{}.{number}", grant.user);
            answer["refresh_token"] = refresh_token.clone().into();
            memory.refresh_tokens.insert(refresh_token, grant);
        }
        Ok(answer)
    }

    fn id_token(&self, grant: &Grant, access_token: &str) -> String {
        let now = (self.clock)();
        let digest = Sha256::digest(access_token);
        let mut claims = json!({
            "iss": self.issuer(),
            "sub": grant.user,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + ID_TOKEN_LIFETIME,
            "sid": grant.family,
            "at_hash": url64(&digest[..16]),
        });
        if let Some(nonce) = &grant.nonce {
            claims["nonce"] = nonce.as_str().into();
        }
        let forge = self.forge.lock().expect("no panic while it is held").clone();
        match forge {
            Some(forge) => forge(claims, &self.key),
            None => self.key.sign(&self.key.header(), &claims.to_string()),
        }
    }

    fn revoke(&self, form: &HashMap<String, String>, acts: bool) {
        let token = form.get("token").cloned().unwrap_or_default();
        let mut memory = self.memory();
        if acts {
            let family = memory.refresh_tokens.get(&token).map(|grant| grant.family.clone());
            memory.revoked.extend(family);
        }
        memory.revocations.push(token);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("no panic while it is held")
    }
}

impl Memory {
    fn next(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }

    fn redeem_code(&mut self, form: &HashMap<String, String>, acts: bool) -> Result<Grant, &'static str> {
        let value = |name: &str| form.get(name).map_or("", String::as_str);
        let code = self.codes.get(value("code")).ok_or("invalid_grant")?;
        let challenge = url64(&Sha256::digest(value("code_verifier")));
        if code.challenge != challenge || code.redirect_uri != value("redirect_uri") {
            return Err("invalid_grant");
        }
        let grant = code.grant.clone();
        if acts {
            self.codes.remove(value("code"));
        }
        Ok(grant)
    }

    fn redeem_refresh_token(
        &mut self,
        form: &HashMap<String, String>,
        spends: bool,
    ) -> Result<Grant, &'static str> {
        let token = form.get("refresh_token").ok_or("invalid_request")?;
        if let Some(grant) = self.spent.get(token) {
            self.reused += 1;
            self.revoked.insert(grant.family.clone());
            return Err("invalid_grant");
        }
        let grant = self.refresh_tokens.get(token).ok_or("invalid_grant")?.clone();
        if self.revoked.contains(&grant.family) {
            return Err("invalid_grant");
        }
        if spends {
            self.refresh_tokens.remove(token);
            self.spent.insert(token.clone(), grant.clone());
        }
        Ok(grant)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

/// The answer to an authorization request (RFC 6749 section 4.1.2 and RFC 9207).
pub fn callback_url(redirect_uri: &str, code: &str, state: &str, iss: &str) -> String {
    let mut url = Url::parse(redirect_uri).expect("an URL");
    url.query_pairs_mut().append_pair("code", code).append_pair("state", state).append_pair("iss", iss);
    url.into()
}
