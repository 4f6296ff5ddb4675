//! What a store is given: every key and every text, from the sign-in to its end.

use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Noting, TOKEN_LIFETIME, World};
use axum::Router;
use axum::routing::get;
use http::StatusCode;

const ADA: &str = "ada@example.com";
const WORD: &str = "a word of the application";

#[with_api_auth_required]
async fn say(session: Session) -> StatusCode {
    session.set("word", &WORD).map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn connection(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token_for_connection("google-oauth2").await?.as_str().to_owned())
}

/// The session's JSON as it was read.
#[with_api_auth_required]
async fn raw(session: Session) -> String {
    session.document().as_str().to_owned()
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/say", get(say))
        .route("/token", get(token))
        .route("/connection", get(connection))
        .route("/raw", get(raw))
        .route("/leave", get(leave))
}

/// A session's whole life. Gives what must not be readable in a store: ids, tokens, claims and members.
async fn live(world: &World) -> Vec<String> {
    let mut browser = world.signed_in(ADA).await;
    let mut secrets = [ADA, WORD, "sample|ada", "Ada Lovelace"].map(str::to_owned).to_vec();
    secrets.extend(world.find_store_id(&browser).map(|id| id.as_str().to_owned()));
    assert_eq!(browser.get(&world, "/say").await.status, StatusCode::NO_CONTENT);
    for _ in 0..2 {
        for path in ["/token", "/connection"] {
            let answer = browser.get(&world, path).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            secrets.push(answer.body);
        }
        let raw = browser.get(&world, "/raw").await.body;
        let session: serde_json::Value = serde_json::from_str(&raw).unwrap();
        for pointer in
            ["/tokenSet/accessToken", "/tokenSet/idToken", "/tokenSet/refreshToken", "/internal/sid"]
        {
            secrets.push(session.pointer(pointer).and_then(|text| text.as_str()).unwrap().to_owned());
        }
        secrets.push(browser.cookies["__session"].clone());
        world.clock.advance(TOKEN_LIFETIME);
    }
    world.auth.sessions_of("sample|ada").await.ok();
    assert_eq!(browser.get(&world, "/leave").await.status, StatusCode::NO_CONTENT);
    secrets
}

async fn world(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> World {
    World::configured(routes(), configure).await
}

fn found(store: &Noting, secrets: &[String]) -> Vec<String> {
    let everything = store.noted().everything;
    assert!(everything.len() > 10, "the store was hardly asked: {}", everything.len());
    let is_found = |secret: &&String| everything.iter().any(|given| given.contains(secret.as_str()));
    secrets.iter().filter(is_found).cloned().collect()
}

#[tokio::test]
async fn prv_03_a_sealed_store_is_never_given_an_id_a_token_or_a_claim() {
    let store = Noting::default();
    let shared = store.clone();
    let world =
        world(|auth| auth.session_store(shared.clone()).seal_records(true).refresh_lease(shared)).await;
    let secrets = live(&world).await;
    assert_eq!(found(&store, &secrets), [""; 0]);
    // Every key of a shared value is a hash of a refresh token.
    let noted = store.noted();
    let keys: Vec<_> = noted.values.keys().chain(noted.taken_back.keys()).collect();
    assert!(keys.len() > 2, "{keys:?}");
    for key in keys {
        let hash = key.rsplit(':').next().unwrap();
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }
}

#[tokio::test]
async fn prv_03_what_instances_share_is_sealed_also_where_records_are_not() {
    let store = Noting::default();
    let shared = store.clone();
    let world = world(|auth| auth.refresh_lease(shared)).await;
    let secrets = live(&world).await;
    assert_eq!(found(&store, &secrets), [""; 0]);
}

#[tokio::test]
async fn prv_03_a_revocation_names_nobody() {
    let store = Noting::default();
    let shared = store.clone();
    let world = world(|auth| auth.revocation(shared)).await;
    let secrets = live(&world).await;
    assert_eq!(found(&store, &secrets), [""; 0]);
}

/// As the documentation says: the record is the session's JSON there.
#[tokio::test]
async fn prv_03_without_sealing_a_record_can_be_read() {
    let store = Noting::default();
    let shared = store.clone();
    let world = world(|auth| auth.session_store(shared)).await;
    let secrets = live(&world).await;
    let (found, id) = (found(&store, &secrets), &secrets[4]);
    assert!(found.contains(&ADA.to_owned()) && found.contains(id) && id.len() == 32, "{found:?}");
}
