//! Requests to APIs with the user's token: where they go, and what happens when the API refuses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::{Auth, FetchError, Session, with_api_auth_required};
use auth_tests::{TOKEN_LIFETIME, World};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Redirect;
use axum::routing::{any, get};
use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

#[derive(Deserialize)]
struct Target {
    url: String,
    audience: Option<String>,
}

#[with_api_auth_required]
async fn relay(
    session: Session,
    Query(target): Query<Target>,
    headers: HeaderMap,
) -> Result<String, FetchError> {
    let mut request = http::Request::post(target.url).body(Bytes::from_static(b"order")).unwrap();
    *request.headers_mut() = headers;
    let mut request = session.fetch(request);
    if let Some(audience) = target.audience {
        request = request.audience(audience);
    }
    let answer = request.await?;
    assert!(!answer.headers().contains_key(SET_COOKIE));
    Ok(format!("{} {}", answer.status().as_u16(), String::from_utf8_lossy(answer.body())))
}

/// An API that accepts the tokens of a list, and says what it was sent.
#[derive(Clone, Default)]
struct Api {
    refused: Arc<std::sync::Mutex<Vec<String>>>,
    calls: Arc<AtomicUsize>,
}

async fn echo(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap, String) {
    api.calls.fetch_add(1, Ordering::SeqCst);
    assert!(!headers.contains_key(COOKIE), "the session's cookie left the application");
    let token = headers[AUTHORIZATION].to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    let mut answer = HeaderMap::new();
    answer.insert(SET_COOKIE, "__session=planted".parse().unwrap());
    let is_refused = api.refused.lock().unwrap().contains(&token);
    let status = if is_refused { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    (status, answer, format!("{token} {}", String::from_utf8_lossy(&body)))
}

impl Api {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let routes = Router::new()
            .route("/orders", any(echo))
            .route("/moved", any(|| async { Redirect::temporary("/orders") }))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        origin
    }
}

async fn world(origin: &str) -> World {
    let routes: Router<Auth> = Router::new().route("/relay", get(relay));
    World::configured(routes, |auth| auth.api_origin(origin)).await
}

fn token(answer: &str) -> String {
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn the_token_goes_to_the_configured_origin_and_is_renewed_before() {
    let api = Api::default();
    let origin = api.start().await;
    let world = world(&origin).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let path = format!("/relay?url={origin}/orders");
    let first = browser.get(&world, &path).await.body;
    assert!(first.starts_with("200 ") && first.ends_with(" order"), "{first}");
    world.clock.advance(TOKEN_LIFETIME);
    let second = browser.get(&world, &path).await.body;
    assert_ne!(token(&first), token(&second));
    assert_eq!(world.session(&browser)["tokenSet"]["accessToken"], token(&second));
}

#[tokio::test]
async fn s_bff_5_another_origin_is_never_called() {
    let (api, other) = (Api::default(), Api::default());
    let (origin, elsewhere) = (api.start().await, other.start().await);
    let world = world(&origin).await;
    let mut browser = world.signed_in("ada@example.com").await;
    for url in [format!("{elsewhere}/orders"), format!("{origin}@evil.example/"), "/orders".to_owned()] {
        let answer = browser.get(&world, &format!("/relay?url={url}")).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{url}");
        assert!(answer.body.contains("origin_not_configured"), "{}", answer.body);
    }
    assert_eq!(other.calls.load(Ordering::SeqCst) + api.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn s_bcp_8_an_origin_that_is_bound_is_sent_tokens_of_its_audience_alone() {
    const ORDERS: &str = "https://api.example.com/orders";
    const BILLING: &str = "https://api.example.com/billing";
    let apis = [Api::default(), Api::default(), Api::default()];
    let [orders, billing, free] = [&apis[0].start().await, &apis[1].start().await, &apis[2].start().await];
    let routes: Router<Auth> = Router::new().route("/relay", get(relay));
    let configure = |auth: auth_runtime::AuthBuilder| {
        auth.api_origin_for(orders, ORDERS).api_origin_for(billing, BILLING).api_origin(free)
    };
    let world = World::configured(routes, configure).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let calls = || apis.iter().map(|api| api.calls.load(Ordering::SeqCst)).sum::<usize>();
    let before = world.token_requests();
    for (origin, audience) in [(orders, BILLING), (billing, ORDERS), (orders, "other"), (free, ORDERS)] {
        let path = format!("/relay?url={origin}/orders&audience={audience}");
        let answer = browser.get(&world, &path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{audience}: {}", answer.body);
        assert!(answer.body.contains("audience_not_of_origin"), "{}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE), "{audience}");
    }
    assert_eq!((world.token_requests(), calls()), (before, 0), "refused before a token is asked for");

    // Without a word it is the audience of the origin, and not that of the sign-in.
    for (origin, audience, path) in [
        (orders, ORDERS, format!("/relay?url={orders}/orders")),
        (billing, BILLING, format!("/relay?url={billing}/orders&audience={BILLING}")),
    ] {
        let sent = token(&browser.get(&world, &path).await.body);
        let session = world.session(&browser);
        let tokens = session["accessTokens"].as_array().unwrap();
        let own = tokens.iter().find(|token| token["audience"] == audience).unwrap();
        assert_eq!(own["accessToken"], sent, "{origin}");
    }
    let sent = token(&browser.get(&world, &format!("/relay?url={free}/orders")).await.body);
    assert_eq!(world.session(&browser)["tokenSet"]["accessToken"], sent);
}

#[tokio::test]
async fn an_api_that_refuses_the_token_is_asked_once_more_with_a_new_one() {
    let api = Api::default();
    let origin = api.start().await;
    let world = world(&origin).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let old = world.session(&browser)["tokenSet"]["accessToken"].as_str().unwrap().to_owned();
    api.refused.lock().unwrap().push(old.clone());
    let path = format!("/relay?url={origin}/orders");
    let answer = browser.get(&world, &path).await.body;
    assert!(answer.starts_with("200 "), "{answer}");
    assert_ne!(token(&answer), old);
    assert_eq!(api.calls.load(Ordering::SeqCst), 2);

    // One that refuses every token is not asked for ever.
    api.refused.lock().unwrap().push(token(&answer));
    let newest = browser.get(&world, &path).await.body;
    assert_eq!(api.calls.load(Ordering::SeqCst), 4, "{newest}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_api_that_is_gone_is_503() {
    let api = Api::default();
    let origin = api.start().await;
    let gone = "http://localhost:1";
    let routes: Router<Auth> = Router::new().route("/relay", get(relay));
    let configure = |auth: auth_runtime::AuthBuilder| auth.api_origin(&origin).api_origin(gone);
    let world = World::configured(routes, configure).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let moved = browser.get(&world, &format!("/relay?url={origin}/moved")).await.body;
    assert!(moved.starts_with("307 "), "{moved}");
    assert_eq!(api.calls.load(Ordering::SeqCst), 0);
    let answer = browser.get(&world, &format!("/relay?url={gone}/")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
}
