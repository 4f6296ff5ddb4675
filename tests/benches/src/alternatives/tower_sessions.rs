//! tower-sessions, with its store in this process's memory: a random id in the cookie, and the session's members behind it.

use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use tower_sessions::session::Error;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use super::input;
use super::served::{self, SIGN_IN, Served, USER, greet};
use crate::session::Sample;

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) sub: String,
}

/// The session's members under their names, so that the user can be had without the tokens.
pub(super) async fn served(sample: &Sample) -> Served {
    let router = Router::new()
        .route(USER, get(user))
        .route(SIGN_IN, post(sign_in))
        .layer(SessionManagerLayer::new(MemoryStore::default()));
    let pair = served::sign_in(&router, &sample.json).await;
    Served {
        name: "tower-sessions",
        verifies: false,
        router,
        valid: served::cookies(sample, &pair),
        tampered: vec![served::cookies(sample, &input::tampered(&pair))],
    }
}

async fn user(session: Session) -> Result<&'static str, StatusCode> {
    match session.get::<User>("user").await {
        Ok(Some(user)) => greet(&user.sub),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

/// Keeps what is posted.
pub(super) async fn sign_in(session: Session, members: String) -> StatusCode {
    match keep(&session, input::members(&members)).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Puts all of them into the session.
pub(super) async fn keep(session: &Session, members: Map<String, Value>) -> Result<(), Error> {
    for (name, value) in members {
        session.insert_value(&name, value).await?;
    }
    Ok(())
}
