//! How a sign-in begins, and who can have a say in it.

use auth_tests::{Browser, NAVIGATION, Noting, parameter};
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{Method, StatusCode};

use crate::world::{configured, world};

#[tokio::test]
async fn a_sign_in_that_cannot_be_meant_is_not_begun() {
    let mut world = world().await;
    for query in ["max_age=5m", "max_age=-1", "max_age=", "max_age=99999999999999999999", "acr_values=%0D%0A"]
    {
        let answer = world.get(&format!("/auth/login?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(world.browser.names(), [""; 0], "{query}");
    }
}

#[tokio::test]
async fn s_bcp_1_every_sign_in_has_a_challenge_a_state_and_a_nonce_of_its_own() {
    let mut world = world().await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        let answer = world.get("/auth/login").await;
        assert_eq!(parameter(answer.location(), "code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(parameter(answer.location(), "response_type").as_deref(), Some("code"));
        for name in ["code_challenge", "state", "nonce"] {
            let value = parameter(answer.location(), name).unwrap();
            assert_eq!(value.len(), 43, "{name}");
            assert!(seen.insert(value), "{name} came twice");
        }
    }
}

#[tokio::test]
async fn s_bcp_4_and_s_bcp_14_a_visitor_cannot_choose_what_is_asked_of_the_provider() {
    let mut world = world().await;
    let answer = world
        .get(
            "/auth/login?request=x&client_id=x&redirect_uri=x&state=x&nonce=x&scope=x&audience=x&prompt=none",
        )
        .await;
    assert_eq!(
        parameter(answer.location(), "redirect_uri").as_deref(),
        Some("http://localhost:3000/auth/callback")
    );
    assert_eq!(parameter(answer.location(), "scope").as_deref(), Some("openid profile email offline_access"));
    for name in ["request", "audience", "prompt"] {
        assert_eq!(parameter(answer.location(), name), None, "{name}");
    }
    let location = url::Url::parse(answer.location()).unwrap();
    assert!(location.query_pairs().all(|(_, value)| value != "x"), "{location}");
}

#[tokio::test]
async fn rdr_17_what_a_visitor_may_say_is_passed_on_and_nothing_else() {
    let mut world = world().await;
    let query = "login_hint=ada%40example.com&screen_hint=signup&ui_locales=de&connection=corp&organization=org_1\
                 &invitation=i&acr_values=phr&max_age=60&dpop_jkt=x&response_mode=fragment&request_uri=x&foo=x";
    let answer = world.get(&format!("/auth/login?{query}")).await;
    for (name, expected) in [
        ("login_hint", "ada@example.com"),
        ("screen_hint", "signup"),
        ("ui_locales", "de"),
        ("connection", "corp"),
        ("organization", "org_1"),
        ("invitation", "i"),
        ("acr_values", "phr"),
        ("max_age", "60"),
    ] {
        assert_eq!(parameter(answer.location(), name).as_deref(), Some(expected), "{name}");
    }
    for name in ["dpop_jkt", "response_mode", "request_uri", "foo", "returnTo"] {
        assert_eq!(parameter(answer.location(), name), None, "{name}");
    }
}

#[tokio::test]
async fn inj_06_what_a_visitor_says_stays_in_its_parameter() {
    let mut world = world().await;
    let answer = world.get("/auth/login?login_hint=a%26state%3Devil%23b%20%C3%A4").await;
    assert_eq!(parameter(answer.location(), "login_hint").as_deref(), Some("a&state=evil#b \u{e4}"));
    assert_ne!(parameter(answer.location(), "state").as_deref(), Some("evil"));
    assert_eq!(url::Url::parse(answer.location()).unwrap().fragment(), None);
}

#[tokio::test]
async fn configured_parameters_are_part_of_every_request() {
    let mut world = configured(|builder| {
        builder.authorization_parameter("prompt", "consent").authorization_parameter("connection", "default")
    })
    .await;
    let answer = world.get("/auth/login?prompt=none&connection=mine").await;
    assert_eq!(parameter(answer.location(), "prompt").as_deref(), Some("consent"));
    let connections = url::Url::parse(answer.location()).unwrap();
    let connections: Vec<_> = connections.query_pairs().filter(|(name, _)| name == "connection").collect();
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].1, "mine");
}

#[tokio::test]
async fn a_prefetch_never_begins_a_sign_in() {
    let mut world = world().await;
    for header in [
        ("purpose", "prefetch"),
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("next-router-prefetch", "1"),
        ("x-middleware-prefetch", "1"),
    ] {
        let headers = [header, NAVIGATION[0], NAVIGATION[1]];
        let answer = world.send_with(Method::GET, "/auth/login", &headers).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{header:?}");
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        assert!(!answer.headers.contains_key(SET_COOKIE) && !answer.headers.contains_key(LOCATION));
    }
    let answer = world.send_with(Method::GET, "/auth/login", &[("next-router-prefetch", "0")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn rdr_16_and_tok_18_a_spoofed_host_has_no_effect() {
    let mut world = world().await;
    let spoofed = [
        ("host", "evil.com"),
        ("x-forwarded-host", "evil.com"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.com;proto=https"),
    ];
    let answer = world.send_with(Method::GET, "/auth/login?returnTo=/a", &spoofed).await;
    assert!(!answer.location().contains("evil"), "{}", answer.location());
    let back = world.provider.sign_in(answer.location(), "ada@example.com").unwrap();
    let answer = world.send_with(Method::GET, &back, &spoofed).await;
    assert_eq!(answer.location(), "http://localhost:3000/a");
    let signed_out = [&spoofed[..], &[("sec-fetch-site", "same-origin")]].concat();
    let answer = world.send_with(Method::POST, "/auth/logout", &signed_out).await;
    assert!(!answer.location().contains("evil"), "{}", answer.location());
}

#[test]
fn dos_02_of_ten_thousand_sign_ins_that_nobody_finishes_nothing_is_kept() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = Noting::default();
    let shared = store.clone();
    let world =
        runtime.block_on(configured(|builder| builder.session_store(shared.clone()).refresh_lease(shared)));
    let begin = async |visitor: usize| {
        // Each is another browser that wants to go somewhere else.
        let path = format!("/auth/login?returnTo=/{visitor}&login_hint=visitor-{visitor}");
        let answer = Browser::without_fetch_metadata().peek(&world, &path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    };
    // What is made once, such as the provider's metadata, is made now.
    runtime.block_on(begin(0));
    let counted = allocation_counter::measure(|| {
        runtime.block_on(async {
            for visitor in 1..=10_000 {
                begin(visitor).await;
            }
        });
    });
    assert!(counted.count_total > 100_000, "{counted:?}");
    // Not even a byte for each.
    assert!(counted.bytes_current < 10_000 && counted.count_current < 100, "{counted:?}");
    assert!(store.noted().everything.is_empty(), "no store is asked before somebody is signed in");
}

#[tokio::test]
async fn dos_02_a_visitor_who_never_comes_back_leaves_nothing_behind() {
    let mut world = world().await;
    let login = world.get("/auth/login").await;
    // All there is of a sign-in is in the browser: another instance of the application can finish it.
    world.reconfigure(|builder| builder);
    let back = world.provider.sign_in(login.location(), "ada@example.com").unwrap();
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
}
