//! Refresh tokens that are given back.

use axum::routing::post;
use http::StatusCode;

use super::*;

#[tokio::test]
async fn s_7009_1_a_revoked_token_is_good_for_nothing() {
    let world = World::new().await;
    let (_, tokens) = world.signed_in().await;
    let refresh_token = tokens.refresh_token.unwrap();
    let stranger = client(&world.provider, ClientAuthentication::SecretPost("wrong".into()));
    let error = stranger.revoke(&refresh_token).await.unwrap_err();
    assert_eq!(error.code(), "revocation_endpoint_refused");
    world.client.revoke(&refresh_token).await.unwrap();
    assert!(is_invalid_grant(world.client.refresh(&refresh_token, None, None, None).await.tokens));
    world.client.revoke(&refresh_token).await.unwrap();
    assert_eq!(world.provider.requests("/oauth/revoke"), 3);
}

#[tokio::test]
async fn s_7009_1_a_provider_without_the_endpoint_is_left_alone() {
    let issuer = impostor(&[], &serde_json::json!({}), Router::new()).await;
    let client = ProviderClient::new(config(&issuer, ClientAuthentication::None)).unwrap();
    assert_eq!(client.revoke(&SecretString::from("rt")).await, Ok(()));
}

#[tokio::test]
async fn s_7009_1_an_outage_has_a_name() {
    for (status, code) in [
        (StatusCode::SERVICE_UNAVAILABLE, "revocation_endpoint_unavailable"),
        (StatusCode::INTERNAL_SERVER_ERROR, "revocation_endpoint_unavailable"),
        (StatusCode::NOT_FOUND, "revocation_endpoint_nonsense"),
        (StatusCode::TEMPORARY_REDIRECT, "revocation_endpoint_nonsense"),
    ] {
        let routes = Router::new().route("/revoke", post(move || std::future::ready(status)));
        let issuer = impostor(&[("revocation_endpoint", "/revoke")], &serde_json::json!({}), routes).await;
        let client = ProviderClient::new(config(&issuer, ClientAuthentication::None)).unwrap();
        let error = client.revoke(&SecretString::from("rt")).await.unwrap_err();
        assert_eq!(error.code(), code, "{status}");
    }
}
