//! Signing in to an organization.

use auth_runtime::testing::provider::{Provider, ProviderBuilder, SampleUser};
use http::StatusCode;

use crate::world::{World, parameter};

const ADA: &str = "ada@example.com";

fn member() -> ProviderBuilder {
    let ada = SampleUser::new("Ada Lovelace", ADA).claim("org_id", "org_1").claim("org_name", "acme");
    Provider::builder().user(ada)
}

#[tokio::test]
async fn who_signs_in_to_the_organization_that_was_asked_for_has_a_session() {
    for organization in ["org_1", "acme", "Acme"] {
        let mut world = World::with(member()).await;
        let back = world.begin(&format!("/auth/login?organization={organization}&invitation=i"), ADA).await;
        assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER, "{organization}");
        assert_eq!(world.names(), ["__session"]);
    }
}

#[tokio::test]
async fn who_signs_in_to_another_one_or_to_none_has_none() {
    let stranger = || Provider::builder().user(SampleUser::new("Ada Lovelace", ADA));
    for (provider, organization) in [(member(), "org_2"), (member(), "ac"), (stranger(), "org_1")] {
        let mut world = World::with(provider).await;
        let back = world.begin(&format!("/auth/login?organization={organization}"), ADA).await;
        let answer = world.get(&back).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{organization}");
        assert!(answer.body.contains("organization_mismatch"), "{}", answer.body);
        assert_eq!(world.names(), [""; 0]);
    }
}

#[tokio::test]
async fn the_configured_organization_is_asked_for_unless_a_sign_in_names_another() {
    let mut world = World::configured(member(), |builder| builder.organization("org_2")).await;
    let login = world.get("/auth/login").await;
    assert_eq!(parameter(login.location(), "organization").as_deref(), Some("org_2"));
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    assert_eq!(world.get(&back).await.status, StatusCode::BAD_REQUEST);

    let login = world.get("/auth/login?organization=org_1").await;
    assert_eq!(parameter(login.location(), "organization").as_deref(), Some("org_1"));
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
}
