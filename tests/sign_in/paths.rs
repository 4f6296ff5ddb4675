//! Endpoints where the application wants them.

use auth_runtime::{Auth, routing};
use auth_tests::{ORIGIN, parameter};
use http::StatusCode;

use crate::world::configured;

#[tokio::test]
async fn a_whole_sign_in_works_below_a_base_path_and_under_other_names() {
    let mut world = configured(|builder| {
        builder
            .base_path("/shop")
            .login_path("/in")
            .callback_path("/back")
            .logout_path("/out")
            .profile_path("/who")
            .cookie_path("/shop")
    })
    .await;
    world.provider.allow_redirect_uri(format!("{ORIGIN}/shop/back"));
    let login = world.get("/shop/in?returnTo=/shop/orders").await;
    assert_eq!(
        parameter(login.location(), "redirect_uri").as_deref(),
        Some("http://localhost:3000/shop/back")
    );
    let back = world.provider.sign_in(login.location(), "ada@example.com").unwrap();
    assert_eq!(world.get(&back).await.location(), "http://localhost:3000/shop/orders");
    assert!(world.get("/shop/who").await.body.contains("ada@example.com"));

    let answer = world.get("/shop/out").await;
    assert!(
        answer.body.contains("action=\"/shop/out\"") && answer.body.contains("href=\"/shop\""),
        "{}",
        answer.body
    );
    let answer = world.sign_out("/shop/out").await;
    let place = parameter(answer.location(), "post_logout_redirect_uri");
    assert_eq!(place.as_deref(), Some("http://localhost:3000/shop"));
    for gone in ["/auth/login", "/shop/auth/login", "/auth/callback", "/auth/logout", "/in"] {
        assert_eq!(world.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
}

#[tokio::test]
async fn rdr_12_the_endpoints_under_their_other_names_are_no_place_to_return_to() {
    let mut world = configured(|builder| builder.logout_path("/leave")).await;
    for (place, expected) in [("/leave", "/"), ("/x/../leave", "/"), ("/auth/logout", "/auth/logout")] {
        let back = world.begin(&format!("/auth/login?returnTo={place}"), "ada@example.com").await;
        assert_eq!(world.get(&back).await.location(), format!("{ORIGIN}{expected}"), "{place}");
    }
}

#[test]
fn the_list_of_routes_tells_the_truth() {
    let auth = Auth::builder()
        .secret("c4e19b7250fd83a6e8b1d70f42956acb")
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("secret")
        .base_url("https://app.example.com")
        .base_path("/shop")
        .login_path("/in")
        .build()
        .unwrap();
    let router: routing::Router = routing::Router::new().auth_routes(&auth);
    let lines: Vec<_> = router.routes().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "GET  /shop/in  public",
            "GET  /shop/auth/callback  public",
            "GET,POST  /shop/auth/logout  public",
            "GET  /shop/auth/profile  public",
        ]
    );
}
