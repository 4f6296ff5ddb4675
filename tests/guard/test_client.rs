//! The client that applications test their handlers with: it behaves as a browser does.

use auth_runtime::testing::{TestClient, TestClock};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::body::Body;
use axum::extract::Json;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Router, http::Method};
use serde_json::{Value, json};

use super::{NOW, SECRET, ada};

const DAY: u64 = 86_400;

#[with_api_auth_required]
async fn seen(session: Session) -> String {
    format!("{:?}", session.get::<u8>("visits").ok().flatten())
}

#[with_api_auth_required]
async fn visit(session: Session, Json(number): Json<Value>) -> StatusCode {
    session.set("visits", &number).map_or(StatusCode::CONFLICT, |()| StatusCode::OK)
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::CONFLICT, |()| StatusCode::OK)
}

async fn echo(method: Method, headers: HeaderMap, body: String) -> String {
    let values = ["cookie", "content-type", "sec-fetch-site"].map(|name| {
        let values: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        format!("{name}: {}", values.join(" and "))
    });
    format!("{method} {body}\n{}", values.join("\n"))
}

fn service(clock: &TestClock) -> (Auth, Router) {
    let auth = Auth::builder()
        .test_clock(clock)
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
        .build()
        .unwrap();
    let app = Router::new()
        .route("/visits", get(seen).post(visit))
        .route("/leave", post(leave))
        .route("/echo", get(echo).post(echo))
        .with_state(auth.clone());
    (auth, app)
}

#[tokio::test]
async fn a_session_that_the_application_changes_rolls_or_ends_is_the_next_requests() {
    let clock = TestClock::at(NOW);
    let (auth, app) = service(&clock);
    let ada = TestClient::new(app.clone()).signed_in(&auth, &ada()).unwrap();
    assert_eq!(ada.get("/visits").await.text(), "None");
    assert_eq!(ada.post_json("/visits", &3).await.status(), StatusCode::OK);
    assert_eq!(ada.get("/visits").await.text(), "Some(3)");

    // Each of these requests is within the inactivity limit of the one before, and only of that.
    for _ in 0..2 {
        clock.advance(DAY - 60);
        assert_eq!(ada.get("/visits").await.text(), "Some(3)");
    }

    assert_eq!(ada.post_json("/leave", &()).await.status(), StatusCode::OK);
    assert_eq!(ada.get("/visits").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(format!("{ada:?}"), "TestClient { cookies: {}, .. }");
}

#[tokio::test]
async fn a_client_is_signed_out_until_it_is_signed_in_and_then_as_that_user_alone() {
    let (auth, app) = service(&TestClock::at(NOW));
    let client = TestClient::new(app);
    let answer = client.get("/visits").await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "private, no-store");
    assert_eq!(answer.json::<Value>().unwrap()["error"], "not_authenticated");

    // A long session has several cookies. None of them is left beside the short one.
    let mut long = ada();
    long["user"]["about"] = json!("x".repeat(8_000));
    let client = client.signed_in(&auth, &long).unwrap();
    assert_eq!(client.get("/visits").await.status(), StatusCode::OK);
    let client = client.signed_in(&auth, &ada()).unwrap();
    assert_eq!(client.get("/visits").await.status(), StatusCode::OK);
    assert_eq!(format!("{client:?}"), r#"TestClient { cookies: {"__session"}, .. }"#);
    assert!(client.signed_in(&auth, &json!({})).is_err());
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_with_the_cookies_and_the_site() {
    let (_, app) = service(&TestClock::at(NOW));
    let client = TestClient::new(app);
    let answer = client.get("/echo?a=1").await;
    assert_eq!(answer.text(), "GET \ncookie: \ncontent-type: \nsec-fetch-site: same-origin");
    let answer = client.post_json("/echo", &json!({ "a": 1 })).await;
    let posted = "POST {\"a\":1}\ncookie: \ncontent-type: application/json\nsec-fetch-site: same-origin";
    assert_eq!(answer.text(), posted);

    let own = Request::get("/echo").header("sec-fetch-site", "cross-site").header("cookie", "a=1");
    let answer = client.send(own.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.text(), "GET \ncookie: a=1\ncontent-type: \nsec-fetch-site: cross-site");
}

#[tokio::test]
#[should_panic(expected = r#""visits" is no path of a request: write one such as "/api/me?tab=1""#)]
async fn a_text_that_is_no_path_fails_the_test() {
    TestClient::new(Router::new()).get("visits").await;
}

/// A failing test prints the answer: its headers would show the session.
#[tokio::test]
async fn debug_shows_no_session() {
    let (auth, app) = service(&TestClock::at(NOW));
    let client = TestClient::new(app).signed_in(&auth, &ada()).unwrap();
    let answer = client.post_json("/visits", &1).await;
    assert!(answer.headers().contains_key(header::SET_COOKIE));
    assert_eq!(format!("{answer:?}"), r#"TestResponse { status: 200, text: "", .. }"#);
    assert_eq!(format!("{client:?}"), r#"TestClient { cookies: {"__session"}, .. }"#);
}
