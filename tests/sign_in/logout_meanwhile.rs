//! A provider, or a user, ends sessions while one of them is about to begin.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use auth_runtime::store::{KeyValueStore, MemoryStore, SessionFilter, SessionStore, StoreFuture};
use auth_runtime::{Auth, AuthBuilder};
use auth_tests::{Answer, ORIGIN, World, post_logout_token, time};
use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::failing_store::FailingStore;
use crate::world::configured;

const ADA: &str = "ada@example.com";

/// A sign-in whose code has been exchanged, and which waits for the word of the application.
struct Waiting {
    world: World,
    callback: tokio::task::JoinHandle<Answer>,
    sub: String,
    sid: String,
    go_on: Arc<Notify>,
}

impl Waiting {
    async fn with(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let go_on = Arc::new(Notify::new());
        let wait = Arc::clone(&go_on);
        let mut world = configured(|builder| {
            configure(builder).backchannel_logout(true).on_login(move |login| {
                let claim = |name| login.session().id_token_claim(name).unwrap().as_str().unwrap().to_owned();
                sender.send((claim("sub"), claim("sid"))).unwrap();
                let wait = Arc::clone(&wait);
                async move {
                    wait.notified().await;
                    login.proceed()
                }
            })
        })
        .await;
        let callback = world.begin("/auth/login", ADA).await;
        let (app, browser) = (world.app.clone(), world.browser.clone());
        let callback = tokio::spawn(async move { browser.peek(&app, &callback).await });
        let (sub, sid) = receiver.recv().await.unwrap();
        Self { world, callback, sub, sid, go_on }
    }

    async fn post(app: &Router, token: &str) -> StatusCode {
        post_logout_token(app, ORIGIN, token).await.status
    }

    /// The sign-in goes on, and fails. Its browser has what it had before, and can sign in again.
    async fn fails(self) -> World {
        self.go_on.notify_one();
        let answer = self.callback.await.unwrap();
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
        assert!(answer.body.contains(r#""error":"session_expired""#), "{}", answer.body);
        let lines: Vec<_> = answer.set_cookies().collect();
        assert!(
            matches!(&lines[..], [line] if line.starts_with("__") && line.contains("txn_") && line.contains("Max-Age=0")),
            "{lines:?}"
        );
        assert_eq!(answer.headers["cache-control"], "private, no-store");
        self.world
    }

    async fn succeeds(mut self) -> World {
        self.go_on.notify_one();
        let answer = self.callback.await.unwrap();
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.world.browser.keep(&answer);
        assert_eq!(self.world.get("/me").await.body, ADA);
        self.world
    }

    fn tokens(&self) -> [String; 3] {
        let token = |sub, sid| self.world.provider.logout_token(sub, sid).unwrap();
        let (sub, sid) = (Some(self.sub.as_str()), Some(self.sid.as_str()));
        [token(None, sid), token(sub, None), token(sub, sid)]
    }
}

/// Nobody's record is left.
async fn is_empty(store: &impl SessionStore, waiting: &(String, String)) -> bool {
    let scope = SessionFilter { iss: waiting.0.clone(), sub: Some(waiting.1.clone()), sid: None };
    store.list(&scope, time(0)).await.unwrap().is_empty()
}

#[tokio::test]
async fn bcl_17_a_logout_token_that_arrives_during_a_sign_in_ends_it() {
    for kind in 0..3 {
        let store = Arc::new(MemoryStore::new());
        let waiting = Waiting::with(|builder| builder.session_store(Arc::clone(&store))).await;
        let whose = (waiting.world.provider.issuer().to_owned(), waiting.sub.clone());
        let token = waiting.tokens()[kind].clone();
        assert_eq!(Waiting::post(&waiting.world.app, &token).await, StatusCode::OK);
        let world = waiting.fails().await;
        assert!(is_empty(&*store, &whose).await, "{kind}");
        assert_eq!(Waiting::post(&world.app, &token).await, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn bcl_17_it_ends_also_where_the_store_keeps_nothing_but_sessions() {
    for kind in 0..3 {
        let store = FailingStore::default();
        let waiting = Waiting::with(|builder| builder.session_store(store.clone())).await;
        let whose = (waiting.world.provider.issuer().to_owned(), waiting.sub.clone());
        assert_eq!(Waiting::post(&waiting.world.app, &waiting.tokens()[kind]).await, StatusCode::OK);
        waiting.fails().await;
        assert!(is_empty(&store, &whose).await, "{kind}");
        assert_eq!(store.ids().len(), 1, "the record was there, and was removed");
    }
}

#[tokio::test]
async fn bcl_17_it_ends_whichever_instance_hears_of_it_and_also_in_cookies() {
    for kind in 0..3 {
        for (sealed, cookies) in [(false, false), (true, false), (false, true)] {
            let store = Arc::new(MemoryStore::new());
            let keep = |builder: AuthBuilder| {
                let store = Arc::clone(&store);
                if cookies {
                    builder.revocation(store)
                } else {
                    builder.session_store(store).seal_records(sealed)
                }
            };
            let mut waiting = Waiting::with(keep).await;
            let first = waiting.world.app.clone();
            waiting.world.reconfigure(|builder| keep(builder).backchannel_logout(true));
            let token = waiting.tokens()[kind].clone();
            assert_eq!(Waiting::post(&waiting.world.app, &token).await, StatusCode::OK);
            let mut world = waiting.fails().await;
            assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED, "{kind} {sealed} {cookies}");
            // In the same second, and at once.
            let again = world.sign_in(ADA).await;
            assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
            assert_eq!(world.get("/me").await.body, ADA, "{kind} {sealed} {cookies}");
            world.app = first;
            assert_eq!(world.get("/me").await.body, ADA);
            // Said again to the other instance, it ends nothing.
            assert_eq!(Waiting::post(&world.app, &token).await, StatusCode::BAD_REQUEST);
            assert_eq!(world.get("/me").await.body, ADA);
        }
    }
}

#[tokio::test]
async fn bcl_17_only_the_sign_in_of_that_user_ends() {
    let store = Arc::new(MemoryStore::new());
    let waiting = Waiting::with(|builder| builder.session_store(store)).await;
    for (sub, sid) in [(Some("somebody-else"), None), (None, Some("another-session"))] {
        let token = waiting.world.provider.logout_token(sub, sid).unwrap();
        assert_eq!(Waiting::post(&waiting.world.app, &token).await, StatusCode::OK);
    }
    waiting.succeeds().await;
}

/// A store in which a user's sessions end at the moment when a new one of theirs is spared from the end before.
#[derive(Clone, Debug, Default)]
struct EndsMeanwhile {
    values: Arc<MemoryStore>,
    /// The instance that ends the sessions, and whose. It has the values without this.
    ends: Arc<OnceLock<(Auth, String)>>,
    is_done: Arc<AtomicBool>,
}

impl KeyValueStore for EndsMeanwhile {
    fn name(&self) -> &'static str {
        "test"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        self.values.read(keys)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            if key.starts_with("revoked:not:")
                && let Some((auth, sub)) = self.ends.get()
                && !self.is_done.swap(true, Ordering::SeqCst)
            {
                auth.sign_out_everywhere(sub).await.unwrap();
            }
            self.values.compare_and_swap(key, expected, value, ttl).await
        })
    }
}

#[tokio::test]
async fn bcl_17_a_sign_in_that_is_spared_from_an_end_before_it_ends_by_one_that_comes_meanwhile() {
    for comes_meanwhile in [false, true] {
        let store = EndsMeanwhile::default();
        let mut world = configured(|builder| builder.revocation(store.clone())).await;
        world.sign_in(ADA).await;
        let profile: Value = world.get("/auth/profile").await.json();
        let sub = profile["sub"].as_str().unwrap().to_owned();
        let other = world.another(|builder| builder.revocation(Arc::clone(&store.values))).auth;
        other.sign_out_everywhere(&sub).await.unwrap();
        assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);

        if comes_meanwhile {
            store.ends.set((other, sub)).unwrap();
        }
        let callback = world.begin("/auth/login", ADA).await;
        let answer = world.get(&callback).await;
        assert_eq!(store.is_done.load(Ordering::SeqCst), comes_meanwhile);
        let expected = if comes_meanwhile { StatusCode::FORBIDDEN } else { StatusCode::SEE_OTHER };
        assert_eq!(answer.status, expected, "{}", answer.body);
        let status = world.get("/me").await.status;
        assert_eq!(status, if comes_meanwhile { StatusCode::UNAUTHORIZED } else { StatusCode::OK });
    }
}

/// Next.js signs a user in on its own, so no sign-in here says that the session began after the end.
#[tokio::test]
async fn bcl_18_a_token_of_a_clock_that_is_ahead_ends_no_session_that_began_since() {
    let store = Arc::new(MemoryStore::new());
    let keep = |builder: AuthBuilder| builder.backchannel_logout(true).revocation(Arc::clone(&store));
    let mut world = configured(keep).await;
    world.sign_in(ADA).await;
    let mut session = world.session(&world.browser);
    let now = world.clock.unix_seconds();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let claims = json!({
        "iss": world.provider.issuer(), "aud": world.provider.client_id(), "iat": now + 50, "exp": now + 120,
        "jti": "early", "sub": session["user"]["sub"], "events": { event: {} },
    });
    let token = world.provider.sign("logout+jwt", &claims).unwrap();
    assert_eq!(Waiting::post(&world.app, &token).await, StatusCode::OK);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);

    session["internal"]["sid"] = json!("of-next.js");
    let instance = world.another(keep).auth;
    for (seconds, status) in [(15, StatusCode::UNAUTHORIZED), (16, StatusCode::OK)] {
        world.clock.set(now + seconds);
        session["internal"]["createdAt"] = json!(now + seconds);
        let cookie = auth_runtime::testing::cookie_header(&instance, &session).unwrap();
        let (name, value) = cookie.split_once('=').unwrap();
        world.browser.plant(name, value);
        assert_eq!(world.get("/me").await.status, status, "{seconds}");
    }
}

#[tokio::test]
async fn bcl_17_a_sign_out_everywhere_during_a_sign_in_ends_it_too() {
    for cookies in [false, true] {
        let store = Arc::new(MemoryStore::new());
        let keep = |builder: AuthBuilder| {
            let store = Arc::clone(&store);
            if cookies { builder.revocation(store) } else { builder.session_store(store) }
        };
        let waiting = Waiting::with(keep).await;
        let other = waiting.world.another(keep).auth;
        other.sign_out_everywhere(&waiting.sub).await.unwrap();
        waiting.fails().await;
    }
}

#[tokio::test]
async fn bcl_18_a_token_that_comes_late_ends_no_session_that_began_since() {
    for (sealed, cookies) in [(false, false), (true, false), (false, true)] {
        let store = Arc::new(MemoryStore::new());
        let mut world = configured(|builder| {
            let builder = builder.backchannel_logout(true);
            if cookies {
                builder.revocation(store)
            } else {
                builder.session_store(store).seal_records(sealed)
            }
        })
        .await;
        let now = world.clock.unix_seconds();
        let mut jars = Vec::new();
        // The clock of the instance may be ahead of the provider's by 15 seconds.
        for seconds in [0, 15, 16] {
            world.clock.set(now + seconds);
            world.browser.cookies.clear();
            world.sign_in(ADA).await;
            jars.push(world.browser.cookies.clone());
        }
        let profile: Value = world.get("/auth/profile").await.json();
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let claims = json!({
            "iss": world.provider.issuer(), "aud": world.provider.client_id(), "iat": now, "exp": now + 120,
            "jti": "late", "sub": profile["sub"], "events": { event: {} },
        });
        let token = world.provider.sign("logout+jwt", &claims).unwrap();
        assert_eq!(Waiting::post(&world.app, &token).await, StatusCode::OK);
        let mut alive = Vec::new();
        for jar in &jars {
            world.browser.cookies.clone_from(jar);
            alive.push(world.get("/me").await.status == StatusCode::OK);
        }
        assert_eq!(alive, [false, false, true], "{sealed} {cookies}");
    }
}
