//! What a page can ask for, and how large that can make a session.

use std::time::{Duration, Instant};

use auth_runtime::store::MemoryStore;
use auth_runtime::{AccessTokenError, Auth, Session, TokenExchangeError, with_api_auth_required};
use auth_tests::{Browser, World};
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Form, Router};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Deserialize;

#[derive(Deserialize)]
struct Wanted {
    audience: Option<String>,
    #[serde(default)]
    scope: String,
}

#[with_api_auth_required]
async fn token(session: Session, Query(wanted): Query<Wanted>) -> Result<String, AccessTokenError> {
    ask(&session, wanted).await
}

#[with_api_auth_required]
async fn form(session: Session, Form(wanted): Form<Wanted>) -> Result<String, AccessTokenError> {
    ask(&session, wanted).await
}

async fn ask(session: &Session, wanted: Wanted) -> Result<String, AccessTokenError> {
    let mut request = session.access_token().scope(wanted.scope);
    if let Some(audience) = wanted.audience {
        request = request.audience(audience);
    }
    Ok(request.await?.as_str().to_owned())
}

#[derive(Deserialize)]
struct Account {
    connection: String,
    login_hint: Option<String>,
}

#[with_api_auth_required]
async fn connection(session: Session, Query(account): Query<Account>) -> Result<String, AccessTokenError> {
    let mut request = session.access_token_for_connection(account.connection);
    if let Some(login_hint) = account.login_hint {
        request = request.login_hint(login_hint);
    }
    Ok(request.await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn exchange(
    State(auth): State<Auth>,
    Query(wanted): Query<Wanted>,
) -> Result<String, TokenExchangeError> {
    let request = auth.exchange_token("subject", "urn:ietf:params:oauth:token-type:access_token");
    let exchanged = request.audience(wanted.audience.unwrap_or_default()).scope(wanted.scope).await?;
    Ok(exchanged.as_str().to_owned())
}

#[derive(Deserialize)]
struct Note {
    bytes: usize,
}

/// Keeps as much in the session as the caller wants.
#[with_api_auth_required]
async fn note(session: Session, Query(note): Query<Note>) -> StatusCode {
    session.set("note", &"n".repeat(note.bytes)).map_or(StatusCode::BAD_REQUEST, |()| StatusCode::NO_CONTENT)
}

/// How large the session is.
#[with_api_auth_required]
async fn size(session: Session) -> String {
    session.document().as_str().len().to_string()
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/token", get(token).post(form))
        .route("/connection", get(connection))
        .route("/exchange", get(exchange))
        .route("/note", get(note))
        .route("/size", get(size))
}

async fn size_of(world: &World, browser: &Browser) -> usize {
    browser.peek(&world, "/size").await.body.parse().unwrap()
}

#[tokio::test]
async fn dos_04_a_parameter_that_is_too_long_is_400_and_asks_nobody() {
    let world = World::new(routes()).await;
    let mut browser = world.signed_in("ada@example.com").await;
    let before = world.token_requests();
    let (scope, name) = ("s%20".repeat(5_000), "n".repeat(2_049));
    for (path, parameter) in [
        (format!("/token?scope={scope}"), "scope"),
        (format!("/token?audience={name}"), "audience"),
        (format!("/connection?connection={name}"), "connection"),
        (format!("/connection?connection=google&login_hint={name}"), "login_hint"),
    ] {
        let answer = browser.get(&world, &path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{parameter}: {}", answer.body);
        assert_eq!(
            answer.body,
            format!(
                r#"{{"error":"parameter_too_long","description":"The parameter `{parameter}` of the request for a token is too long"}}"#
            )
        );
        assert!(!answer.headers.contains_key(SET_COOKIE), "{parameter}");
    }
    for path in [format!("/exchange?scope={scope}"), format!("/exchange?audience={name}")] {
        let answer = browser.get(&world, &path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    }
    assert_eq!(world.token_requests(), before);

    // The same where nothing is fetched anyway.
    let companion = world.companion(|auth| auth);
    let answer = browser.peek(&companion, &format!("/token?scope={scope}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);

    // What just fits is asked for.
    let fits = browser.get(&world, &format!("/token?audience={}", &name[1..])).await;
    assert_eq!(fits.status, StatusCode::OK, "{}", fits.body);
}

#[tokio::test]
async fn dos_04_a_million_scopes_cost_no_time() {
    let world = World::new(routes()).await;
    let browser = world.signed_in("ada@example.com").await;
    // As much as axum takes of a form.
    let scopes: String = (0..250_000).map(|number| format!("{number:x}+")).collect();
    let began = Instant::now();
    let answer = browser.post(&world, "/token", format!("scope={scopes}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn dos_04_a_user_does_not_make_the_own_session_grow_by_asking_for_tokens() {
    let world = World::configured(routes(), |auth| auth.session_store(MemoryStore::new())).await;
    let mut browser = world.signed_in("ada@example.com").await;
    for number in 0..40 {
        let scope: String = (0..300).map(|index| format!("s-{number}-{index}%20")).collect();
        for path in [
            format!("/token?audience=https://b.example.com&scope={scope}"),
            format!("/token?audience={}{number}", "a".repeat(2_000)),
            format!("/connection?connection=google&login_hint={}{number}", "h".repeat(2_000)),
        ] {
            let answer = browser.get(&world, &path).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        }
    }
    let size = size_of(&world, &browser).await;
    assert!(size < 80_000, "{size}");
    // The newest are there still, and cost no request.
    let before = world.token_requests();
    for path in [
        format!("/token?audience={}39", "a".repeat(2_000)),
        format!("/connection?connection=google&login_hint={}39", "h".repeat(2_000)),
    ] {
        assert_eq!(browser.get(&world, &path).await.status, StatusCode::OK);
    }
    assert_eq!(world.token_requests(), before);
}

#[tokio::test]
async fn dos_04_a_record_has_a_bound_in_bytes_and_what_was_there_stays() {
    let world = World::configured(routes(), |auth| auth.session_store(MemoryStore::new())).await;
    let mut browser = world.signed_in("ada@example.com").await;
    assert_eq!(browser.get(&world, "/note?bytes=1000000").await.status, StatusCode::NO_CONTENT);
    let size = size_of(&world, &browser).await;
    assert!(size > 1_000_000, "{size}");
    for bytes in [1_048_577, 20_000_000] {
        let answer = browser.get(&world, &format!("/note?bytes={bytes}")).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE));
        assert_eq!(size_of(&world, &browser).await, size, "it is as it was");
    }
}
