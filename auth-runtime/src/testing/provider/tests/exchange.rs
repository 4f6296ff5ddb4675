//! Tokens for other tokens.

use super::*;
use crate::oidc::{ExchangedTokens, TokenExchange, TokenType};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn exchange<'a>(subject_token: &'a SecretString, subject_token_type: &'a str) -> TokenExchange<'a> {
    TokenExchange {
        subject_token,
        subject_token_type,
        scope: None,
        audience: None,
        organization: None,
        actor: None,
        extra: &[],
    }
}

#[tokio::test]
async fn a_federated_token_comes_for_a_refresh_token_that_stays_good() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    for hint in [None, Some("ada@upstream.example.com")] {
        let found = world
            .client
            .federated_connection_token("google", hint, &refresh_token, None)
            .await
            .tokens
            .unwrap();
        let claims = payload(found.access_token.expose_secret());
        assert!(claims["iss"].as_str().unwrap().ends_with("/connections/google"));
        assert_eq!(claims["sub"], "sample|ada");
        assert_eq!(claims["login_hint"].as_str(), hint);
        assert_eq!(found.expires_in, Some(3600));
        assert!(found.refresh_token.is_none());
    }
    world.client.refresh(&refresh_token, None, None, None).await.tokens.unwrap();
    let spent = world.client.federated_connection_token("google", None, &refresh_token, None).await.tokens;
    assert!(is_invalid_grant(spent));
}

#[tokio::test]
async fn one_token_is_exchanged_for_another() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let request = TokenExchange {
        audience: Some("https://api.example.com"),
        scope: Some("openid read offline_access"),
        ..exchange(&tokens.access_token, ACCESS_TOKEN)
    };
    let found: ExchangedTokens = world.client.exchange_token(&request).await.unwrap();
    let claims = payload(found.access_token.expose_secret());
    assert_eq!(claims["aud"], "https://api.example.com");
    assert_eq!(claims["sub"], "sample|ada");
    assert_eq!(found.token_type, TokenType::Bearer);
    assert_eq!(found.issued_token_type.as_deref(), Some(ACCESS_TOKEN));
    assert_eq!(found.scope.as_deref(), Some("openid read offline_access"));
    assert_eq!(found.expires_in, Some(3600));
    world.client.refresh(&found.refresh_token.unwrap(), None, None, None).await.tokens.unwrap();
}

#[tokio::test]
async fn a_token_of_another_system_and_an_actor_are_understood() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let (foreign, id_token) = (SecretString::from("grace@example.com"), tokens.id_token.unwrap());
    let request = TokenExchange {
        actor: Some((&id_token, "urn:ietf:params:oauth:token-type:id_token")),
        audience: Some("urn:id.example.com:session_transfer"),
        organization: Some("org_1"),
        ..exchange(&foreign, "urn:example:legacy-session")
    };
    let found = world.client.exchange_token(&request).await.unwrap();
    let claims = payload(found.access_token.expose_secret());
    assert_eq!(claims["sub"], "sample|grace");
    assert_eq!(claims["act"]["sub"], "sample|ada");
    assert_eq!(found.token_type, TokenType::NotApplicable);
    let kind = "urn:auth0:params:oauth:token-type:session_transfer_token";
    assert_eq!(found.issued_token_type.as_deref(), Some(kind));
    assert!(found.refresh_token.is_none());
}

#[tokio::test]
async fn what_is_no_token_is_exchanged_for_nothing() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let unknown = SecretString::from("unknown");
    for (token, kind) in [
        (&unknown, ACCESS_TOKEN),
        (&tokens.access_token, "urn:ietf:params:oauth:token-type:refresh_token"),
        (&tokens.access_token, ""),
        (&unknown, "urn:example:legacy-session"),
    ] {
        let error = world.client.exchange_token(&exchange(token, kind)).await.unwrap_err();
        assert!(error.to_string().contains("invalid_request"), "{error}");
    }
}
