//! The end of a sealed record: who can write to the store can bring it nearer, and no more.

use auth_runtime::codec::SeenNames;
use auth_runtime::store::{Record, StoreId};
use auth_runtime::{Session, with_api_auth_required};
use auth_tests::{Answer, Browser, World, time};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::watched::{Watched, hashed};

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn ends(session: Session) -> String {
    session.expires_at().map(|end| end.as_unix().to_string()).unwrap_or_default()
}

#[with_api_auth_required]
async fn visit(session: Session) -> String {
    let visits: u64 = session.get("visits").unwrap().unwrap_or(0);
    session.set("visits", &(visits + 1)).unwrap();
    visits.to_string()
}

/// Changes the session, while its store is put back to what it was before.
#[with_api_auth_required]
async fn overtaken(session: Session, axum::Extension(put_back): axum::Extension<PutBack>) -> &'static str {
    session.set("late", &true).unwrap();
    let (store, key, record) = put_back.0.lock().unwrap().clone().unwrap();
    store.put(&key, record).await;
    "done"
}

#[derive(Clone, Default)]
struct PutBack(std::sync::Arc<std::sync::Mutex<Option<(Watched, StoreId, Record)>>>);

async fn world(store: &Watched, put_back: &PutBack) -> World {
    let routes = Router::new()
        .route("/me", get(me))
        .route("/ends", get(ends))
        .route("/visit", get(visit))
        .route("/overtaken", get(overtaken))
        .layer(axum::Extension(put_back.clone()));
    let kept = store.clone();
    World::configured(routes, |auth| auth.session_store(kept).seal_records(true)).await
}

async fn signed_in(store: &Watched) -> (World, Browser, StoreId) {
    let world = world(store, &PutBack::default()).await;
    let browser = world.signed_in("ada@example.com").await;
    let key = hashed(&world.store_id(&browser));
    (world, browser, key)
}

fn assert_over(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

/// The cookie that the service would give at this time, for the record that the browser's names.
fn cookie_of(world: &World, browser: &Browser) -> Browser {
    let now = world.now();
    let codec = auth_runtime::codec::SessionCodec::builder(world.auth.codec().keys().clone())
        .owner(auth_runtime::codec::Lifetime::default())
        .build();
    let id = Some(world.store_id(browser));
    let (_, lines) = codec.write_store_id(id, now, &SeenNames::default(), now).unwrap();
    Browser::with(lines[0].name(), lines[0].value().to_owned())
}

/// Whom the tests sign in.
const SUB: &str = "sample|ada";

const HOUR: u64 = 3_600;
const DAY: i64 = 86_400;

#[tokio::test]
async fn atk_04_an_end_that_is_sealed_cannot_be_moved_in_the_store() {
    let store = Watched::default();
    let (world, browser, key) = signed_in(&store).await;
    world.clock.advance(20 * HOUR);
    // Good for longer than the record: only the record can say that the session is over.
    let later = cookie_of(&world, &browser);
    let end = world.clock.unix_seconds() + 4 * 3_600;
    store.move_end(&key, time(end + 30 * DAY)).await;
    assert_eq!(later.peek(&world, "/ends").await.body, end.to_string(), "what is sealed counts");
    // That request has extended it; put back what was there before.
    let (world, browser, key) = signed_in(&store).await;
    let first = store.record(&key).await.unwrap();
    world.clock.advance(20 * HOUR);
    let later = cookie_of(&world, &browser);
    world.clock.advance(4 * HOUR);
    store.put(&key, Record::new(first.text(), time(world.clock.unix_seconds() + DAY), time(0))).await;
    assert_over(&later.peek(&world, "/me").await);
    assert_over(&later.peek(&world, "/visit").await);
}

#[tokio::test]
async fn atk_04_what_an_extended_session_was_before_lives_as_long_as_it_did_then() {
    let store = Watched::default();
    let (world, mut browser, key) = signed_in(&store).await;
    let first = store.record(&key).await.unwrap();
    world.clock.advance(20 * HOUR);
    assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");
    let extended = store.record(&key).await.unwrap();
    assert_ne!(extended.text(), first.text(), "the end was sealed anew");
    assert_eq!(extended.expires_at(), time(world.clock.unix_seconds() + DAY));

    world.clock.advance(10 * HOUR);
    assert_eq!(browser.peek(&world, "/me").await.body, "ada@example.com");
    let moved = Record::new(first.text(), extended.expires_at(), extended.written_at());
    store.put(&key, moved.with_index(first.index().clone())).await;
    assert_over(&browser.peek(&world, "/me").await);
    assert_eq!(world.auth.sessions_of(SUB).await.unwrap().len(), 0, "nor is it listed");
}

#[tokio::test]
async fn the_store_can_bring_the_end_nearer() {
    let store = Watched::default();
    let (world, browser, key) = signed_in(&store).await;
    let end = world.clock.unix_seconds() + 60;
    store.move_end(&key, time(end)).await;
    world.clock.advance(60);
    assert_over(&browser.peek(&world, "/me").await);
}

#[tokio::test]
async fn a_sealed_session_that_is_used_goes_on_until_its_absolute_end() {
    let store = Watched::default();
    let (world, mut browser, _) = signed_in(&store).await;
    for _ in 0..3 {
        world.clock.advance(20 * HOUR);
        assert_eq!(browser.get(&world, "/me").await.body, "ada@example.com");
        assert_eq!(browser.get(&world, "/visit").await.status, StatusCode::OK);
    }
    assert_eq!(world.auth.sessions_of(SUB).await.unwrap().len(), 1);
    world.clock.advance(12 * HOUR);
    assert_over(&browser.peek(&world, "/me").await);
}

#[tokio::test]
async fn extending_a_sealed_session_loses_nothing_that_another_request_writes() {
    let store = Watched::default();
    let (world, browser, _) = signed_in(&store).await;
    world.clock.advance(20 * HOUR);
    let requests = ["/visit", "/me", "/me", "/ends", "/me", "/me"].map(|path| {
        let (world, browser) = (world.clone(), browser.clone());
        tokio::spawn(async move { browser.peek(&world, path).await.status })
    });
    for request in requests {
        assert_eq!(request.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(browser.peek(&world, "/visit").await.body, "1");
}

#[tokio::test]
async fn atk_04_a_change_is_not_merged_into_a_record_that_was_put_back() {
    let (store, put_back) = (Watched::default(), PutBack::default());
    let world = world(&store, &put_back).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let key = hashed(&world.store_id(&browser));
    let first = store.record(&key).await.unwrap();
    world.clock.advance(1);
    assert_eq!(browser.get(&world, "/visit").await.body, "0");
    *put_back.0.lock().unwrap() = Some((store.clone(), key.clone(), first.clone()));
    let answer = browser.peek(&world, "/overtaken").await;
    assert_eq!(answer.body, "done");
    let lines: Vec<_> = answer.set_cookies().collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("Max-Age=0")), "{lines:?}");
    assert_eq!(store.record(&key).await.unwrap().text(), first.text(), "nothing was written into it");
}
