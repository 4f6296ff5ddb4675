//! What the provider's answer, or what claims to be one, brings about.

use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Endpoint, Fault, SampleUser};
use auth_tests::parameter;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{Method, StatusCode};

use crate::world::{with_provider, world};

#[tokio::test]
async fn s_step_2_a_fresh_sign_in_meets_the_challenge_that_asked_for_it() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let login = "/auth/login?returnTo=/transfer&max_age=300&acr_values=phr%20phrh";
    let answer = world.get(login).await;
    assert_eq!(parameter(answer.location(), "max_age").as_deref(), Some("300"));
    assert_eq!(parameter(answer.location(), "acr_values").as_deref(), Some("phr phrh"));
    let callback = world.provider.sign_in(answer.location(), "ada@example.com").unwrap();
    assert_eq!(world.get(&callback).await.location(), "http://localhost:3000/transfer");
    assert_eq!(world.get("/transfer").await.body, "transferred");
}

#[tokio::test]
async fn cb_01_a_callback_that_answers_nothing_is_refused() {
    let mut world = world().await;
    let endless = format!("/auth/callback?code=c&state={}", "a".repeat(60_000));
    for path in [
        "/auth/callback",
        "/auth/callback?state=",
        "/auth/callback?state=unknown&code=c",
        "/auth/callback?code=c",
        &endless,
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path:.60}");
        assert!(!answer.headers.contains_key(SET_COOKIE));
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    }
}

#[tokio::test]
async fn cb_03_and_cb_04_an_error_of_the_provider_is_told_in_our_words() {
    for (more, expected) in [
        ("error=access_denied&error_description=%3Cscript%3E", "authorization_error"),
        ("error=%3Cscript%3E", "authorization_error"),
        ("error=access_denied&code=c", "invalid_callback"),
        ("code=c&code=d", "invalid_callback"),
        ("", "invalid_callback"),
    ] {
        let mut world = world().await;
        let login = world.get("/auth/login").await;
        let state = parameter(login.location(), "state").unwrap();
        let iss = world.provider.issuer().to_owned();
        let answer = world.get(&format!("/auth/callback?state={state}&iss={iss}&{more}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}");
        assert!(answer.body.contains(expected), "{more}: {}", answer.body);
        assert!(!answer.body.contains("<script"), "{}", answer.body);
        assert!(!world.browser.cookies.contains_key("__session"));
    }
}

#[tokio::test]
async fn s_iss_1_and_s_bcp_5_an_answer_in_another_issuers_name_is_refused() {
    for iss in ["https://evil.com", "http://localhost", ""] {
        let mut world = world().await;
        let back = world.begin("/auth/login", "ada@example.com").await;
        let (before, _) = back.split_once("&iss=").unwrap_or((&back, ""));
        let answer = world.get(&format!("{before}&iss={iss}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{iss}");
        assert!(answer.body.contains("issuer_mismatch"), "{}", answer.body);
        assert!(!world.browser.cookies.contains_key("__session"), "{iss}");
    }
}

#[tokio::test]
async fn cb_05_a_callback_works_once() {
    let mut world = world().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_with_a_wrong_verifier_begins_no_session() {
    let mut world = world().await;
    let first = world.begin("/auth/login", "ada@example.com").await;
    let second = world.begin("/auth/login", "ada@example.com").await;
    // The first code under the second state: the verifier does not fit.
    let (code, state) = (parameter(&first, "code").unwrap(), parameter(&second, "state").unwrap());
    let iss = world.provider.issuer().to_owned();
    let answer = world.get(&format!("/auth/callback?code={code}&state={state}&iss={iss}")).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(!world.browser.cookies.contains_key("__session"));
}

#[tokio::test]
async fn ses_01_and_cb_10_another_user_replaces_the_session_and_takes_nothing_over() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.browser.plant("__session__0", "stray");
    world.browser.plant("__FC_0", "stray");
    world.sign_in("grace@example.com").await;
    assert_eq!(world.get("/me").await.body, "grace@example.com");
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn cch_02_and_cb_07_nothing_but_its_own_method_reaches_an_endpoint() {
    let mut world = world().await;
    for (method, path) in [
        (Method::POST, "/auth/callback?state=x"),
        (Method::HEAD, "/auth/callback?state=x"),
        (Method::HEAD, "/auth/login"),
        (Method::POST, "/auth/login"),
        (Method::HEAD, "/auth/logout"),
        (Method::PUT, "/auth/logout"),
        (Method::DELETE, "/auth/logout"),
        (Method::OPTIONS, "/auth/login"),
        (Method::TRACE, "/auth/callback"),
        (Method::HEAD, "/auth/profile"),
        (Method::POST, "/auth/profile"),
        (Method::from_bytes(b"PURGE").unwrap(), "/auth/login"),
    ] {
        let answer = world.send(method.clone(), path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{method} {path}");
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{method} {path}");
        assert!(
            !answer.header("allow").contains("HEAD") && answer.header("allow").contains('T'),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_session_that_the_provider_ends_at_once_never_begins() {
    let now = TestClock::now().unix_seconds();
    for (ends_in, begins) in [(10, false), (3_600, true)] {
        let ada = SampleUser::new("Ada Lovelace", "ada@example.com").claim("session_expiry", now + ends_in);
        let mut world = with_provider(|provider| provider.user(ada.clone()), |auth| auth).await;
        let answer = world.sign_in("ada@example.com").await;
        assert_eq!(world.browser.cookies.contains_key("__session"), begins, "{ends_in}: {}", answer.body);
        assert_eq!(answer.body.contains("session_expired"), !begins, "{ends_in}: {}", answer.body);
    }
}

#[tokio::test]
async fn s_iss_1_and_s_iss_2_the_issuer_is_judged_before_the_code_is_spent() {
    let mut world = world().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    let (before, iss) = back.split_once("&iss=").unwrap();
    let cookies = world.browser.cookies.clone();
    for wrong in
        ["&iss=https%3A%2F%2Fevil.com", "&iss=", &format!("&iss={iss}%2F"), &format!("&iss={iss}&iss={iss}")]
    {
        world.browser.cookies.clone_from(&cookies);
        assert_eq!(world.get(&format!("{before}{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(world.provider.requests(Endpoint::Token), 0);
    world.browser.cookies = cookies;
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn s_bcp_6_tokens_in_the_answer_are_not_looked_at() {
    let mut world = world().await;
    let login = world.get("/auth/login").await;
    let state = parameter(login.location(), "state").unwrap();
    let iss = world.provider.issuer().to_owned();
    let query = format!("state={state}&iss={iss}&access_token=a&id_token=b&token_type=Bearer");
    let answer = world.get(&format!("/auth/callback?{query}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!world.browser.cookies.contains_key("__session"));
}

#[tokio::test]
async fn cb_04_an_endless_description_is_not_repeated() {
    let mut world = world().await;
    let login = world.get("/auth/login").await;
    let state = parameter(login.location(), "state").unwrap();
    let iss = world.provider.issuer().to_owned();
    let markup = "%3Cimg%20src%3Dx%3E%0D%0ASet-Cookie%3A%20a%3Db".repeat(1_000);
    let query = format!(
        "state={state}&iss={iss}&error=access_denied&error_description={markup}&error_uri=javascript:1"
    );
    let answer = world.visit(&format!("/auth/callback?{query}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.len() < 6_000 && !answer.body.contains("img") && !answer.body.contains("javascript"));
    assert!(answer.body.contains("refused or cancelled"), "{}", answer.body);
    assert!(world.browser.names().is_empty(), "the transaction is over");
}

#[tokio::test]
async fn cb_05_whoever_goes_back_in_the_history_is_told_that_all_is_well() {
    let mut world = world().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    world.get(&back).await;
    let answer = world.visit(&back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("<h1>You are signed in</h1>"), "{}", answer.body);
    assert_eq!(world.provider.requests(Endpoint::Token), 1);
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn tok_04_a_provider_that_is_overloaded_says_for_how_long() {
    let mut world = world().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    let overloaded = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")]);
    world.provider.fault(Endpoint::Token, Fault::answer(overloaded));
    let answer = world.get(&back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "7");
    assert!(!world.browser.cookies.contains_key("__session"));
}
