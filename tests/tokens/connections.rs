//! Tokens of identity providers behind the provider, and tokens that are exchanged for others.

use auth_runtime::codec::{RequestCookies, SeenNames, SessionDocument};
use auth_runtime::{AccessTokenError, Auth, Session, TokenExchangeError, with_api_auth_required};
use auth_tests::{Browser, World};
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Deserialize;

#[derive(Deserialize)]
struct Wanted {
    connection: String,
    login_hint: Option<String>,
}

#[with_api_auth_required]
async fn token(session: Session, Query(wanted): Query<Wanted>) -> Result<String, AccessTokenError> {
    let mut request = session.access_token_for_connection(wanted.connection);
    if let Some(login_hint) = wanted.login_hint {
        request = request.login_hint(login_hint);
    }
    Ok(request.await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn exchange(State(auth): State<Auth>, session: Session) -> Result<String, TokenExchangeError> {
    let own = session.access_token().await?;
    let exchanged = auth
        .exchange_token(own.as_str(), "urn:ietf:params:oauth:token-type:access_token")
        .audience("https://other.example.com")
        .await?;
    assert!(exchanged.is_bearer() && exchanged.as_str() != own.as_str());
    Ok(exchanged.as_str().to_owned())
}

fn routes() -> Router<Auth> {
    Router::new().route("/token", get(token)).route("/exchange", get(exchange))
}

#[tokio::test]
async fn a_connections_token_is_fetched_once_and_kept_beside_the_session() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let first = browser.get(&world, "/token?connection=google-oauth2").await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert!(browser.header().contains("__FC_0="), "it has a cookie of its own");
    assert!(!world.session(&browser).to_string().contains(&first.body), "and is not in the session's");

    let again = browser.get(&world, "/token?connection=google-oauth2").await;
    assert_eq!(again.body, first.body);
    assert!(!again.headers.contains_key(SET_COOKIE));
    assert_eq!(world.token_requests(), 2, "the sign-in's and one more");

    let other = browser.get(&world, "/token?connection=google-oauth2&login_hint=ada").await;
    assert_ne!(other.body, first.body, "another account of hers");
    assert!(browser.header().contains("__FC_1="));
    assert_eq!(browser.get(&world, "/token?connection=google-oauth2").await.body, first.body);
}

#[tokio::test]
async fn one_token_is_exchanged_for_another() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let answer = browser.get(&world, "/exchange").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE), "nothing of it is kept");
}

#[tokio::test]
async fn what_is_no_exchange_is_refused_before_it_is_sent() {
    let world = World::new(routes()).await;
    let before = world.token_requests();
    let exchange = |token: &str, kind: &str| world.auth.exchange_token(token, kind).into_future();
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!(exchange("", kind).await.unwrap_err(), TokenExchangeError::SubjectToken);
    assert_eq!(exchange("t", "access_token").await.unwrap_err(), TokenExchangeError::SubjectTokenType);
    assert_eq!(world.token_requests(), before);
    let refused = exchange("made up", kind).await.unwrap_err();
    assert_eq!(refused.code(), "exchange_failed");
}

const TOKEN: &str = "/token?connection=google-oauth2";

#[tokio::test]
async fn ses_01_a_connections_token_is_not_given_to_another_session() {
    let world = World::new(routes()).await;
    let mut ada = world.signed_in("ada@example.com").await;
    let first = ada.get(&world, TOKEN).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);

    // Left in the browser by a user before, or planted by a host beside this one.
    let mut grace = world.signed_in("grace@example.com").await;
    grace.plant("__FC_0", ada.cookies["__FC_0"].clone());
    let requests = world.token_requests();
    let own = grace.get(&world, TOKEN).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.body);
    assert_ne!(own.body, first.body);
    assert_eq!(world.token_requests(), requests + 1, "it is one of hers");

    // Another sign-in of the same user is another session.
    world.clock.advance(1);
    let mut again = world.signed_in("ada@example.com").await;
    again.plant("__FC_0", ada.cookies["__FC_0"].clone());
    assert_ne!(again.get(&world, TOKEN).await.body, first.body);
    assert_eq!(ada.get(&world, TOKEN).await.body, first.body);
}

#[tokio::test]
async fn ses_01_an_unbound_connection_is_read_beside_next_js_only() {
    let world = World::new(routes()).await;
    let signed_in = world.signed_in("ada@example.com").await;
    let now = world.now();
    let end = now.as_unix() + 600;
    let tokens = format!(r#"{{"connection":"google-oauth2","accessToken":"planted","expiresAt":{end}}}"#);
    // As the npm package writes it.
    let document = SessionDocument::parse(world.session(&signed_in).to_string()).unwrap();
    let lines = world.foreign_codec().write(&document, &[tokens], &SeenNames::default(), now).unwrap();
    let line = lines.iter().find(|line| line.name() == "__FC_0").unwrap();
    let mut browser = signed_in.clone();
    browser.plant("__FC_0", line.value());

    let read = |world: &World, browser: &Browser| {
        let header = browser.header();
        let cookies = RequestCookies::scan([header.as_bytes()], world.auth.codec().cookie_name());
        world.auth.codec().read_connections(&cookies, now)
    };
    let found = browser.peek(&world, TOKEN).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    assert_ne!(found.body, "planted");
    assert_eq!(read(&world, &browser), [""; 0]);

    let shared = world.another(|auth| auth.shared_with_nextjs(true));
    assert_eq!(browser.peek(&shared, TOKEN).await.body, "planted");
    let verifier = world.companion(|auth| auth);
    assert_eq!(read(&verifier, &browser).len(), 1);

    // What is written is bound, and says so to nobody who reads it.
    let mut bound = signed_in.clone();
    let own = bound.get(&shared, TOKEN).await.body;
    for reader in [&world, &shared, &verifier] {
        let [text] = &read(reader, &bound)[..] else { panic!("one") };
        assert!(text.contains(&own) && !text.contains("boundTo"), "{text}");
    }
    let mut other = world.signed_in("grace@example.com").await;
    other.plant("__FC_0", bound.cookies["__FC_0"].clone());
    for reader in [&world, &shared, &verifier] {
        assert_eq!(read(reader, &other), [""; 0]);
    }
}
