//! Ours: a sealed id in the cookie, and the session's JSON behind it.

use auth_runtime::codec::{Lifetime, SeenNames, SessionDocument, Timestamp};
use auth_runtime::store::{Record, RedisStore, SessionStore as _};
use auth_runtime::{User, with_api_auth_required};
use axum::Router;
use axum::routing::get;

use crate::app::{self, ME};

pub(super) fn store(redis: u16) -> RedisStore {
    RedisStore::new(&format!("redis://127.0.0.1:{redis}")).expect("a URL of Redis")
}

pub(super) fn router(store: &RedisStore) -> Router {
    let auth = app::configured().session_store(store.clone()).build().expect("a whole configuration");
    Router::new().route(ME, get(me)).with_state(auth)
}

#[with_api_auth_required]
async fn me(user: User) -> String {
    user.sub().into_owned()
}

/// What a sign-in does when the provider has said who it is. Gives the cookie, `name=value`.
pub(super) async fn sign_in(store: &RedisStore, session: &str) -> String {
    let now = Timestamp::now();
    let document = SessionDocument::parse(session).expect("a session");
    let created_at = document.created_at();
    let cookie = app::auth().codec().write_store_id(None, created_at, &SeenNames::default(), now);
    let (id, lines) = cookie.expect("it can be sealed");
    let ends = now.saturating_add(Lifetime::default().remaining(created_at, now).as_secs());
    let record = Record::new(session, ends, now);
    store.create(&id, record).await.expect("Redis answers");
    format!("{}={}", lines[0].name(), lines[0].value())
}
