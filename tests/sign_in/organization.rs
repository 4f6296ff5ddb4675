//! Signing in to an organization.

use auth_runtime::AuthBuilder;
use auth_runtime::testing::provider::SampleUser;
use auth_tests::{World, parameter};
use http::StatusCode;

use crate::world::with_provider;

const ADA: &str = "ada@example.com";

async fn world(ada: SampleUser, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> World {
    with_provider(|provider| provider.user(ada.clone()), configure).await
}

fn member() -> SampleUser {
    stranger().claim("org_id", "org_1").claim("org_name", "acme")
}

fn stranger() -> SampleUser {
    SampleUser::new("Ada Lovelace", ADA)
}

#[tokio::test]
async fn who_signs_in_to_the_organization_that_was_asked_for_has_a_session() {
    for organization in ["org_1", "acme", "Acme"] {
        let mut world = world(member(), |auth| auth).await;
        let back = world.begin(&format!("/auth/login?organization={organization}&invitation=i"), ADA).await;
        assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER, "{organization}");
        assert_eq!(world.browser.names(), ["__session"]);
    }
}

#[tokio::test]
async fn who_signs_in_to_another_one_or_to_none_has_none() {
    for (ada, organization) in [(member(), "org_2"), (member(), "ac"), (stranger(), "org_1")] {
        let mut world = world(ada, |auth| auth).await;
        let back = world.begin(&format!("/auth/login?organization={organization}"), ADA).await;
        let answer = world.get(&back).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{organization}");
        assert!(answer.body.contains("organization_mismatch"), "{}", answer.body);
        assert_eq!(world.browser.names(), [""; 0]);
    }
}

#[tokio::test]
async fn the_configured_organization_is_asked_for_unless_a_sign_in_names_another() {
    let mut world = world(member(), |builder| builder.organization("org_2")).await;
    let login = world.get("/auth/login").await;
    assert_eq!(parameter(login.location(), "organization").as_deref(), Some("org_2"));
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    assert_eq!(world.get(&back).await.status, StatusCode::BAD_REQUEST);

    let login = world.get("/auth/login?organization=org_1").await;
    assert_eq!(parameter(login.location(), "organization").as_deref(), Some("org_1"));
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
}
