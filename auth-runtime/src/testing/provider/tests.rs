//! The crate's own client against this provider: both ends of each exchange.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

mod application;
mod authentication;
mod exchange;
mod fault;
mod logout;
mod pages;
mod pushed;
mod revocation;

use super::*;
use crate::oidc::{
    AuthorizationRequest, Client, ClientAuthentication, DEFAULT_ALGORITHMS, DEFAULT_DEADLINE, IdTokenError,
    Issuer, JwtError, LoginTransaction, LogoutRequest, Occasion, ProviderClient, ProviderConfig,
    ProviderError, TokenError, TokenResponse, authorization_url, logout_url,
};
use crate::time::Clock;

const CALLBACK: &str = "http://localhost:3000/auth/callback";
const NOW: i64 = 1_700_000_000;
const SCOPE: &str = "openid profile email offline_access";

struct World {
    provider: RunningProvider,
    client: ProviderClient,
    now: Arc<AtomicI64>,
}

impl World {
    async fn new() -> Self {
        Self::with(Provider::builder()).await
    }

    async fn with(provider: ProviderBuilder) -> Self {
        let now = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&now);
        let provider = provider
            .redirect_uri(CALLBACK)
            .post_logout_redirect_uri("http://localhost:3000/")
            .clock(move || clock.load(Ordering::SeqCst))
            .start()
            .await
            .unwrap();
        let secret = SecretString::from(provider.client_secret());
        let client = client(&provider, ClientAuthentication::SecretPost(secret));
        Self { provider, client, now }
    }

    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    async fn url(&self, transaction: &LoginTransaction, extra: &[(String, String)]) -> Url {
        let metadata = self.client.metadata().await.unwrap();
        let request = AuthorizationRequest {
            client_id: self.client.client_id(),
            redirect_uri: CALLBACK,
            scope: SCOPE,
            audience: None,
            extra,
        };
        authorization_url(&metadata, &request, transaction)
    }

    async fn code(&self, transaction: &LoginTransaction) -> String {
        let url = self.url(transaction, &[]).await;
        let back = self.provider.sign_in(url.as_str(), "ada@example.com").unwrap();
        let answer = query(&back);
        assert_eq!(answer["state"], transaction.state);
        assert_eq!(answer["iss"], self.provider.issuer());
        answer["code"].clone()
    }

    async fn signed_in(&self) -> (LoginTransaction, TokenResponse) {
        let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
        let code = self.code(&transaction).await;
        let tokens = self.client.exchange_code(&code, &transaction.code_verifier, CALLBACK).await.unwrap();
        (transaction, tokens)
    }
}

fn config(issuer: &str, authentication: ClientAuthentication) -> ProviderConfig {
    ProviderConfig {
        issuer: Issuer::parse(issuer, true).unwrap(),
        client: Client { id: "sample-client".to_owned(), authentication },
        allow_insecure: true,
        deadline: DEFAULT_DEADLINE,
        algorithms: DEFAULT_ALGORITHMS.to_vec(),
        allow_untyped_logout_tokens: false,
        clock: Clock::Settable(Arc::new(AtomicI64::new(NOW))),
    }
}

fn client(provider: &RunningProvider, authentication: ClientAuthentication) -> ProviderClient {
    ProviderClient::new(config(provider.issuer(), authentication)).unwrap()
}

fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// Returns the claims of a token, unverified.
fn payload(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn browser() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

fn location(response: &reqwest::Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

fn is_invalid_grant<T: fmt::Debug>(result: Result<T, ProviderError>) -> bool {
    result.unwrap_err() == ProviderError::Token(TokenError::InvalidGrant)
}

#[tokio::test]
async fn a_whole_sign_in() {
    let world = World::new().await;
    let (transaction, tokens) = world.signed_in().await;
    assert_eq!(tokens.expires_in, Some(3600));
    assert_eq!(tokens.scope.as_deref(), Some(SCOPE));
    let id_token = tokens.id_token.as_ref().unwrap();
    let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: Some(0) };
    let claims = world.client.validate_id_token(id_token, &tokens.access_token, occasion, NOW).await.unwrap();
    assert_eq!(claims.sub(), "sample|ada");
    assert_eq!(claims.iss(), world.provider.issuer());
    let raw: Value = serde_json::from_str(claims.raw().get()).unwrap();
    assert_eq!(raw["name"], "Ada Lovelace");
    assert_eq!(raw["email"], "ada@example.com");
    assert!(raw["at_hash"].is_string() && raw["sid"].is_string());

    let occasion = Occasion::SignIn { nonce: "other", max_age: None };
    let error =
        world.client.validate_id_token(id_token, &tokens.access_token, occasion, NOW).await.unwrap_err();
    assert_eq!(error, ProviderError::IdToken(IdTokenError::Nonce));
    let access_token_as_id_token = world
        .client
        .validate_id_token(
            &tokens.access_token,
            &tokens.access_token,
            Occasion::SignIn { nonce: &transaction.nonce, max_age: None },
            NOW,
        )
        .await;
    assert_eq!(
        access_token_as_id_token.unwrap_err(),
        ProviderError::IdToken(IdTokenError::Jwt(JwtError::Type))
    );
}

#[tokio::test]
async fn a_token_of_another_provider_is_refused() {
    let (world, other) = (World::new().await, World::new().await);
    let (transaction, tokens) = other.signed_in().await;
    let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
    let id_token = tokens.id_token.as_ref().unwrap();
    for _ in 0..2 {
        let found = world.client.validate_id_token(id_token, &tokens.access_token, occasion, NOW).await;
        assert_eq!(found.unwrap_err(), ProviderError::IdToken(IdTokenError::Jwt(JwtError::UnknownKey)));
    }
}

#[tokio::test]
async fn both_ways_of_client_authentication_work_and_wrong_secrets_do_not() {
    let world = World::new().await;
    let right = SecretString::from(world.provider.client_secret());
    let wrong = SecretString::from("wrong");
    for (authentication, works) in [
        (ClientAuthentication::SecretBasic(right), true),
        (ClientAuthentication::SecretBasic(wrong.clone()), false),
        (ClientAuthentication::SecretPost(wrong), false),
        (ClientAuthentication::None, false),
    ] {
        let client = client(&world.provider, authentication);
        let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
        let code = world.code(&transaction).await;
        let found = client.exchange_code(&code, &transaction.code_verifier, CALLBACK).await;
        assert_eq!(found.is_ok(), works);
        if let Err(error) = found {
            assert_eq!(error.code(), "token_endpoint_refused");
        }
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_verifier_and_redirect_uri_and_for_a_minute() {
    let world = World::new().await;
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let verifier = &transaction.code_verifier;
    let code = world.code(&transaction).await;
    let tokens = world.client.exchange_code(&code, verifier, CALLBACK).await.unwrap();
    assert!(is_invalid_grant(world.client.exchange_code(&code, verifier, CALLBACK).await));
    let refresh_token = tokens.refresh_token.unwrap();
    let refreshed = world.client.refresh(&refresh_token, None, None, None).await.tokens;
    assert!(is_invalid_grant(refreshed), "a replayed code takes its tokens with it");

    let other = SecretString::from("other");
    let code = world.code(&transaction).await;
    assert!(is_invalid_grant(world.client.exchange_code(&code, &other, CALLBACK).await));
    let code = world.code(&transaction).await;
    assert!(is_invalid_grant(world.client.exchange_code(&code, verifier, "http://localhost:3000/").await));
    let code = world.code(&transaction).await;
    world.now.fetch_add(60, Ordering::SeqCst);
    assert!(is_invalid_grant(world.client.exchange_code(&code, verifier, CALLBACK).await));
}

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_revokes_the_family() {
    let world = World::new().await;
    let (transaction, first) = world.signed_in().await;
    let first_token = first.refresh_token.unwrap();
    world.now.fetch_add(3000, Ordering::SeqCst);
    let second = world.client.refresh(&first_token, None, None, None).await.tokens.unwrap();
    let second_token = second.refresh_token.unwrap();
    assert_ne!(first_token.expose_secret(), second_token.expose_secret());
    assert_ne!(first.access_token.expose_secret(), second.access_token.expose_secret());
    let id_token = second.id_token.as_ref().unwrap();
    let judge = |subject| {
        let occasion = Occasion::Refresh {
            subject,
            issuer: Some(world.provider.issuer()),
            auth_time: Some(NOW),
            nonce: Some(&transaction.nonce),
        };
        world.client.validate_id_token(id_token, &second.access_token, occasion, world.now())
    };
    let claims = judge("sample|ada").await.unwrap();
    assert_eq!(claims.auth_time(), Some(NOW), "the user signed in then, not now");
    assert_eq!(judge("sample|alan").await.unwrap_err().code(), "id_token_subject_changed");

    assert!(is_invalid_grant(world.client.refresh(&first_token, None, None, None).await.tokens));
    assert!(is_invalid_grant(world.client.refresh(&second_token, None, None, None).await.tokens));
}

#[tokio::test]
async fn one_refresh_token_is_good_for_several_audiences_and_scopes() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let mut refresh_token = tokens.refresh_token.unwrap();
    for (audience, scope, aud, granted) in [
        (Some("https://a.example.com"), Some("openid read:a"), "https://a.example.com", "openid read:a"),
        (Some("https://b.example.com"), None, "https://b.example.com", SCOPE),
        (None, Some("openid"), "/userinfo", "openid"),
        (None, Some("email"), "/userinfo", "email"),
        (None, None, "/userinfo", SCOPE),
    ] {
        let tokens = world.client.refresh(&refresh_token, audience, scope, None).await.tokens.unwrap();
        let claims = payload(tokens.access_token.expose_secret());
        assert!(claims["aud"].as_str().unwrap().ends_with(aud), "{claims}");
        assert_eq!(claims["scope"], granted);
        assert_eq!(tokens.scope.as_deref(), Some(granted));
        assert_eq!(tokens.id_token.is_some(), granted.contains("openid"));
        refresh_token = tokens.refresh_token.unwrap();
    }
    let error =
        world.client.refresh(&refresh_token, None, Some("openid admin"), None).await.tokens.unwrap_err();
    assert!(error.to_string().contains("invalid_scope"), "{error}");
}

#[tokio::test]
async fn a_refresh_token_that_does_not_rotate_stays_good() {
    let world = World::with(Provider::builder().rotate_refresh_tokens(false)).await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    for _ in 0..3 {
        let tokens = world.client.refresh(&refresh_token, None, None, None).await.tokens.unwrap();
        assert!(tokens.refresh_token.is_none());
    }
}

#[tokio::test]
async fn no_refresh_token_without_offline_access() {
    let world = World::new().await;
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let url = world.url(&transaction, &[]).await.as_str().replace("+offline_access", "");
    let code = query(&world.provider.sign_in(&url, "ada@example.com").unwrap())["code"].clone();
    let tokens = world.client.exchange_code(&code, &transaction.code_verifier, CALLBACK).await.unwrap();
    assert!(tokens.refresh_token.is_none());
}

#[tokio::test]
async fn the_sign_in_page_leads_back_to_the_application() {
    let world = World::new().await;
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let url = world.url(&transaction, &[]).await;
    let page = browser().get(url.clone()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let html = page.text().await.unwrap();
    assert!(html.contains("Grace Hopper") && !html.contains("<script"));

    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("request", url.query().unwrap())
        .append_pair("user", "1")
        .finish();
    let decision = format!("{}/authorize/decision", world.provider.issuer());
    let answer = browser().post(&decision).body(form).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let code = query(location(&answer))["code"].clone();
    let tokens = world.client.exchange_code(&code, &transaction.code_verifier, CALLBACK).await.unwrap();
    let userinfo = browser()
        .get(format!("{}/userinfo", world.provider.issuer()))
        .bearer_auth(tokens.access_token.expose_secret());
    let claims: Value =
        serde_json::from_slice(&userinfo.try_clone().unwrap().send().await.unwrap().bytes().await.unwrap())
            .unwrap();
    assert_eq!(claims["email"], "grace@example.com");
    world.now.fetch_add(3600, Ordering::SeqCst);
    assert_eq!(userinfo.send().await.unwrap().status(), 401);

    for body in ["", "user=0", "user=9&request=", "user=-1", "user=0&user=1"] {
        let answer = browser().post(&decision).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
    }
}

#[tokio::test]
async fn inj_05_what_comes_in_the_request_is_not_markup() {
    let world = World::new().await;
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let url = world.url(&transaction, &[]).await;
    // A browser would encode these; an attacker's client needs not.
    let target = format!("{}?{}&login_hint=\"'{{<script>", url.path(), url.query().unwrap());
    for target in [target.clone(), target.replace('<', "%3C").replace('>', "%3E")] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let html = raw_exchange(&world, &request).await;
        assert!(!html.contains("<script") && !html.contains("\"'{"), "{html}");
    }
    let evil = SampleUser::new("<script>alert(1)</script>", "\"onclick=\"@example.com");
    let provider = Provider::builder().redirect_uri(CALLBACK).user(evil).start().await.unwrap();
    let target = url.as_str().replace(world.provider.issuer(), provider.issuer());
    let html = browser().get(&target).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script") && !html.contains("\"onclick"));
}

async fn raw_exchange(world: &World, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let port = Url::parse(world.provider.issuer()).unwrap().port().unwrap();
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_request_that_is_not_from_the_client_gets_a_page_and_no_redirect() {
    let world = World::new().await;
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let good = world.url(&transaction, &[]).await.to_string();
    for bad in [
        good.replace("client_id=sample-client", "client_id=other"),
        good.replace("auth%2Fcallback", "evil"),
        good.replace("localhost%3A3000", "evil.example.com"),
        format!("{good}&state=again"),
    ] {
        assert_ne!(bad, good);
        let answer = browser().get(&bad).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{bad}");
        assert!(answer.headers().get("location").is_none());
        assert_eq!(world.provider.sign_in(&bad, "ada@example.com"), None);
    }
    for (from, to, code) in [
        ("response_type=code", "response_type=token", "unsupported_response_type"),
        ("code_challenge_method=S256", "code_challenge_method=plain", "invalid_request"),
        ("&code_challenge_method=S256", "", "invalid_request"),
        ("code_challenge=", "no_challenge=", "invalid_request"),
        ("scope=openid", "scope=other", "invalid_scope"),
        ("scope=openid", "prompt=none&scope=openid", "login_required"),
        ("scope=openid", "request=x&scope=openid", "request_not_supported"),
        ("scope=openid", "response_mode=fragment&scope=openid", "invalid_request"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        let answer = browser().get(&bad).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{to}");
        let answer = query(location(&answer));
        assert_eq!(answer["error"], code, "{to}");
        assert_eq!(answer["state"], transaction.state);
        assert_eq!(answer["iss"], world.provider.issuer());
    }
}

#[tokio::test]
async fn logout_returns_to_registered_urls_and_ends_the_tokens() {
    let world = World::new().await;
    let (transaction, tokens) = world.signed_in().await;
    let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
    let id_token = tokens.id_token.as_ref().unwrap();
    let claims = world.client.validate_id_token(id_token, &tokens.access_token, occasion, NOW).await.unwrap();
    let metadata = world.client.metadata().await.unwrap();
    let request = LogoutRequest {
        client_id: world.client.client_id(),
        post_logout_redirect_uri: "http://localhost:3000/",
        state: Some("s"),
        logout_hint: claims.sid(),
        id_token_hint: None,
        federated: false,
    };
    let url = logout_url(&metadata, world.client.issuer(), &request);
    let answer = browser().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    assert_eq!(location(&answer), "http://localhost:3000/?state=s");
    assert!(is_invalid_grant(
        world.client.refresh(&tokens.refresh_token.unwrap(), None, None, None).await.tokens
    ));

    let request = LogoutRequest { post_logout_redirect_uri: "http://evil.example.com/", ..request };
    let url = logout_url(&metadata, world.client.issuer(), &request);
    let answer = browser().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.headers().get("location").is_none());
}

#[tokio::test]
async fn a_dropped_provider_no_longer_answers() {
    let world = World::new().await;
    let client = client(&world.provider, ClientAuthentication::None);
    client.metadata().await.unwrap();
    drop(world.provider);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(world.client.metadata().await.unwrap_err().code(), "connect");
    // Not on the connection that was kept alive either; the metadata are still known.
    let error = client.refresh(&SecretString::from("rt"), None, None, None).await.tokens.unwrap_err();
    assert_eq!(error.code(), "token_endpoint_unavailable");
}
