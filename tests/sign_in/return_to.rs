//! Nobody is sent to another origin, whatever the application is told.

use auth_tests::{ORIGIN, encoded, leaves, parameter, redirect_payloads};

use crate::world::world;

#[tokio::test]
async fn rdr_02_a_sign_in_ends_at_the_application() {
    for evil in [
        "//evil.com",
        "/%5Cevil.com",
        "https://evil.com/",
        "/%09/evil.com",
        "javascript:alert(1)",
        "/auth/logout",
        "/auth/profile",
    ] {
        let mut world = world().await;
        let back = world.begin(&format!("/auth/login?returnTo={evil}"), "ada@example.com").await;
        let location = world.get(&back).await.location().to_owned();
        assert!(
            location.starts_with("http://localhost:3000/") && !location.contains("logout"),
            "{evil}: {location}"
        );
    }
}

#[tokio::test]
async fn rdr_02_to_rdr_11_and_s_bcp_4_no_payload_leaves_the_origin() {
    let payloads = redirect_payloads("localhost:3000");
    assert!(payloads.len() >= 2_000);
    let mut world = world().await;
    for payload in &payloads {
        let login = format!("/auth/login?returnTo={}", encoded(payload));
        let back = world.begin(&login, "ada@example.com").await;
        let answer = world.get(&back).await;
        assert!(!leaves(answer.location(), ORIGIN), "{payload:?} -> {}", answer.location());
    }
}

#[tokio::test]
async fn rdr_14_no_payload_leaves_the_origin_after_a_sign_out() {
    let mut world = world().await;
    let issuer = world.provider.issuer().to_owned();
    for payload in redirect_payloads("localhost:3000") {
        let answer = world.sign_out(&format!("/auth/logout?returnTo={}", encoded(&payload))).await;
        assert!(!leaves(answer.location(), &issuer), "{payload:?} -> {}", answer.location());
        let place = parameter(answer.location(), "post_logout_redirect_uri").unwrap();
        assert!(!leaves(&place, ORIGIN), "{payload:?} -> {place}");
    }
}

#[tokio::test]
async fn rdr_04_our_own_origin_with_user_information_is_another_place() {
    for place in [
        "http://evil.com@localhost:3000/after",
        "http://ada:secret@localhost:3000/after",
        "http://:secret@localhost:3000/after",
        "//evil.com@localhost:3000/after",
        "http://evil.com%2F@localhost:3000/after",
    ] {
        let mut world = world().await;
        let back = world.begin(&format!("/auth/login?returnTo={}", encoded(place)), "ada@example.com").await;
        assert_eq!(world.get(&back).await.location(), format!("{ORIGIN}/"), "{place}");
    }
    // Without it, the place is the application's.
    let mut world = world().await;
    let login = format!("/auth/login?returnTo={}", encoded("http://localhost:3000/after"));
    let back = world.begin(&login, "ada@example.com").await;
    assert_eq!(world.get(&back).await.location(), format!("{ORIGIN}/after"));
}
