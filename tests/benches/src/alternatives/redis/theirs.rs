//! tower-sessions with its store for Redis, as the store's documentation has it: a random id in the cookie, and the session's
//! members behind it. Its expiry is that of a session of ours; it moves when a session is written, which no request does here.

use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike as _, Config, Pool, ServerConfig};

use super::super::served::SIGN_IN;
use super::super::tower_sessions::{User, sign_in};
use crate::app::ME;

pub(super) async fn router(redis: u16, connections: usize) -> Router {
    let config = Config { server: ServerConfig::new_centralized("127.0.0.1", redis), ..Config::default() };
    let pool = Pool::new(config, None, None, None, connections).expect("a pool");
    pool.connect();
    pool.wait_for_connect().await.expect("Redis answers");
    let expiry = Expiry::OnInactivity(Duration::days(1));
    Router::new()
        .route(ME, get(me))
        .route(SIGN_IN, post(sign_in))
        .layer(SessionManagerLayer::new(RedisStore::new(pool)).with_expiry(expiry))
}

async fn me(session: Session) -> Result<String, StatusCode> {
    match session.get::<User>("user").await {
        Ok(Some(user)) => Ok(user.sub),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}
