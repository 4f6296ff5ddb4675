//! Faults on demand, requests that are counted and held back, and forged ID tokens.

use std::future::Future;

use tokio::time::timeout;

use super::*;

/// Long enough for an exchange with a provider that answers.
const A_WHILE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn requests_are_counted_endpoint_by_endpoint() {
    let world = World::new().await;
    world.signed_in().await;
    world.signed_in().await;
    let stranger = client(&world.provider, ClientAuthentication::None);
    stranger.refresh(&SecretString::from("rt"), None, None, None).await.tokens.unwrap_err();
    assert_eq!(world.provider.requests(Endpoint::Token), 3, "a refusal counts as well");
    assert_eq!(world.provider.requests(Endpoint::Metadata), 2);
    assert_eq!(world.provider.requests(Endpoint::Keys), 0);
    browser().get(format!("{}/nowhere", world.provider.issuer())).send().await.unwrap();
    browser().get(format!("{}/userinfo?a=b&c=", world.provider.issuer())).send().await.unwrap();
    assert_eq!(
        world.provider.received(Endpoint::UserInfo),
        [HashMap::from([("a".to_owned(), "b".to_owned())])]
    );
    let tokens = world.provider.received(Endpoint::Token);
    let grants: Vec<_> = tokens.iter().map(|form| form["grant_type"].as_str()).collect();
    assert_eq!(grants, ["authorization_code", "authorization_code", "refresh_token"]);
    assert_eq!(tokens[2]["refresh_token"], "rt");
}

/// A refresh under a fault: its outcome, and whether the refresh token was spent.
async fn refresh_under(fault: Fault) -> (Result<Result<TokenResponse, ProviderError>, &'static str>, bool) {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    world.provider.fault(Endpoint::Token, fault);
    let refresh = world.client.refresh(&refresh_token, None, None, None);
    let outcome = timeout(A_WHILE, refresh).await.map(|refresh| refresh.tokens).map_err(|_| "no answer");
    world.provider.heal();
    assert_eq!(world.provider.requests(Endpoint::Token), 2, "the sign-in and one refresh");
    let is_spent = world.provider.shared.state.lock().is_spent(refresh_token.expose_secret(), NOW);
    let again = world.client.refresh(&refresh_token, None, None, None).await.tokens;
    assert_eq!(again.is_err(), is_spent, "{outcome:?} {again:?}");
    assert_eq!(world.provider.reused_refresh_tokens(), usize::from(is_spent));
    (outcome, is_spent)
}

#[tokio::test]
async fn a_fault_does_what_was_asked_or_does_not() {
    let unavailable = http::StatusCode::SERVICE_UNAVAILABLE;
    for (fault, spends) in
        [(Fault::answer((unavailable, "later")), false), (Fault::disconnect(), false), (Fault::lost(), true)]
    {
        let name = format!("{fault:?}");
        let (outcome, is_spent) = refresh_under(fault).await;
        assert_eq!(outcome.unwrap().unwrap_err().code(), "token_endpoint_unavailable", "{name}");
        assert_eq!(is_spent, spends, "{name}");
    }
    for (fault, spends) in [(Fault::late(A_WHILE * 100), true), (Fault::silence(), false)] {
        let name = format!("{fault:?}");
        let (outcome, is_spent) = refresh_under(fault).await;
        assert_eq!((outcome.unwrap_err(), is_spent), ("no answer", spends), "{name}");
    }
    let (outcome, is_spent) = refresh_under(Fault::change(|answer| answer["scope"] = "openid".into())).await;
    assert_eq!((outcome.unwrap().unwrap().scope.as_deref(), is_spent), (Some("openid"), true));
    let (outcome, _) = refresh_under(Fault::late(A_WHILE / 10)).await;
    outcome.unwrap().unwrap();
}

#[tokio::test]
async fn a_provider_that_refuses_connections_forgets_nothing() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    for _ in 0..2 {
        world.provider.refuse_connections().await;
        let error = world.client.refresh(&refresh_token, None, None, None).await.tokens.unwrap_err();
        assert_eq!(error.code(), "token_endpoint_unavailable");
        let error = tokio::net::TcpStream::connect(("127.0.0.1", world.provider.port())).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    }
    assert_eq!(world.provider.requests(Endpoint::Token), 1);
    world.provider.accept_connections().await.unwrap();
    world.provider.accept_connections().await.unwrap();
    world.client.refresh(&refresh_token, None, None, None).await.tokens.unwrap();
}

#[tokio::test]
async fn an_answer_on_demand_arrives_as_it_is() {
    let world = World::new().await;
    let teapot = (http::StatusCode::IM_A_TEAPOT, [("retry-after", "7")], "short and stout");
    world.provider.fault(Endpoint::Keys, Fault::answer(teapot));
    let url = format!("{}/.well-known/jwks.json", world.provider.issuer());
    for _ in 0..2 {
        let answer = browser().get(&url).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (418, &"7".parse().unwrap())
        );
        assert_eq!(answer.text().await.unwrap(), "short and stout");
    }
    world.provider.heal();
    assert_eq!(browser().get(&url).send().await.unwrap().status(), 200);
}

/// Returns whether the future is still waiting after a while.
async fn waits(future: &mut (impl Future + Unpin)) -> bool {
    timeout(A_WHILE, future).await.is_err()
}

#[tokio::test]
async fn a_request_that_is_held_back_has_arrived_and_has_done_nothing() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    world.provider.hold(Endpoint::Token);
    assert!(waits(&mut Box::pin(world.provider.arrived(Endpoint::Token, 2))).await);
    let mut refresh = Box::pin(world.client.refresh(&refresh_token, None, None, None));
    assert!(waits(&mut refresh).await);
    world.provider.arrived(Endpoint::Token, 2).await;
    assert!(!world.provider.shared.state.lock().is_spent(refresh_token.expose_secret(), NOW));
    // Another endpoint is not held back.
    browser().get(format!("{}/userinfo", world.provider.issuer())).send().await.unwrap();
    // A fault that is set meanwhile is for later requests.
    world.provider.fault(Endpoint::Token, Fault::disconnect());
    world.provider.release(Endpoint::Token);
    refresh.await.tokens.unwrap();
}

#[tokio::test]
async fn an_id_token_is_what_the_test_makes_of_it() {
    let world = World::new().await;
    let judge = async || {
        let (transaction, tokens) = world.signed_in().await;
        let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
        let id_token = tokens.id_token.unwrap();
        world.client.validate_id_token(&id_token, &tokens.access_token, occasion, NOW).await
    };
    world.provider.forge_id_tokens(|mut claims, key| {
        claims["role"] = "admin".into();
        key.sign(&key.header("JWT"), &claims)
    });
    let claims = judge().await.unwrap();
    assert!(claims.raw().get().contains(r#""role":"admin""#));
    let stranger = ProviderKey::generate(crate::SignatureAlgorithm::RS256).unwrap();
    world.provider.forge_id_tokens(move |claims, key| stranger.sign(&key.header("JWT"), &claims));
    assert_eq!(judge().await.unwrap_err().code(), "id_token_signature");
    world.provider.heal();
    judge().await.unwrap();
}

#[tokio::test]
async fn the_metadata_name_the_addresses_of_a_proxy() {
    let provider = Provider::builder()
        .issuer("http://localhost:8080")
        .endpoint_url(Endpoint::Token, "http://localhost:8081/token")
        .start()
        .await
        .unwrap();
    let url = format!("http://localhost:{}/.well-known/openid-configuration", provider.port());
    let metadata = browser().get(url).send().await.unwrap().bytes().await.unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata["issuer"], "http://localhost:8080");
    assert_eq!(metadata["token_endpoint"], "http://localhost:8081/token");
    assert_eq!(metadata["jwks_uri"], "http://localhost:8080/.well-known/jwks.json");
}
