//! axum-oidc: on top of tower-sessions, an ID token in the session whose signature is checked for each request.

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::routing::{get, post};
use axum_oidc::error::MiddlewareError;
use axum_oidc::{EmptyAdditionalClaims, OidcAuthLayer, OidcClaims, OidcClient, ProviderMetadata};
use http::{StatusCode, Uri};
use serde_json::json;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use super::input;
use super::served::{self, SIGN_IN, Served, USER, greet};
use super::signing::{KEY_ID, Rsa, base64url};
use super::tower_sessions::sign_in;
use crate::session::Sample;

/// The handler asks for the claims, and nobody is sent to sign in. Without a refresh token, for the crate would take one
/// to the provider when it refuses the ID token.
pub(super) async fn served(sample: &Sample) -> Served {
    let key = Rsa::new();
    let router = Router::new()
        .route(USER, get(user))
        .layer((HandleErrorLayer::new(failed), OidcAuthLayer::new(client(&key))))
        .route(SIGN_IN, post(sign_in))
        .layer(SessionManagerLayer::new(MemoryStore::default()));
    let token = id_token(sample, &key);
    let valid = served::sign_in(&router, &session(sample, &token)).await;
    let forged = served::sign_in(&router, &session(sample, &input::tampered(&token))).await;
    Served {
        name: "axum-oidc",
        verifies: true,
        router,
        valid: served::cookies(sample, &valid),
        tampered: vec![served::cookies(sample, &forged), served::cookies(sample, &input::tampered(&valid))],
    }
}

async fn user(claims: OidcClaims<EmptyAdditionalClaims>) -> Result<&'static str, StatusCode> {
    greet(claims.subject())
}

async fn failed(error: MiddlewareError) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

/// The session under the name and in the shape that the crate gives it after a sign-in.
fn session(sample: &Sample, id_token: &str) -> String {
    let access_token = &input::members(&sample.json)["tokenSet"]["accessToken"];
    json!({
        "axum-oidc": {
            "nonce": NONCE,
            "csrf_token": "l9bXoQ0mVw2c",
            "pkce_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "authenticated": { "id_token": id_token, "access_token": access_token },
            "refresh_token": null,
        }
    })
    .to_string()
}

fn id_token(sample: &Sample, key: &Rsa) -> String {
    let mut claims = input::claims(sample);
    let exp = input::exp(sample);
    for (name, value) in
        [("iss", ISSUER.into()), ("aud", CLIENT.into()), ("nonce", NONCE.into()), ("exp", exp)]
    {
        claims.insert(name.to_owned(), value);
    }
    claims.insert("iat".to_owned(), input::members(&sample.json)["internal"]["createdAt"].clone());
    key.sign(&claims)
}

/// What the provider would have told of itself, and the key that it would have published.
fn client(key: &Rsa) -> OidcClient<EmptyAdditionalClaims> {
    let metadata: ProviderMetadata = serde_json::from_value(json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/oauth/token"),
        "jwks_uri": format!("{ISSUER}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .expect("a provider's metadata");
    let public = key.public();
    let (n, e) = (base64url(public.n), base64url(public.e));
    let keys = serde_json::from_value(json!({
        "keys": [{ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": n, "e": e }],
    }))
    .expect("a provider's keys");
    OidcClient::from_provider_metadata(
        metadata.set_jwks(keys),
        Uri::from_static("https://app.example.com"),
        CLIENT.to_owned(),
        None,
        Vec::new(),
    )
    .expect("a client")
}

const ISSUER: &str = "https://tenant.example.com";
const CLIENT: &str = "client";
const NONCE: &str = "n-0S6_WzA2Mj";
