//! Requests that change one session in a store at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auth_runtime::store::{MemoryStore, SessionStore as _};
use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, TOKEN_LIFETIME, World};
use axum::extract::{Path, Query};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Barrier;

/// Sets one member, but not before all requests of the test have read the session.
#[with_api_auth_required]
async fn set(
    Path((name, value)): Path<(String, u64)>,
    session: Session,
    Extension(all): Extension<Arc<Barrier>>,
) -> &'static str {
    all.wait().await;
    session.set(&name, &value).unwrap();
    "set"
}

/// All that the test set, as JSON.
#[with_api_auth_required]
async fn read(session: Session) -> String {
    let value = |name: String| session.get::<u64>(&name).unwrap().map(|value| (name, value));
    let found: BTreeMap<_, _> = (0..100).filter_map(|number| value(format!("m{number}"))).collect();
    serde_json::to_string(&found).unwrap()
}

#[derive(Deserialize)]
struct Wanted {
    audience: String,
}

#[with_api_auth_required]
async fn token(session: Session, Query(wanted): Query<Wanted>) -> Result<String, AccessTokenError> {
    Ok(session.access_token().audience(wanted.audience).await?.as_str().to_owned())
}

fn routes(together: usize) -> Router<Auth> {
    Router::new()
        .route("/set/{name}/{value}", get(set).layer(Extension(Arc::new(Barrier::new(together)))))
        .route("/read", get(read))
        .route("/token", get(token))
}

async fn world(together: usize) -> World {
    World::configured(routes(together), |auth| auth.session_store(MemoryStore::new())).await
}

async fn all(world: &World, browser: &Browser, paths: Vec<String>) -> Vec<Answer> {
    let requests: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let (world, browser) = (world.clone(), browser.clone());
            tokio::spawn(async move { browser.peek(&world, &path).await })
        })
        .collect();
    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_that_change_one_session_lose_nothing() {
    let world = world(100).await;
    let browser = world.signed_in("ada@example.com").await;
    let paths = (0..100).map(|number| format!("/set/m{number}/{number}")).collect();
    for answer in all(&world, &browser, paths).await {
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "set"));
    }
    let read = browser.peek(&world, "/read").await.body;
    let found: BTreeMap<String, u64> = serde_json::from_str(&read).unwrap();
    assert_eq!(found.len(), 100, "{read}");
    assert!(found.iter().all(|(name, value)| *name == format!("m{value}")), "{read}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_several_set_one_stays() {
    let world = world(10).await;
    let browser = world.signed_in("ada@example.com").await;
    let paths = (0..10).map(|number| format!("/set/m0/{number}")).collect();
    for answer in all(&world, &browser, paths).await {
        assert_eq!(answer.status, StatusCode::OK);
    }
    let read = browser.peek(&world, "/read").await.body;
    assert!((0..10).any(|number| read == format!(r#"{{"m0":{number}}}"#)), "{read}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_for_several_apis_that_are_fetched_at_once_are_all_kept() {
    let store = Arc::new(MemoryStore::new());
    let configure = |auth: AuthBuilder| auth.session_store(Arc::clone(&store));
    let world = World::configured(routes(1), configure).await;
    let browser = world.signed_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    let paths: Vec<_> = (0..5).map(|number| format!("/token?audience=https://{number}.example")).collect();
    let given: BTreeSet<_> = all(&world, &browser, paths).await.into_iter().map(|got| got.body).collect();
    let id = world.store_id(&browser);
    let record = store.get(&id, world.now()).await.unwrap().unwrap();
    let session: Value = serde_json::from_str(record.text()).unwrap();
    let kept = session["accessTokens"].as_array().unwrap().iter().map(|token| &token["accessToken"]);
    assert_eq!(kept.map(|token| token.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), given);
    assert_eq!(given.len(), 5);
}
