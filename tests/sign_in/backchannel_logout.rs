//! The provider ends sessions by itself.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use auth_tests::{Answer, FORM, ORIGIN, World, encoded, post_logout_token};
use axum::body::{Body, Bytes};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{Method, StatusCode};
use http_body::{Body as HttpBody, Frame};
use serde_json::{Value, json};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::failing_store::FailingStore;
use crate::world::configured;

const PATH: &str = "/auth/backchannel-logout";
const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";

/// The provider's ids of the sessions that were begun, in their order.
type Sids = Arc<Mutex<Vec<String>>>;

async fn world(store: &FailingStore) -> (World, Sids) {
    let (store, sids) = (store.clone(), Sids::default());
    let seen = Arc::clone(&sids);
    let world = configured(|builder| {
        builder.session_store(store).backchannel_logout(true).on_login(move |login| {
            let sid = login.session().id_token_claim("sid").unwrap();
            seen.lock().unwrap().push(sid.as_str().unwrap().to_owned());
            async move { login.proceed() }
        })
    })
    .await;
    (world, sids)
}

async fn send(world: &mut World, body: impl Into<Body>) -> Answer {
    let answer = world.send_body(Method::POST, PATH, &[FORM], body).await;
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert!(!answer.headers.contains_key(SET_COOKIE), "no cookie is touched");
    answer
}

async fn send_token(world: &mut World, token: &str) -> Answer {
    send(world, format!("logout_token={}", encoded(token))).await
}

async fn subject(world: &mut World) -> String {
    let user: Value = world.get("/auth/profile").await.json();
    user["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn it_is_not_there_unless_it_is_wanted() {
    let mut world = crate::world::world().await;
    let answer = world.send_body(Method::POST, PATH, &[FORM], "logout_token=a").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn bcl_01_and_s_bcl_1_only_a_posted_form_is_looked_at() {
    let (mut world, _) = world(&FailingStore::default()).await;
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = world.send_with(method.clone(), PATH, &[FORM]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        assert_eq!(answer.header("allow"), "POST");
    }
    let token = world.provider.logout_token(Some("nobody"), None).unwrap();
    let body = format!("logout_token={token}");
    for media_type in [
        None,
        Some("application/json"),
        Some("multipart/form-data; boundary=a"),
        Some("text/plain"),
        Some(""),
    ] {
        let headers: Vec<_> = media_type.iter().map(|value| ("content-type", *value)).collect();
        let answer = world.send_body(Method::POST, PATH, &headers, body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type:?}");
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    }
    let charset = [("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8")];
    assert_eq!(world.send_body(Method::POST, PATH, &charset, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn bcl_02_a_large_body_is_not_read_to_its_end() {
    let (mut world, _) = world(&FailingStore::default()).await;
    let padded = |bytes: usize| format!("a={}", "a".repeat(bytes - 2));
    assert_eq!(send(&mut world, padded(64 * 1_024)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(&mut world, padded(64 * 1_024 + 1)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Begins, and never goes on.
struct Slow(bool);

impl HttpBody for Slow {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if std::mem::replace(&mut self.0, false) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"logout_token=")))));
        }
        Poll::Pending
    }
}

#[tokio::test]
async fn bcl_02_a_slow_body_is_not_waited_for() {
    let (mut world, _) = world(&FailingStore::default()).await;
    // The clock goes on by itself as soon as nothing else does.
    tokio::time::pause();
    assert_eq!(send(&mut world, Body::new(Slow(true))).await.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn bcl_03_there_is_one_token() {
    let (mut world, _) = world(&FailingStore::default()).await;
    let token = world.provider.logout_token(Some("nobody"), None).unwrap();
    for body in
        ["", "logout_token=", "logout_token", "token=a", "LOGOUT_TOKEN=a", "logout_token=a&logout_token=a"]
    {
        let answer = send(&mut world, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let body: Value = answer.json();
        assert_eq!(body["error"], "invalid_request");
    }
    let twice = format!("logout_token={token}&logout_token={token}");
    assert_eq!(send(&mut world, twice).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(&mut world, format!("more=1&logout_token={token}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn bcl_04_to_bcl_11_what_is_no_logout_token_of_the_provider_is_400() {
    let (mut world, sids) = world(&FailingStore::default()).await;
    world.sign_in(ADA).await;
    let sub = subject(&mut world).await;
    let sid = sids.lock().unwrap()[0].clone();
    let genuine = world.provider.logout_token(Some(&sub), Some(&sid)).unwrap();
    let now = world.clock.unix_seconds();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let claims = json!({
        "iss": world.provider.issuer(), "aud": world.provider.client_id(), "iat": now, "exp": now + 60,
        "jti": "j", "sub": sub, "sid": sid, "events": {event: {}},
    });
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        world.provider.sign("logout+jwt", &claims).unwrap()
    };
    let tokens = [
        "garbage".to_owned(),
        "a.b".to_owned(),
        genuine[..genuine.len() - 4].to_owned(),
        format!("{}.", genuine.rsplit_once('.').unwrap().0),
        world.provider.sign("at+jwt", &claims).unwrap(),
        with("aud", json!("another")),
        with("iss", json!("https://elsewhere.example.com/")),
        with("exp", json!(now - 600)),
        with("iat", json!(now - 31_536_000)),
        with("nonce", json!("n")),
        with("jti", Value::Null),
        with("events", json!([event])),
        with("events", json!({ event: null })),
        with("sub", json!(1)),
    ];
    for token in &tokens {
        let answer = send_token(&mut world, token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{token}");
        assert!(answer.body.contains("the logout token is not valid"), "{}", answer.body);
    }
    assert_eq!(world.get("/me").await.body, ADA);
    assert_eq!(send_token(&mut world, &genuine).await.status, StatusCode::OK);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s_bcl_9_a_sid_ends_one_session_and_a_sub_all_of_the_user() {
    let (mut world, sids) = world(&FailingStore::default()).await;
    let mut sessions = Vec::new();
    for email in [ADA, ADA, ADA, GRACE] {
        world.browser.cookies.clear();
        world.sign_in(email).await;
        sessions.push(world.browser.cookies.clone());
    }
    world.browser.cookies.clone_from(&sessions[0]);
    let sub = subject(&mut world).await;
    let second = sids.lock().unwrap()[1].clone();
    let alive = async |world: &mut World| {
        let mut alive = Vec::new();
        for session in &sessions {
            world.browser.cookies.clone_from(session);
            alive.push(world.get("/me").await.status == StatusCode::OK);
        }
        alive
    };
    let token = world.provider.logout_token(None, Some(&second)).unwrap();
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::OK);
    assert_eq!(alive(&mut world).await, [true, false, true, true]);
    let token = world.provider.logout_token(Some(&sub), None).unwrap();
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::OK);
    assert_eq!(alive(&mut world).await, [false, false, false, true]);
}

#[tokio::test]
async fn s_bcl_7_a_token_works_once() {
    let (mut world, _) = world(&FailingStore::default()).await;
    let token = world.provider.logout_token(Some("somebody"), None).unwrap();
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::OK);
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn bcl_14_and_s_bcl_8_a_store_that_is_down_has_the_provider_try_again() {
    let store = FailingStore::default();
    let (mut world, sids) = world(&store).await;
    world.sign_in(ADA).await;
    let sid = sids.lock().unwrap()[0].clone();
    let token = world.provider.logout_token(None, Some(&sid)).unwrap();
    store.fail(true);
    let answer = send_token(&mut world, &token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.body.contains("refused"), "{}", answer.body);
    store.fail(false);
    assert_eq!(world.get("/me").await.body, ADA);
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::OK);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

/// A request of the provider's, which it can give up.
fn spawn(world: &World, token: &str) -> tokio::task::JoinHandle<StatusCode> {
    let (app, token) = (world.app.clone(), token.to_owned());
    tokio::spawn(async move { post_logout_token(&app, ORIGIN, &token).await.status })
}

/// Waits for what needs no network. The clock goes on by itself as soon as nothing else does, so what never comes is
/// not waited for.
async fn soon(event: impl Future<Output = ()>) {
    tokio::time::pause();
    tokio::time::timeout(Duration::from_secs(60), event).await.unwrap();
    tokio::time::resume();
}

#[tokio::test]
async fn bcl_14_a_provider_that_gives_up_and_tries_again_is_heard() {
    let store = FailingStore::default();
    let (mut world, sids) = world(&store).await;
    world.sign_in(ADA).await;
    let token = world.provider.logout_token(None, Some(&sids.lock().unwrap()[0])).unwrap();
    store.hold_deletions(true);
    let given_up = spawn(&world, &token);
    store.deletions_begun(1).await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    let again = spawn(&world, &token);
    let at_once = spawn(&world, &token);
    soon(store.deletions_begun(3)).await;
    store.hold_deletions(false);
    assert_eq!((again.await.unwrap(), at_once.await.unwrap()), (StatusCode::OK, StatusCode::OK));
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::BAD_REQUEST, "its work is done");
}

#[tokio::test]
async fn bcl_14_what_a_provider_began_that_hangs_up_is_done_to_its_end() {
    let store = FailingStore::default();
    let (mut world, sids) = world(&store).await;
    world.sign_in(ADA).await;
    let token = world.provider.logout_token(None, Some(&sids.lock().unwrap()[0])).unwrap();
    store.hold_deletions(true);
    let given_up = spawn(&world, &token);
    store.deletions_begun(1).await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    store.hold_deletions(false);
    soon(store.deletions_done(1)).await;
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn dos_03_noise_at_the_sign_in_hides_no_error_of_ours() {
    let store = FailingStore::default();
    let (mut world, _) = world(&store).await;
    world.clock.advance(7_000);
    let token = world.provider.logout_token(Some("somebody"), None).unwrap();
    let callback = world.begin("/auth/login", ADA).await;
    let errors = Errors::default();
    let _listening = tracing::subscriber::set_default(errors.clone());
    for _ in 0..500 {
        assert_eq!(world.get("/auth/callback?state=a&code=b").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(send_token(&mut world, "a.b.c").await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(errors.0.load(Ordering::SeqCst), 0);
    store.fail(true);
    assert_eq!(world.get(&callback).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(errors.0.load(Ordering::SeqCst), 1, "a sign-in that could not be written");
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(errors.0.load(Ordering::SeqCst), 2, "a logout that could not be done");
}

/// Counts the errors that a test's own thread logs.
#[derive(Clone, Default)]
struct Errors(Arc<AtomicUsize>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn dos_03_a_stranger_does_not_fill_the_log_while_the_provider_is_away() {
    let store = FailingStore::default();
    let (mut world, _) = world(&store).await;
    world.reconfigure(|builder| {
        builder.domain("http://localhost:9").session_store(store).backchannel_logout(true)
    });
    let errors = Errors::default();
    let _listening = tracing::subscriber::set_default(errors.clone());
    tracing::error!("one to see that somebody listens");
    for _ in 0..300 {
        assert_eq!(send_token(&mut world, "a.b.c").await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    // At most ten in each second that this took, which other tests may share.
    let lines = errors.0.load(Ordering::SeqCst);
    assert!((1..150).contains(&lines), "{lines} lines");
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_has_the_provider_try_again() {
    let store = FailingStore::default();
    let (mut world, _) = world(&store).await;
    let token = world.provider.logout_token(Some("somebody"), None).unwrap();
    world.reconfigure(|builder| {
        builder.domain("http://localhost:9").session_store(store).backchannel_logout(true)
    });
    assert_eq!(send_token(&mut world, &token).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn bcl_16_a_browser_that_is_made_to_post_loses_nothing() {
    let (mut world, _) = world(&FailingStore::default()).await;
    world.sign_in(ADA).await;
    let cross_site = [FORM, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.com")];
    let answer = world.send_body(Method::POST, PATH, &cross_site, "logout_token=garbage").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.get("/me").await.body, ADA);
}

#[tokio::test]
async fn the_provider_ends_a_session_over_a_real_connection() {
    let (mut world, _) = world(&FailingStore::default()).await;
    world.sign_in(ADA).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, world.app.clone()).into_future());
    world.provider.send_logout_tokens_to(format!("http://{address}{PATH}"));
    assert_eq!(world.provider.sign_out(ADA).await, Some(200));
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
    server.abort();
}
