//! A provider, or a user, ends sessions while one of them is about to begin.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use auth_runtime::store::{KeyValueStore, MemoryStore, SessionFilter, SessionStore, StoreFuture};
use auth_runtime::testing::provider::Provider;
use auth_runtime::{Auth, AuthBuilder};
use auth_tests::time;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};
use tower::ServiceExt as _;

use crate::failing_store::FailingStore;
use crate::world::{World, encoded};

const PATH: &str = "/auth/backchannel-logout";
const ADA: &str = "ada@example.com";

/// A sign-in whose code has been exchanged, and which waits for the word of the application.
struct Waiting {
    world: World,
    callback: tokio::task::JoinHandle<(StatusCode, HeaderMap, String)>,
    sub: String,
    sid: String,
    go_on: Arc<Notify>,
}

impl Waiting {
    async fn with(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let go_on = Arc::new(Notify::new());
        let wait = Arc::clone(&go_on);
        let mut world = World::configured(Provider::builder(), |builder| {
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
        let cookies: Vec<_> = world.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = callback.strip_prefix(crate::world::ORIGIN).unwrap().to_owned();
        let request = Request::get(path).header(COOKIE, cookies.join("; ")).body(Body::empty()).unwrap();
        let app = world.app.clone();
        let callback = tokio::spawn(async move {
            let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
        });
        let (sub, sid) = receiver.recv().await.unwrap();
        Self { world, callback, sub, sid, go_on }
    }

    async fn post(app: &Router, token: &str) -> StatusCode {
        let body = Body::from(format!("logout_token={}", encoded(token)));
        let request = Request::post(PATH).header("content-type", "application/x-www-form-urlencoded");
        app.clone().oneshot(request.body(body).unwrap()).await.unwrap().status()
    }

    /// The sign-in goes on, and fails. Its browser has what it had before, and can sign in again.
    async fn fails(self) -> World {
        self.go_on.notify_one();
        let (status, headers, body) = self.callback.await.unwrap();
        assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
        assert!(body.contains(r#""error":"session_expired""#), "{body}");
        let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect();
        assert!(
            matches!(&lines[..], [line] if line.starts_with("__") && line.contains("txn_") && line.contains("Max-Age=0")),
            "{lines:?}"
        );
        assert_eq!(headers["cache-control"], "private, no-store");
        self.world
    }

    async fn succeeds(mut self) -> World {
        self.go_on.notify_one();
        let (status, headers, body) = self.callback.await.unwrap();
        assert_eq!(status, StatusCode::SEE_OTHER, "{body}");
        for line in headers.get_all(SET_COOKIE) {
            let (name, value) = line.to_str().unwrap().split_once(';').unwrap().0.split_once('=').unwrap();
            self.world.jar.insert(name.to_owned(), value.to_owned());
        }
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

/// Another instance of the world's application.
fn another_instance(world: &World, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Auth {
    let provider = &world.provider;
    let builder = Auth::builder()
        .secret("c4e19b7250fd83a6e8b1d70f42956acb")
        .domain(provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .base_url(crate::world::ORIGIN);
    configure(builder).build().unwrap()
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
        let mut world =
            World::configured(Provider::builder(), |builder| builder.revocation(store.clone())).await;
        world.sign_in(ADA).await;
        let profile: Value = serde_json::from_str(&world.get("/auth/profile").await.body).unwrap();
        let sub = profile["sub"].as_str().unwrap().to_owned();
        let other = another_instance(&world, |builder| builder.revocation(Arc::clone(&store.values)));
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
    let clock = auth_runtime::testing::TestClock::now();
    let (now, store) = (clock.unix_seconds(), Arc::new(MemoryStore::new()));
    let keep = |builder: AuthBuilder| {
        builder.test_clock(&clock).backchannel_logout(true).revocation(Arc::clone(&store))
    };
    let mut world = World::configured(Provider::builder(), keep).await;
    world.sign_in(ADA).await;
    let mut session = world.session();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let claims = json!({
        "iss": world.provider.issuer(), "aud": world.provider.client_id(), "iat": now + 50, "exp": now + 120,
        "jti": "early", "sub": session["user"]["sub"], "events": { event: {} },
    });
    let token = world.provider.sign("logout+jwt", &claims).unwrap();
    assert_eq!(Waiting::post(&world.app, &token).await, StatusCode::OK);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);

    session["internal"]["sid"] = json!("of-next.js");
    let instance = another_instance(&world, keep);
    for (seconds, status) in [(15, StatusCode::UNAUTHORIZED), (16, StatusCode::OK)] {
        clock.set(now + seconds);
        session["internal"]["createdAt"] = json!(now + seconds);
        let cookie = auth_runtime::testing::cookie_header(&instance, &session).unwrap();
        let (name, value) = cookie.split_once('=').unwrap();
        world.jar = [(name.to_owned(), value.to_owned())].into();
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
        let other = another_instance(&waiting.world, keep);
        other.sign_out_everywhere(&waiting.sub).await.unwrap();
        waiting.fails().await;
    }
}

#[tokio::test]
async fn bcl_18_a_token_that_comes_late_ends_no_session_that_began_since() {
    for (sealed, cookies) in [(false, false), (true, false), (false, true)] {
        let clock = auth_runtime::testing::TestClock::now();
        let (now, timer) = (clock.unix_seconds(), clock.clone());
        let store = Arc::new(MemoryStore::new());
        let mut world =
            World::configured(Provider::builder().clock(move || timer.unix_seconds()), |builder| {
                let builder = builder.test_clock(&clock).backchannel_logout(true);
                if cookies {
                    builder.revocation(store)
                } else {
                    builder.session_store(store).seal_records(sealed)
                }
            })
            .await;
        let mut jars = Vec::new();
        // The clock of the instance may be ahead of the provider's by 15 seconds.
        for seconds in [0, 15, 16] {
            clock.set(now + seconds);
            world.jar.clear();
            world.sign_in(ADA).await;
            jars.push(world.jar.clone());
        }
        let profile: Value = serde_json::from_str(&world.get("/auth/profile").await.body).unwrap();
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let claims = json!({
            "iss": world.provider.issuer(), "aud": world.provider.client_id(), "iat": now, "exp": now + 120,
            "jti": "late", "sub": profile["sub"], "events": { event: {} },
        });
        let token = world.provider.sign("logout+jwt", &claims).unwrap();
        assert_eq!(Waiting::post(&world.app, &token).await, StatusCode::OK);
        let mut alive = Vec::new();
        for jar in &jars {
            world.jar.clone_from(jar);
            alive.push(world.get("/me").await.status == StatusCode::OK);
        }
        assert_eq!(alive, [false, false, true], "{sealed} {cookies}");
    }
}
