//! Signatures of both sides: the client's assertions, and the provider's tokens.

use super::*;
use crate::oidc::{SignatureAlgorithm, SigningKey};

const ALGORITHMS: [SignatureAlgorithm; 4] = [
    SignatureAlgorithm::ES256,
    SignatureAlgorithm::EdDSA,
    SignatureAlgorithm::PS256,
    SignatureAlgorithm::RS256,
];

fn key(algorithm: SignatureAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

fn by_key(key: SigningKey) -> ClientAuthentication {
    ClientAuthentication::PrivateKeyJwt(Arc::new(key))
}

#[tokio::test]
async fn s_bcp_12_a_client_proves_with_its_key_who_it_is() {
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let builder = Provider::builder().client_key("sample-client", key.to_pem(), algorithm);
        let world = World::with(builder).await;
        let client = client(&world.provider, by_key(key));
        let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
        let code = world.code(&transaction).await;
        let tokens = client.exchange_code(&code, &transaction.code_verifier, CALLBACK).await.unwrap();
        // The same key twice, and an assertion for each.
        client.refresh(&tokens.refresh_token.unwrap(), None, None, None).await.tokens.unwrap();
    }
}

#[tokio::test]
async fn s_bcp_12_nothing_but_the_key_will_do() {
    let algorithm = SignatureAlgorithm::ES256;
    let right = key(algorithm);
    let builder = Provider::builder().client_key("sample-client", right.to_pem(), algorithm);
    let world = World::with(builder).await;
    let refresh_token = SecretString::from("rt");
    for authentication in [
        by_key(key(algorithm)),
        by_key(key(SignatureAlgorithm::EdDSA)),
        ClientAuthentication::None,
        ClientAuthentication::SecretPost("s".into()),
    ] {
        let client = client(&world.provider, authentication);
        let error = client.refresh(&refresh_token, None, None, None).await.tokens.unwrap_err();
        assert_eq!(error.code(), "token_endpoint_refused");
        assert!(error.to_string().contains("invalid_client"), "{error}");
    }
    // With the key it is the refresh token that is wrong.
    let client = client(&world.provider, by_key(right));
    assert!(is_invalid_grant(client.refresh(&refresh_token, None, None, None).await.tokens));
}

#[tokio::test]
async fn s_bcp_12_an_assertion_is_of_its_time() {
    let algorithm = SignatureAlgorithm::ES256;
    let key = key(algorithm);
    let builder = Provider::builder().client_key("sample-client", key.to_pem(), algorithm);
    let world = World::with(builder).await;
    let client = client(&world.provider, by_key(key));
    let refresh_token = SecretString::from("rt");
    for (seconds_later, is_good) in [(0, true), (59, true), (60, false), (3600, false), (-1, false)] {
        world.now.store(NOW + seconds_later, Ordering::SeqCst);
        let outcome = client.refresh(&refresh_token, None, None, None).await.tokens;
        assert_eq!(is_invalid_grant(outcome), is_good, "{seconds_later}");
    }
}

#[tokio::test]
async fn jwk_04_a_new_key_is_found_at_once_and_another_one_after_the_cool_down_alone() {
    let world = World::new().await;
    let sign_in_is_good = async || {
        let (transaction, tokens) = world.signed_in().await;
        let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
        let id_token = tokens.id_token.unwrap();
        world.client.validate_id_token(&id_token, &tokens.access_token, occasion, NOW).await.map(drop)
    };
    assert_eq!(sign_in_is_good().await, Ok(()));
    world.provider.replace_key().unwrap();
    assert_eq!(sign_in_is_good().await, Ok(()));
    world.provider.replace_key().unwrap();
    let unknown = ProviderError::IdToken(IdTokenError::Jwt(JwtError::UnknownKey));
    assert_eq!(sign_in_is_good().await, Err(unknown));
    assert_eq!(world.provider.requests(Endpoint::Keys), 2);
}

#[tokio::test]
async fn jwk_02_keys_that_are_known_outlive_an_outage() {
    let world = World::new().await;
    let (transaction, tokens) = world.signed_in().await;
    let (id_token, access_token) = (tokens.id_token.unwrap(), tokens.access_token);
    let judge = async || {
        let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
        world.client.validate_id_token(&id_token, &access_token, occasion, NOW).await.map(drop)
    };
    world.provider.fault(Endpoint::Keys, Fault::answer(http::StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(judge().await.unwrap_err().code(), "jwks_status");
    world.provider.heal();
    assert_eq!(judge().await, Ok(()));
    world.provider.fault(Endpoint::Keys, Fault::answer(http::StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(judge().await, Ok(()));
}

#[tokio::test]
async fn tok_04_a_refresh_token_survives_an_outage() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    world.provider.fault(Endpoint::Token, Fault::answer(http::StatusCode::SERVICE_UNAVAILABLE));
    let error = world.client.refresh(&refresh_token, None, None, None).await.tokens.unwrap_err();
    assert_eq!(error.code(), "token_endpoint_unavailable");
    world.provider.heal();
    world.client.refresh(&refresh_token, None, None, None).await.tokens.unwrap();
}

#[tokio::test]
async fn a_public_client_signs_in_with_pkce_alone() {
    let world = World::with(Provider::builder().public_client("sample-client")).await;
    let client = client(&world.provider, ClientAuthentication::None);
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let code = world.code(&transaction).await;
    let wrong = SecretString::from("wrong");
    assert!(is_invalid_grant(client.exchange_code(&code, &wrong, CALLBACK).await));
    let code = world.code(&transaction).await;
    client.exchange_code(&code, &transaction.code_verifier, CALLBACK).await.unwrap();
}

#[tokio::test]
async fn idt_03_every_algorithm_works_where_it_is_allowed_and_only_there() {
    for algorithm in ALGORITHMS {
        let world = World::with(Provider::builder().signing_algorithm(algorithm)).await;
        let (transaction, tokens) = world.signed_in().await;
        for allowed in ALGORITHMS {
            let secret = SecretString::from(world.provider.client_secret());
            let config = config(world.provider.issuer(), ClientAuthentication::SecretPost(secret));
            let client = ProviderClient::new(ProviderConfig { algorithms: vec![allowed], ..config }).unwrap();
            let occasion = Occasion::SignIn { nonce: &transaction.nonce, max_age: None };
            let id_token = tokens.id_token.as_ref().unwrap();
            let found = client.validate_id_token(id_token, &tokens.access_token, occasion, NOW).await;
            if allowed == algorithm {
                // `at_hash` and all.
                assert_eq!(found.unwrap().sub(), "sample|ada");
            } else {
                let error = ProviderError::IdToken(IdTokenError::Jwt(JwtError::Algorithm));
                assert_eq!(found.unwrap_err(), error, "{algorithm:?} {allowed:?}");
            }
        }
    }
}
