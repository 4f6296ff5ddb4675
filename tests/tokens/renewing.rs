//! When tokens are fetched, for whom, and what is kept.

use std::sync::Arc;
use std::time::Duration;

use auth_runtime::testing::provider::{Endpoint, Fault, Provider};
use auth_runtime::{AccessTokenError, Auth, Session, with_api_auth_required};
use auth_tests::{TOKEN_LIFETIME, World};
use axum::Router;
use axum::extract::{FromRequestParts, Path, Query};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, RETRY_AFTER, SET_COOKIE};
use http::request::Parts;
use serde::Deserialize;

#[derive(Deserialize)]
struct Wanted {
    audience: Option<String>,
    #[serde(default)]
    scope: String,
    /// Without the scopes of the sign-in.
    #[serde(default)]
    only: bool,
    #[serde(default)]
    force: bool,
}

#[with_api_auth_required]
async fn token(session: Session, Query(wanted): Query<Wanted>) -> Result<String, AccessTokenError> {
    let mut request = session.access_token().scope(wanted.scope).merge_scopes(!wanted.only);
    if let Some(audience) = wanted.audience {
        request = request.audience(audience);
    }
    if wanted.force {
        request = request.force_refresh();
    }
    Ok(request.await?.as_str().to_owned())
}

/// Changes the session at once and answers a while later.
#[with_api_auth_required]
async fn slow(session: Session) -> &'static str {
    session.set("seen", &true).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    "done"
}

/// An extractor of the application that needs an access token.
struct Client(String);

impl FromRequestParts<Auth> for Client {
    type Rejection = AccessTokenError;

    async fn from_request_parts(parts: &mut Parts, auth: &Auth) -> Result<Self, AccessTokenError> {
        match Session::from_request_parts(parts, auth).await {
            Ok(session) => Ok(Self(session.access_token().await?.as_str().to_owned())),
            Err(_) => Ok(Self(String::new())),
        }
    }
}

#[with_api_auth_required]
async fn numbered(Client(token): Client, Path(number): Path<u64>) -> String {
    format!("{number} {token}")
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/token", get(token))
        .route("/slow", get(slow))
        .route("/numbered/{number}", get(numbered))
}

#[tokio::test]
async fn a_token_that_is_good_costs_no_request() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let before = world.token_requests();
    let first = browser.get(&world, "/token").await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert!(!first.headers.contains_key(SET_COOKIE), "nothing changed");
    assert_eq!(world.token_requests(), before);
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_kept() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let old = browser.get(&world, "/token").await.body;
    let before = world.session(&browser);
    world.clock.advance(TOKEN_LIFETIME);

    let renewed = browser.get(&world, "/token").await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    assert_ne!(renewed.body, old);
    assert_eq!(browser.get(&world, "/token").await.body, renewed.body);
    assert_eq!(world.token_requests(), 2, "the sign-in's and one more");

    let after = world.session(&browser);
    assert_ne!(after["tokenSet"]["refreshToken"], before["tokenSet"]["refreshToken"], "it rotates");
    assert_ne!(after["tokenSet"]["idToken"], before["tokenSet"]["idToken"]);
    assert_eq!(after["tokenSet"]["token_type"], "bearer");
    assert_eq!(after["user"], before["user"]);
    assert_eq!(after["internal"], before["internal"]);
}

/// In a process of its own there is no grace period that would make up for a refresh token that was lost.
#[tokio::test]
async fn a_token_that_was_renewed_before_another_parameter_refused_is_kept() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let before = world.session(&browser);
    world.clock.advance(TOKEN_LIFETIME);
    let refused = browser.get(&world, "/numbered/x").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.headers[CACHE_CONTROL], "private, no-store");
    let after = world.session(&browser);
    assert_ne!(after["tokenSet"]["refreshToken"], before["tokenSet"]["refreshToken"]);

    let other = world.another(|auth| auth);
    other.clock.advance(TOKEN_LIFETIME);
    let next = browser.get(&other, "/numbered/7").await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.body);
}

#[tokio::test]
async fn race_07_who_comes_late_with_the_old_cookie_goes_on_from_what_was_renewed() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let late = browser.clone();
    world.clock.advance(TOKEN_LIFETIME);
    let renewed = browser.get(&world, "/token").await.body;
    assert_eq!(late.peek(&world, "/token").await.body, renewed);
    assert_eq!(world.token_requests(), 2);

    // And when that has expired as well, with its refresh token: the old one is spent.
    world.clock.advance(TOKEN_LIFETIME);
    let later = late.peek(&world, "/token").await;
    assert_eq!(later.status, StatusCode::OK, "{}", later.body);
    assert_ne!(later.body, renewed);
    assert_eq!(world.token_requests(), 3);
}

#[tokio::test]
async fn race_08_a_client_that_leaves_does_not_lose_the_rotated_token() {
    let world = World::new(routes()).await;
    let browser = world.signed_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    world.provider.fault(Endpoint::Token, Fault::late(Duration::from_millis(200)));
    let left = tokio::time::timeout(Duration::from_millis(50), browser.peek(&world, "/token")).await;
    assert!(left.is_err(), "the client left while the provider was busy");
    let next = browser.peek(&world, "/token").await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.body);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test]
async fn a_late_answer_does_not_bring_a_spent_refresh_token_back() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let mut slow = browser.clone();
    world.clock.advance(TOKEN_LIFETIME);
    let (late, renewed) = tokio::join!(slow.peek(&world, "/slow"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        browser.get(&world, "/token").await
    });
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    slow.keep(&late);
    let (late, renewed) = (world.session(&slow), world.session(&browser));
    assert_eq!(late["seen"], true);
    assert_eq!(late["tokenSet"]["refreshToken"], renewed["tokenSet"]["refreshToken"]);
}

#[tokio::test]
async fn race_04_many_at_once_are_one_request() {
    let world = World::new(routes()).await;
    let browser = world.signed_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    world.provider.fault(Endpoint::Token, Fault::late(Duration::from_millis(50)));
    let all = (0..100).map(|_| browser.peek(&world, "/token"));
    let mut tokens: Vec<_> = futures(all).await.into_iter().map(|answer| answer.body).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test]
async fn a_token_for_another_audience_is_fetched_and_stands_beside() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let own = browser.get(&world, "/token").await.body;
    let other = browser.get(&world, "/token?audience=https://b.example.com").await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.body);
    assert_ne!(other.body, own);
    assert_eq!(browser.get(&world, "/token?audience=https://b.example.com").await.body, other.body);
    assert_eq!(browser.get(&world, "/token").await.body, own, "the sign-in's token is still there");
    assert_eq!(world.token_requests(), 2);
    let session = world.session(&browser);
    assert_eq!(session["accessTokens"][0]["audience"], "https://b.example.com");
}

#[tokio::test]
async fn a_token_is_renewed_with_all_that_it_was_asked_for_with() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let (wide, narrow) = ("openid%20profile", "openid");
    let path = |scope| format!("/token?audience=https://b.example.com&only=true&scope={scope}");
    assert_eq!(browser.get(&world, &path(wide)).await.status, StatusCode::OK);
    world.clock.advance(TOKEN_LIFETIME);
    let renewed = browser.get(&world, &path(narrow)).await.body;
    assert_eq!(browser.get(&world, &path(wide)).await.body, renewed, "it still serves both");
    let token = &world.session(&browser)["accessTokens"][0];
    assert!(token["scope"].as_str().unwrap().contains("profile"), "{token}");
}

#[tokio::test]
async fn several_audiences_at_once_never_spend_a_refresh_token_twice() {
    let world = World::new(routes()).await;
    let browser = world.signed_in("ada@example.com").await;
    world.provider.fault(Endpoint::Token, Fault::late(Duration::from_millis(20)));
    let paths: Vec<_> = (0..8).map(|n| format!("/token?audience=https://api-{n}.example.com")).collect();
    let answers = futures(paths.iter().map(|path| browser.peek(&world, path))).await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    // Had one been sent twice, the provider would have revoked all that came of the sign-in.
    assert_eq!(world.token_requests(), 9);
}

#[tokio::test]
async fn a_new_token_is_fetched_when_that_is_demanded() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let first = browser.get(&world, "/token").await.body;
    assert_ne!(browser.get(&world, "/token?force=true").await.body, first);
    assert_eq!(world.token_requests(), 2);
}

#[tokio::test]
async fn tok_14_and_s_bcp_7_a_refused_refresh_token_is_401_and_changes_nothing() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let stolen = browser.clone();
    world.clock.advance(TOKEN_LIFETIME);
    browser.get(&world, "/token").await;

    // Another process, which knows nothing of the first one's exchange, sends the spent token.
    let other = world.another(|auth| auth);
    let refused = stolen.peek(&other, "/token").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.body,
        r#"{"error":"failed_to_refresh_token","description":"The provider refused to give an access token","cause":"invalid_grant"}"#
    );
    assert!(!refused.headers.contains_key(SET_COOKIE), "the session is the user's still");
    let before = other.token_requests();
    assert_eq!(stolen.peek(&other, "/token").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.token_requests(), before, "it is known to be refused");
}

#[tokio::test]
async fn tok_02_a_provider_that_is_gone_is_503_and_changes_nothing() {
    let mut world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    world.clock.advance(TOKEN_LIFETIME);
    // Dropping the provider stops it, so that nothing listens at its address.
    let provider = world.provider.issuer().to_owned();
    world.provider = Arc::new(Provider::builder().start().await.unwrap());
    let answer = browser.get(&world, "/token").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{provider}: {}", answer.body);
    assert!(!answer.headers.contains_key(SET_COOKIE) && !answer.headers.contains_key(RETRY_AFTER));
}

async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut done = Vec::new();
    let mut running: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
