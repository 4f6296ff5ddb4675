//! What a person sees when something goes wrong, and what a script gets.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{Method, StatusCode};

use crate::world::world;

#[tokio::test]
async fn a_navigation_gets_a_page_and_a_script_gets_json() {
    let mut world = world().await;
    let path = "/auth/callback?state=unknown&code=c";
    let accepting = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for answer in [world.visit(path).await, world.send_with(Method::GET, path, &accepting).await] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers[CONTENT_TYPE], "text/html; charset=utf-8");
        for part in [
            "<!doctype html>",
            "<html lang=\"en\">",
            "<title>Please sign in again</title>",
            "<main>",
            "<h1>Please sign in again</h1>",
            "<a class=\"button\" href=\"/auth/login?returnTo=%2F\">Sign in again</a>",
        ] {
            assert!(answer.body.contains(part), "{part}: {}", answer.body);
        }
        assert_eq!(answer.body.matches("<a ").count(), 1);
    }
    let fetch = [("sec-fetch-mode", "cors"), ("accept", "text/html")];
    for answer in [world.get(path).await, world.send_with(Method::GET, path, &fetch).await] {
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
        assert!(
            answer.body.starts_with("{\"error\":\"invalid_state\",\"description\":\""),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn cch_02_and_csr_11_a_page_is_not_stored_framed_or_told_about() {
    let mut world = world().await;
    for path in ["/auth/callback", "/auth/login?max_age=x", "/auth/logout"] {
        let answer = world.visit(path).await;
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{path}");
        assert_eq!(answer.headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'sha256-",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action ",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        let expected = if path == "/auth/logout" { "same-origin" } else { "no-referrer" };
        assert_eq!(answer.headers[REFERRER_POLICY], expected, "{path}");
    }
}

#[tokio::test]
async fn whoever_cancelled_can_sign_in_to_the_same_place_again() {
    let mut world = world().await;
    let login = world.get("/auth/login?returnTo=/orders?page=%22%3E2").await;
    let state = auth_tests::parameter(login.location(), "state").unwrap();
    let iss = world.provider.issuer().to_owned();
    let answer = world.visit(&format!("/auth/callback?state={state}&iss={iss}&error=access_denied")).await;
    let link = "href=\"/auth/login?returnTo=%2Forders%3Fpage%3D%2522%253E2\">Sign in again</a>";
    assert!(answer.body.contains(link), "{}", answer.body);
}

#[tokio::test]
async fn without_the_provider_nobody_is_sent_anywhere() {
    let mut world = world().await;
    world.reconfigure(|builder| builder.domain("http://localhost:9"));
    let answer = world.visit("/auth/login?returnTo=/a").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("<h1>The sign-in failed</h1>"), "{}", answer.body);
    assert!(answer.body.contains("href=\"/auth/login?returnTo=%2Fa\">Sign in again</a>"), "{}", answer.body);
    assert_eq!(world.browser.names(), [""; 0]);
}
