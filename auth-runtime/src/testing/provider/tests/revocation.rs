//! Refresh tokens that are given back.

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
    assert_eq!(world.provider.requests(Endpoint::Revocation), 3);
}

#[tokio::test]
async fn s_7009_1_a_provider_without_the_endpoint_is_left_alone() {
    let world = World::new().await;
    let remove = |metadata: &mut Value| drop(metadata.as_object_mut().unwrap().remove("revocation_endpoint"));
    world.provider.fault(Endpoint::Metadata, Fault::change(remove));
    assert_eq!(world.client.revoke(&SecretString::from("rt")).await, Ok(()));
    assert_eq!(world.provider.requests(Endpoint::Revocation), 0);
}

#[tokio::test]
async fn s_7009_1_an_outage_has_a_name() {
    for (status, code) in [
        (StatusCode::SERVICE_UNAVAILABLE, "revocation_endpoint_unavailable"),
        (StatusCode::INTERNAL_SERVER_ERROR, "revocation_endpoint_unavailable"),
        (StatusCode::NOT_FOUND, "revocation_endpoint_nonsense"),
        (StatusCode::TEMPORARY_REDIRECT, "revocation_endpoint_nonsense"),
    ] {
        let world = World::new().await;
        world.provider.fault(Endpoint::Revocation, Fault::answer(status));
        let error = world.client.revoke(&SecretString::from("rt")).await.unwrap_err();
        assert_eq!(error.code(), code, "{status}");
    }
}
