//! axum-login: on top of tower-sessions, users who lie in this process's memory.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend};
use http::StatusCode;
use serde_json::{Map, Value};
use tower_sessions::{MemoryStore, SessionManagerLayer};

use super::input;
use super::served::{self, SIGN_IN, Served, USER, greet};
use super::tower_sessions::keep;
use crate::session::Sample;

/// The user's claims. They are shared, since the crate clones users.
#[derive(Clone, Debug)]
struct Account(Arc<Record>);

#[derive(Debug)]
struct Record {
    sub: String,
    #[expect(dead_code, reason = "it is what an application looks up, and nothing here does")]
    claims: Map<String, Value>,
    /// What the session is bound to: a new one ends the user's sessions.
    generation: [u8; 32],
}

impl AuthUser for Account {
    type Id = String;

    fn id(&self) -> String {
        self.0.sub.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.0.generation
    }
}

/// Users by `sub`.
#[derive(Clone, Debug)]
struct Accounts(Arc<HashMap<String, Account>>);

impl AuthnBackend for Accounts {
    type User = Account;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, sub: String) -> Result<Option<Account>, Infallible> {
        self.get_user(&sub).await
    }

    async fn get_user(&self, sub: &String) -> Result<Option<Account>, Infallible> {
        Ok(self.0.get(sub).cloned())
    }
}

/// The session holds what is left without the user.
pub(super) async fn served(sample: &Sample) -> Served {
    let (sub, claims) = (input::sub(sample), input::claims(sample));
    let account = Account(Arc::new(Record { sub: sub.clone(), claims, generation: [7; 32] }));
    let accounts = Accounts(Arc::new(HashMap::from([(sub, account)])));
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let router = Router::new()
        .route(USER, get(user))
        .route(SIGN_IN, post(sign_in))
        .layer(AuthManagerLayerBuilder::new(accounts, sessions).build());
    let pair = served::sign_in(&router, &sample.json).await;
    Served {
        name: "axum-login",
        verifies: false,
        router,
        valid: served::cookies(sample, &pair),
        tampered: vec![served::cookies(sample, &input::tampered(&pair))],
    }
}

async fn user(auth: AuthSession<Accounts>) -> Result<&'static str, StatusCode> {
    greet(&auth.user.ok_or(StatusCode::UNAUTHORIZED)?.0.sub)
}

async fn sign_in(mut auth: AuthSession<Accounts>, session: String) -> Result<StatusCode, StatusCode> {
    let mut members = input::members(&session);
    let claims = members.remove("user").unwrap_or_default();
    let sub = claims["sub"].as_str().unwrap_or_default().to_owned();
    let account = auth.authenticate(sub).await.ok().flatten().ok_or(StatusCode::UNAUTHORIZED)?;
    auth.login(&account).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    keep(&auth.session, members).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::OK)
}
