//! Authorization requests that go to the provider directly (RFC 9126).

use auth_runtime::testing::provider::ProviderBuilder;
use auth_tests::parameter;
use http::StatusCode;

use crate::world::{configured, with_provider, world};

#[tokio::test]
async fn s_par_1_and_s_par_3_the_browser_carries_a_reference_and_nothing_else() {
    let wanted = configured(|builder| builder.pushed_authorization_requests(true));
    let demanded = with_provider(ProviderBuilder::require_pushed_requests, |auth| auth);
    for mut world in [wanted.await, demanded.await] {
        let login = world.get("/auth/login?returnTo=/a&login_hint=ada").await;
        let location = url::Url::parse(login.location()).unwrap();
        let mut names: Vec<_> = location.query_pairs().map(|(name, _)| name.into_owned()).collect();
        names.sort();
        assert_eq!(names, ["client_id", "request_uri"], "{location}");
        let back = world.provider.sign_in(login.location(), "ada@example.com").unwrap();
        assert_eq!(world.get(&back).await.location(), "http://localhost:3000/a");
        assert_eq!(world.get("/me").await.body, "ada@example.com");
    }
}

#[tokio::test]
async fn s_par_2_a_request_that_is_refused_begins_nothing() {
    let mut world =
        configured(|builder| builder.pushed_authorization_requests(true).client_secret("not the secret"))
            .await;
    let answer = world.get("/auth/login").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.body.contains("pushed_authorization_error"), "{}", answer.body);
    assert_eq!(world.browser.names(), [""; 0]);
}

#[tokio::test]
async fn without_pushing_the_request_is_in_the_url() {
    let mut world = world().await;
    let login = world.get("/auth/login").await;
    assert_eq!(parameter(login.location(), "request_uri"), None);
    assert!(parameter(login.location(), "redirect_uri").is_some());
}
