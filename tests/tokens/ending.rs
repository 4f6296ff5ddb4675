//! Sessions that are ended from elsewhere: one of them, or all of a user, in a store and in cookies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth_runtime::store::{KeyValueStore, MemoryStore, StoreError, StoreFuture, UserSessionsError};
use auth_runtime::{Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Browser, World};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use http::header::SET_COOKIE;

const ADA: &str = "ada@example.com";

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

/// Handles of the user's sessions, that of this request in brackets.
#[with_api_auth_required]
async fn sessions(session: Session, State(auth): State<Auth>) -> Result<String, StatusCode> {
    let all = auth.sessions_of(&session.user().sub()).await.map_err(|_| StatusCode::NOT_IMPLEMENTED)?;
    let names = all.iter().map(|one| {
        assert_eq!(one.created_at(), session.created_at());
        if one.is(&session) { format!("[{}]", one.handle()) } else { one.handle().to_owned() }
    });
    Ok(names.collect::<Vec<_>>().join(" "))
}

#[with_api_auth_required]
async fn leave_others(session: Session, State(auth): State<Auth>) -> String {
    let all = auth.sessions_of(&session.user().sub()).await.unwrap();
    let mut ended = 0;
    for other in all.iter().filter(|other| !other.is(&session)) {
        ended += u32::from(auth.end_session(other).await.unwrap());
    }
    ended.to_string()
}

#[with_api_auth_required]
async fn leave_everywhere(session: Session, State(auth): State<Auth>) -> Result<String, StatusCode> {
    let ended = auth.sign_out_everywhere(&session.user().sub()).await;
    ended.map(|ended| format!("{ended:?}")).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/me", get(me))
        .route("/leave", get(leave))
        .route("/sessions", get(sessions))
        .route("/leave-others", get(leave_others))
        .route("/leave-everywhere", get(leave_everywhere))
}

async fn world(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> World {
    World::configured(routes(), configure).await
}

async fn is_in(world: &World, browser: &Browser) -> bool {
    match browser.peek(&world, "/me").await.status {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => false,
        status => panic!("{status}"),
    }
}

#[tokio::test]
async fn a_user_sees_each_of_their_sessions_and_nobody_elses() {
    for seals in [false, true] {
        let world = world(|auth| auth.session_store(MemoryStore::new()).seal_records(seals)).await;
        let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
        world.signed_in("grace@example.com").await;
        let (from_here, by_there) =
            (here.peek(&world, "/sessions").await.body, there.peek(&world, "/sessions").await.body);
        assert_ne!(from_here, by_there);
        for (seen, cookies) in [(&from_here, &here), (&by_there, &there)] {
            let names: Vec<_> = seen.split(' ').collect();
            assert_eq!(names.len(), 2, "{seen}");
            assert_eq!(names.iter().filter(|name| name.starts_with('[')).count(), 1, "{seen}");
            assert!(names.iter().all(|name| !cookies.header().contains(name.trim_matches(['[', ']']))));
        }
        assert_eq!(from_here.replace(['[', ']'], ""), by_there.replace(['[', ']'], ""), "{seals}");
    }
}

#[tokio::test]
async fn a_user_ends_their_other_sessions_and_keeps_this_one() {
    for seals in [false, true] {
        let world = world(|auth| auth.session_store(MemoryStore::new()).seal_records(seals)).await;
        let here = world.signed_in(ADA).await;
        let others = [world.signed_in(ADA).await, world.signed_in(ADA).await];
        let grace = world.signed_in("grace@example.com").await;
        assert_eq!(here.peek(&world, "/leave-others").await.body, "2");
        assert!(is_in(&world, &here).await && is_in(&world, &grace).await);
        for other in &others {
            assert!(!is_in(&world, other).await);
        }
        assert_eq!(here.peek(&world, "/leave-others").await.body, "0");
    }
}

#[tokio::test]
async fn s_asvs_7_4_2_all_sessions_of_a_user_end_at_once_in_a_store() {
    for seals in [false, true] {
        let world = world(|auth| auth.session_store(MemoryStore::new()).seal_records(seals)).await;
        let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
        let grace = world.signed_in("grace@example.com").await;
        assert_eq!(here.peek(&world, "/leave-everywhere").await.body, "Some(2)");
        assert!(!is_in(&world, &here).await && !is_in(&world, &there).await);
        assert!(is_in(&world, &grace).await);
    }
}

#[tokio::test]
async fn s_asvs_7_4_2_all_sessions_of_a_user_end_at_once_in_cookies() {
    let world = world(|auth| auth.revocation(MemoryStore::new())).await;
    let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
    let grace = world.signed_in("grace@example.com").await;
    assert_eq!(here.peek(&world, "/leave-everywhere").await.body, "None");
    assert!(!is_in(&world, &here).await && !is_in(&world, &there).await);
    assert!(is_in(&world, &grace).await);
    // Who signs in later is in.
    world.clock.advance(1);
    let again = world.signed_in(ADA).await;
    assert!(is_in(&world, &again).await && !is_in(&world, &there).await);
}

#[tokio::test]
async fn s_asvs_7_4_2_a_session_of_an_instance_whose_clock_is_ahead_ends_with_the_others() {
    for ahead in [15, 16] {
        let world = world(|auth| auth.revocation(MemoryStore::new())).await;
        let now = world.clock.unix_seconds();
        world.clock.set(now + ahead);
        let browser = world.signed_in(ADA).await;
        world.clock.set(now);
        world.auth.sign_out_everywhere("sample|ada").await.unwrap();
        world.clock.set(now + ahead);
        assert_eq!(is_in(&world, &browser).await, ahead > 15, "{ahead}");
    }
}

#[tokio::test]
async fn s_asvs_7_4_2_who_signs_in_at_once_is_in_and_out_again_with_the_next_end() {
    for behind in [0, 5] {
        let world = world(|auth| auth.revocation(MemoryStore::new())).await;
        let before = world.signed_in(ADA).await;
        world.auth.sign_out_everywhere("sample|ada").await.unwrap();
        let again = world.signed_in(ADA).await;
        assert!(is_in(&world, &again).await, "in the same second");
        assert!(!is_in(&world, &before).await);
        world.clock.set(world.clock.unix_seconds() - behind);
        world.auth.sign_out_everywhere("sample|ada").await.unwrap();
        world.clock.advance(u64::try_from(behind).unwrap());
        assert!(!is_in(&world, &again).await, "{behind}");
    }
}

#[tokio::test]
async fn ses_05_and_s_asvs_7_4_1_a_cookie_replayed_after_the_sign_out_is_nobodys_where_it_is_revoked() {
    let world = world(|auth| auth.revocation(MemoryStore::new())).await;
    for path in ["/leave", "/auth/logout"] {
        world.clock.advance(1);
        let mut browser = world.signed_in(ADA).await;
        world.clock.advance(1);
        let other = world.signed_in(ADA).await;
        let stolen = browser.clone();
        browser.get(&world, path).await;
        assert!(!is_in(&world, &stolen).await, "{path}");
        assert!(is_in(&world, &other).await, "{path}: another session of the user went with it");
    }
}

#[tokio::test]
async fn without_a_store_and_without_revocation_nobody_can_be_ended() {
    let world = world(|auth| auth).await;
    let browser = world.signed_in(ADA).await;
    assert_eq!(browser.peek(&world, "/sessions").await.status, StatusCode::NOT_IMPLEMENTED);
    let error = world.auth.sign_out_everywhere("ada").await.unwrap_err();
    assert!(matches!(error, UserSessionsError::NoStore), "{error}");
    assert!(is_in(&world, &browser).await);
}

#[tokio::test]
async fn a_service_that_only_verifies_asks_too() {
    let store = Arc::new(MemoryStore::new());
    let world = world(|auth| auth.revocation(Arc::clone(&store))).await;
    let browser = world.signed_in(ADA).await;
    let companion = world.companion(|auth| auth.revocation(Arc::clone(&store)));
    assert!(is_in(&companion, &browser).await);
    browser.peek(&world, "/leave-everywhere").await;
    assert!(!is_in(&companion, &browser).await);
}

/// A store that can be told to fail.
#[derive(Debug)]
struct Failing {
    values: MemoryStore,
    fails: Arc<AtomicBool>,
}

impl Failing {
    fn answer<'a, T: 'a>(&self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.fails.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("the network is down")) });
        }
        answer
    }
}

impl KeyValueStore for Failing {
    fn name(&self) -> &'static str {
        "test"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        self.answer(self.values.read(keys))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        self.answer(self.values.compare_and_swap(key, expected, value, ttl))
    }
}

#[tokio::test]
async fn whether_a_session_is_revoked_is_never_guessed() {
    let fails = Arc::new(AtomicBool::new(false));
    let store = Failing { values: MemoryStore::new(), fails: Arc::clone(&fails) };
    let world = world(|auth| auth.revocation(store)).await;
    let browser = world.signed_in(ADA).await;
    fails.store(true, Ordering::SeqCst);
    for path in ["/me", "/leave"] {
        let answer = browser.peek(&world, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(answer.body.contains("session_store_unavailable"), "{path}: {}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE), "{path}");
    }
    fails.store(false, Ordering::SeqCst);
    assert!(is_in(&world, &browser).await);
}
