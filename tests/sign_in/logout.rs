//! Signing out: on whose wish, how far, and where it ends.

use auth_runtime::LogoutStrategy;
use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::{NAVIGATION, ORIGIN, encoded, parameter};
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{Method, StatusCode};

use crate::world::{configured, world};

#[tokio::test]
async fn a_user_signs_in_is_known_and_signs_out() {
    let mut world = world().await;
    let back = world.begin("/auth/login?returnTo=/orders?page=2", "ada@example.com").await;
    let answer = world.get(&back).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "http://localhost:3000/orders?page=2")
    );
    assert_eq!(answer.headers[REFERRER_POLICY], "no-referrer");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(world.browser.names(), ["__session"]);
    assert_eq!(world.get("/me").await.body, "ada@example.com");

    let answer = world.sign_out("/auth/logout").await;
    assert!(answer.location().starts_with(world.provider.issuer()), "{}", answer.location());
    assert_eq!(
        parameter(answer.location(), "post_logout_redirect_uri").as_deref(),
        Some("http://localhost:3000/")
    );
    assert_eq!(world.browser.names(), [""; 0]);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_07_signing_out_works_without_the_provider() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.reconfigure(|builder| builder.domain("http://localhost:9"));
    let answer = world.sign_out("/auth/logout").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.browser.names(), [""; 0]);
}

#[tokio::test]
async fn csr_08_a_link_of_another_site_asks_first() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    for site in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "same-site")]] {
        let answer = world.send_with(Method::GET, "/auth/logout?returnTo=/bye", site).await;
        assert_eq!(answer.status, StatusCode::OK, "{site:?}");
        assert!(
            !answer.headers.contains_key(SET_COOKIE) && !answer.headers.contains_key(LOCATION),
            "{site:?}"
        );
        let form =
            "<form method=\"post\" action=\"/auth/logout?returnTo=http%3A%2F%2Flocalhost%3A3000%2Fbye\">";
        assert!(answer.body.contains(form), "{}", answer.body);
        let policy = answer.header("content-security-policy");
        let provider = world.provider.issuer();
        assert!(policy.contains(&format!("form-action 'self' {provider};")), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        // Else browsers would send the form with `Origin: null`.
        assert_eq!(answer.headers[REFERRER_POLICY], "same-origin");
    }
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn csr_11_the_question_permits_the_way_out_and_nothing_else() {
    let mut world = configured(|builder| builder.post_logout_return_to("https://www.example.com/bye")).await;
    let provider = world.provider.issuer().to_owned();
    for (path, expected) in [
        ("/auth/logout", format!("form-action 'self' {provider} https://www.example.com;")),
        ("/auth/logout?federated", format!("form-action 'self' {provider} https: https://www.example.com;")),
    ] {
        let answer = world.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains(&expected), "{policy}");
    }
    let answer = world.get("/auth/logout?federated&state=a%22%3E&returnTo=//evil.com").await;
    assert!(answer.body.contains("action=\"/auth/logout?state=a%22%3E&amp;federated=\""), "{}", answer.body);
}

#[tokio::test]
async fn csr_08_a_step_within_the_application_needs_no_question() {
    for site in ["same-origin", "none"] {
        let mut world = world().await;
        world.sign_in("ada@example.com").await;
        let answer = world.send_with(Method::GET, "/auth/logout", &[("sec-fetch-site", site)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{site}");
        assert_eq!(world.browser.names(), [""; 0], "{site}");
    }
}

#[tokio::test]
async fn csr_08_a_prefetch_signs_nobody_out() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    for purpose in ["prefetch", "prefetch;prerender"] {
        let headers = [("sec-fetch-site", "same-origin"), ("sec-purpose", purpose)];
        let answer = world.send_with(Method::GET, "/auth/logout", &headers).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    }
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn csr_01_csr_03_and_csr_05_only_a_page_of_this_origin_posts() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    for headers in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.com")],
        &[("origin", "null")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.com")],
        &[("host", "evil.com"), ("origin", "http://evil.com")],
    ] {
        let answer = world.send_with(Method::POST, "/auth/logout", headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(answer.body.contains("cross_site_request"), "{}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE), "{headers:?}");
    }
    let form =
        [&NAVIGATION[..], &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.com")]].concat();
    let answer = world.send_with(Method::POST, "/auth/logout", &form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("<form method=\"post\" action=\"/auth/logout\">"), "{}", answer.body);
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn rdr_14_a_sign_out_ends_where_the_configuration_permits() {
    let mut world = configured(|builder| builder.post_logout_return_to("https://www.example.com/bye")).await;
    for (asked, expected) in [
        ("/bye?a=b", "http://localhost:3000/bye?a=b"),
        ("http://localhost:3000/bye", "http://localhost:3000/bye"),
        ("https://www.example.com/bye", "https://www.example.com/bye"),
        ("", "http://localhost:3000/"),
        ("https://evil.com", "http://localhost:3000/"),
        ("https://www.example.com/", "http://localhost:3000/"),
        ("https://www.example.com/bye/..", "http://localhost:3000/"),
        ("https://www.example.com/bye?x", "http://localhost:3000/"),
        ("https://u@www.example.com/bye", "http://localhost:3000/"),
        ("http://www.example.com/bye", "http://localhost:3000/"),
        ("//evil.com", "http://localhost:3000/"),
        ("javascript:alert(1)", "http://localhost:3000/"),
        ("/auth/login", "http://localhost:3000/"),
    ] {
        let answer = world.sign_out(&format!("/auth/logout?returnTo={}", encoded(asked))).await;
        let found = parameter(answer.location(), "post_logout_redirect_uri");
        assert_eq!(found.as_deref(), Some(expected), "{asked}");
    }
}

#[tokio::test]
async fn inj_06_what_is_passed_on_stays_in_its_parameter() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    let answer = world.sign_out("/auth/logout?state=a%26client_id%3Devil%23b&federated").await;
    assert_eq!(parameter(answer.location(), "state").as_deref(), Some("a&client_id=evil#b"));
    assert_eq!(parameter(answer.location(), "client_id").as_deref(), Some(world.provider.client_id()));
    assert_eq!(parameter(answer.location(), "federated").as_deref(), Some(""));
    assert!(
        parameter(answer.location(), "id_token_hint").is_some_and(|token| token.matches('.').count() == 2)
    );
    assert!(parameter(answer.location(), "logout_hint").is_some());
}

#[tokio::test]
async fn prv_04_the_id_token_need_not_travel_in_a_url() {
    let mut world = configured(|builder| builder.id_token_hint(false)).await;
    world.sign_in("ada@example.com").await;
    let answer = world.sign_out("/auth/logout").await;
    assert_eq!(parameter(answer.location(), "id_token_hint"), None);
    assert!(parameter(answer.location(), "logout_hint").is_some());
    assert_eq!(answer.headers[REFERRER_POLICY], "no-referrer");
}

#[tokio::test]
async fn each_strategy_has_its_own_address() {
    let mut world = world().await;
    let issuer = world.provider.issuer().to_owned();
    for (strategy, expected) in [
        (LogoutStrategy::Auto, format!("{issuer}/oidc/logout?")),
        (LogoutStrategy::Oidc, format!("{issuer}/oidc/logout?")),
        (LogoutStrategy::V2, format!("{issuer}/v2/logout?returnTo=http%3A%2F%2Flocalhost%3A3000%2F&")),
        (LogoutStrategy::Local, format!("{ORIGIN}/")),
    ] {
        world.reconfigure(|builder| builder.logout_strategy(strategy));
        world.sign_in("ada@example.com").await;
        let answer = world.sign_out("/auth/logout").await;
        assert!(answer.location().starts_with(&expected), "{strategy:?}: {}", answer.location());
        assert_eq!(world.browser.names(), [""; 0], "{strategy:?}");
    }
}

#[tokio::test]
async fn ses_07_without_the_provider_a_page_says_how_far_it_went() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.reconfigure(|builder| builder.domain("http://localhost:9"));
    let form = [&NAVIGATION[..], &[("sec-fetch-site", "same-origin")]].concat();
    let answer = world.send_with(Method::POST, "/auth/logout", &form).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("<h1>You are signed out here</h1>"), "{}", answer.body);
    assert!(answer.body.contains("href=\"/\">Back to the application</a>"), "{}", answer.body);
    assert_eq!(world.browser.names(), [""; 0]);
    // The question is asked all the same.
    let answer = world.get("/auth/logout").await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn ses_09_and_s_ck_4_every_cookie_of_ours_is_removed_as_it_was_set() {
    let mut world =
        configured(|builder| builder.cookie_domain("localhost").cookie_path("/auth").cookie_secure(true))
            .await;
    world.sign_in("ada@example.com").await;
    for name in
        ["__session__0", "__session__1", "__FC_0", "appSession", "appSession.0", "__txn_abc", "__txn_"]
    {
        world.browser.plant(name, "stray");
    }
    world.browser.plant("theirs", "1");
    let answer = world.sign_out("/auth/logout").await;
    assert_eq!(world.browser.names(), ["theirs"]);
    for line in answer.headers.get_all(SET_COOKIE) {
        let line = line.to_str().unwrap();
        let path = if line.starts_with("__txn_") { "/" } else { "/auth" };
        let expected = format!("=; Path={path}; Max-Age=0; Domain=localhost; Secure; HttpOnly; SameSite=lax");
        assert!(line.ends_with(&expected), "{line}");
    }
}

#[tokio::test]
async fn s_7009_1_the_refresh_token_is_taken_back() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.sign_out("/auth/logout").await;
    assert_eq!(world.provider.requests(Endpoint::Revocation), 1);
    // Without a session there is nothing to take back.
    world.sign_out("/auth/logout").await;
    assert_eq!(world.provider.requests(Endpoint::Revocation), 1);
}

#[tokio::test]
async fn ses_07_a_revocation_that_hangs_keeps_nobody_waiting() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.provider.fault(Endpoint::Revocation, Fault::silence());
    // From here on time passes only when everybody waits.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let answer = world.sign_out("/auth/logout").await;
    let expected = format!("{}/oidc/logout?", world.provider.issuer());
    assert!(answer.location().starts_with(&expected), "{}", answer.location());
    assert_eq!(begun.elapsed().as_secs(), 2);
    assert_eq!(world.browser.names(), [""; 0]);
}

#[tokio::test]
async fn ses_07_a_discovery_that_hangs_keeps_nobody_waiting() {
    let mut world = world().await;
    world.sign_in("ada@example.com").await;
    world.provider.fault(Endpoint::Metadata, Fault::silence());
    // An application that does not know the metadata yet.
    world.reconfigure(|builder| builder);
    tokio::time::pause();
    let answer = world.sign_out("/auth/logout").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("sign_out_unfinished"), "{}", answer.body);
    assert_eq!(world.browser.names(), [""; 0]);
}
