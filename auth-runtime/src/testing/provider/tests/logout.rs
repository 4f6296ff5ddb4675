//! Sessions that the provider ends.

use axum::Router;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::sync::mpsc;

use super::*;
use crate::oidc::{LogoutToken, LogoutTokenError};

impl World {
    async fn judge(&self, token: &str) -> Result<LogoutToken, ProviderError> {
        self.client.validate_logout_token(token, self.now()).await
    }

    fn token(&self, sid: &str) -> String {
        self.provider.logout_token(Some("sample|ada"), Some(sid)).unwrap()
    }
}

fn refused(error: LogoutTokenError) -> ProviderError {
    ProviderError::LogoutToken(error)
}

/// An application that only listens: what it was posted.
async fn listener() -> (String, mpsc::UnboundedReceiver<String>) {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/backchannel-logout", socket.local_addr().unwrap());
    let (sender, receiver) = mpsc::unbounded_channel();
    let hear = move |body: String| {
        sender.send(body).unwrap();
        std::future::ready(http::StatusCode::NO_CONTENT)
    };
    let routes = Router::new().route("/backchannel-logout", post(hear));
    tokio::spawn(async move { axum::serve(socket, routes).await });
    (url, receiver)
}

#[tokio::test]
async fn s_bcl_7_a_logout_token_that_has_done_its_work_is_refused() {
    let world = World::new().await;
    let token = world.token("s");
    let found = world.judge(&token).await.unwrap();
    assert_eq!(found.iss, world.provider.issuer());
    assert_eq!((found.sub.as_deref(), found.sid.as_deref()), (Some("sample|ada"), Some("s")));
    world.client.note_logout_token(&found, world.now());
    for _ in 0..2 {
        assert_eq!(world.judge(&token).await.unwrap_err(), refused(LogoutTokenError::Replayed));
    }
    world.judge(&world.token("s")).await.unwrap();
    world.now.fetch_add(1000, Ordering::SeqCst);
    let error = world.judge(&token).await.unwrap_err();
    assert_eq!(error, refused(LogoutTokenError::Jwt(JwtError::Expired)));
}

#[tokio::test]
async fn s_bcl_8_a_logout_that_failed_can_be_tried_again() {
    let world = World::new().await;
    let token = world.token("s");
    for _ in 0..2 {
        world.judge(&token).await.unwrap();
    }
}

#[tokio::test]
async fn s_bcl_4_a_token_that_does_not_say_what_it_is_needs_an_option() {
    let world = World::new().await;
    let claims = |jti: &str| {
        let mut claims = payload(&world.token("s"));
        claims["jti"] = jti.into();
        claims
    };
    let secret = SecretString::from(world.provider.client_secret());
    let config = config(world.provider.issuer(), ClientAuthentication::SecretPost(secret));
    let lenient =
        ProviderClient::new(ProviderConfig { allow_untyped_logout_tokens: true, ..config }).unwrap();
    let untyped = world.provider.sign("JWT", &claims("1")).unwrap();
    let error = refused(LogoutTokenError::Jwt(JwtError::Type));
    assert_eq!(world.judge(&untyped).await.unwrap_err(), error);
    lenient.validate_logout_token(&untyped, NOW).await.unwrap();
    let access_token = world.provider.sign("at+jwt", &claims("2")).unwrap();
    assert_eq!(lenient.validate_logout_token(&access_token, NOW).await.unwrap_err(), error);
}

#[tokio::test]
async fn bcl_13_a_flood_of_unknown_keys_does_not_reach_the_provider() {
    let (world, other) = (World::new().await, World::new().await);
    world.judge(&world.token("s")).await.unwrap();
    for i in 0..200 {
        let foreign = other.token(&i.to_string());
        let error = world.judge(&foreign).await.unwrap_err();
        assert_eq!(error, refused(LogoutTokenError::Jwt(JwtError::UnknownKey)));
        let header = URL_SAFE_NO_PAD
            .encode(json!({"alg": "RS256", "typ": "logout+jwt", "kid": i.to_string()}).to_string());
        let (_, rest) = foreign.split_once('.').unwrap();
        let error = world.judge(&format!("{header}.{rest}")).await.unwrap_err();
        assert_eq!(error, refused(LogoutTokenError::Jwt(JwtError::UnknownKey)));
    }
    assert_eq!(world.provider.requests(Endpoint::Keys), 2, "the first time, and one look");
    world.judge(&world.token("s")).await.unwrap();
}

#[tokio::test]
async fn idt_16_and_s_8725_6_a_logout_token_is_no_id_token() {
    let world = World::new().await;
    let (transaction, tokens) = world.signed_in().await;
    let token = SecretString::from(world.token("s"));
    let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
    let found = world.client.validate_id_token(&token, &tokens.access_token, occasion, NOW).await;
    assert_eq!(found.unwrap_err(), ProviderError::IdToken(IdTokenError::Jwt(JwtError::Type)));
}

#[tokio::test]
async fn the_application_hears_that_a_session_has_ended() {
    let world = World::new().await;
    let (url, mut heard) = listener().await;
    world.provider.send_logout_tokens_to(url);
    let (_, tokens) = world.signed_in().await;
    let sid = payload(tokens.id_token.unwrap().expose_secret())["sid"].as_str().unwrap().to_owned();

    let logout = format!("{}/oidc/logout?logout_hint={sid}", world.provider.issuer());
    browser().get(logout).send().await.unwrap();
    let body = heard.recv().await.unwrap();
    let found = world.judge(body.strip_prefix("logout_token=").unwrap()).await.unwrap();
    assert_eq!((found.sub.as_deref(), found.sid.as_deref()), (Some("sample|ada"), Some(sid.as_str())));

    let (_, tokens) = world.signed_in().await;
    assert_eq!(world.provider.sign_out("ada@example.com").await, Some(204));
    let body = heard.recv().await.unwrap();
    let found = world.judge(body.strip_prefix("logout_token=").unwrap()).await.unwrap();
    assert_eq!((found.sub.as_deref(), found.sid), (Some("sample|ada"), None));
    assert!(is_invalid_grant(
        world.client.refresh(&tokens.refresh_token.unwrap(), None, None, None).await.tokens
    ));
}
