//! Requests that another site makes a signed-in browser send (cross-site request forgery).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::codec::Lifetime;
use auth_runtime::policy::{Protection, Requirement};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, AuthBuilder, RejectionKind, with_api_auth_required};
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::{any, post};
use axum::{Json, Router};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE, UPGRADE, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};

use super::log::Log;
use super::markers::{REACHED, app};
use super::{Answer, NOW, SECRET, ada, adas_cookie, send};

const BODY: &str = r#"{"error":"cross_site_request","description":"The request does not come from a page of this application"}"#;

const SITE: &str = "sec-fetch-site";
const BASE: &str = "https://app.example.com";
const SIBLING: &str = "https://shop.example.com";

marker!(SignedIn, Protection::SIGNED_IN);
marker!(Admin, Protection { requirements: &[Requirement::Roles(&["admin"])], ..Protection::SIGNED_IN });
marker!(Anybody, Protection { optional: true, ..Protection::SIGNED_IN });

/// A verifier that knows no origin.
fn bare() -> AuthBuilder {
    Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW))
}

/// One that knows its own.
fn based() -> AuthBuilder {
    bare().base_url(BASE)
}

fn build(builder: AuthBuilder) -> Auth {
    builder.build().unwrap()
}

/// A request of a browser in which Ada is signed in, with these headers.
fn of_ada(auth: &Auth, method: &Method, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri("/")
        .header(COOKIE, adas_cookie(auth))
        .header(HOST, "app.example.com");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn posted(auth: &Auth, headers: &[(&str, &str)]) -> Answer {
    send(&app::<SignedIn>(auth), of_ada(auth, &Method::POST, headers)).await
}

async fn refuses(auth: &Auth, headers: &[(&str, &str)]) {
    let answer = posted(auth, headers).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, BODY), "{headers:?}");
}

async fn lets_through(auth: &Auth, headers: &[(&str, &str)]) {
    let answer = posted(auth, headers).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, REACHED), "{headers:?}");
}

#[tokio::test]
async fn csr_01_and_s_bff_3_a_post_of_another_site_is_403() {
    for auth in [build(bare()), build(based()), owner(&TestClock::at(NOW))] {
        refuses(&auth, &[(SITE, "cross-site")]).await;
        refuses(&auth, &[(SITE, "cross-site"), (ORIGIN.as_str(), "https://evil.example")]).await;
        refuses(&auth, &[(SITE, "cross-site"), (ORIGIN.as_str(), "null")]).await;
        lets_through(&auth, &[(SITE, "same-origin")]).await;
        lets_through(&auth, &[(SITE, "same-origin"), (ORIGIN.as_str(), BASE)]).await;
    }
}

#[tokio::test]
async fn csr_01_the_403_is_a_refusal_like_every_other() {
    let auth = build(based());
    let answer = posted(&auth, &[(SITE, "cross-site")]).await;
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(answer.headers[VARY], "Cookie");
    assert!(!answer.headers.contains_key(SET_COOKIE) && !answer.headers.contains_key(WWW_AUTHENTICATE));

    let headers = [(SITE, "cross-site"), (ACCEPT.as_str(), "application/problem+json")];
    let problem = r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"The request does not come from a page of this application","error":"cross_site_request","description":"The request does not come from a page of this application"}"#;
    assert_eq!(posted(&auth, &headers).await.body, problem);

    let hooked = build(based().on_rejection(|rejection, _| {
        assert_eq!(rejection.kind(), RejectionKind::CrossSiteRequest);
        (rejection.status(), "own").into_response()
    }));
    assert_eq!(posted(&hooked, &[(SITE, "cross-site")]).await.body, "own");
}

#[tokio::test]
async fn csr_02_a_sibling_host_is_another_site_unless_it_is_trusted() {
    let auth = build(based());
    refuses(&auth, &[(SITE, "same-site")]).await;
    refuses(&auth, &[(SITE, "same-site"), (ORIGIN.as_str(), SIBLING)]).await;
    refuses(&auth, &[(SITE, "same-site"), (ORIGIN.as_str(), BASE)]).await;

    let trusting = build(based().trusted_origin(SIBLING).trusted_origin("https://partner.example"));
    for (site, origin) in [("same-site", SIBLING), ("cross-site", "https://partner.example")] {
        lets_through(&trusting, &[(SITE, site), (ORIGIN.as_str(), origin)]).await;
        lets_through(&trusting, &[(ORIGIN.as_str(), origin)]).await;
        refuses(&trusting, &[(SITE, site)]).await;
        refuses(&trusting, &[(SITE, site), (ORIGIN.as_str(), "https://blog.example.com")]).await;
    }
    lets_through(&trusting, &[(SITE, "same-origin"), (ORIGIN.as_str(), BASE)]).await;
}

#[tokio::test]
async fn csr_03_without_fetch_metadata_the_origin_decides_and_nothing_but_the_configured_one_passes() {
    let auth = build(based());
    lets_through(&auth, &[(ORIGIN.as_str(), BASE)]).await;
    for origin in [
        "https://evil.example",
        "null",
        "",
        "*",
        "https://APP.example.com",
        "HTTPS://app.example.com",
        "https://app.example.com/",
        "https://app.example.com:443",
        "https://app.example.com:8443",
        "https://app.example.com.",
        "http://app.example.com",
        "wss://app.example.com",
        "app.example.com",
        "//app.example.com",
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "https://app.example.com@evil.example",
        "https://example.com",
        "https://x.app.example.com",
        "https://app.example.com https://evil.example",
        "https://app.example.com, https://app.example.com",
        "https://app.example.co",
    ] {
        refuses(&auth, &[(ORIGIN.as_str(), origin)]).await;
        refuses(&auth, &[(SITE, "same-origin"), (ORIGIN.as_str(), origin)]).await;
    }
}

#[tokio::test]
async fn csr_03_an_international_name_is_compared_as_browsers_write_it() {
    let auth = build(bare().base_url("https://b\u{fc}cher.example"));
    lets_through(&auth, &[(ORIGIN.as_str(), "https://xn--bcher-kva.example")]).await;
    refuses(&auth, &[(ORIGIN.as_str(), "https://bucher.example")]).await;
    let mut request = of_ada(&auth, &Method::POST, &[]);
    let raw = HeaderValue::from_bytes("https://b\u{fc}cher.example".as_bytes()).unwrap();
    request.headers_mut().insert(ORIGIN, raw);
    assert_eq!(send(&app::<SignedIn>(&auth), request).await.status, StatusCode::FORBIDDEN);
}

/// `Host` and what proxies add are said by whoever sends the request.
#[tokio::test]
async fn csr_03_no_header_says_what_the_services_own_origin_is() {
    let auth = build(based());
    for name in ["host", "x-forwarded-host", "forwarded", "x-original-host"] {
        refuses(&auth, &[(ORIGIN.as_str(), "https://evil.example"), (name, "evil.example")]).await;
    }
    let mut request = of_ada(&auth, &Method::POST, &[(ORIGIN.as_str(), "https://evil.example")]);
    *request.uri_mut() = "https://evil.example/".parse().unwrap();
    assert_eq!(send(&app::<SignedIn>(&auth), request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn csr_03_a_request_that_says_nothing_is_403_unless_that_was_allowed() {
    for builder in [bare, based] {
        refuses(&build(builder()), &[]).await;
        let allowing = build(builder().danger_allow_requests_without_origin(true));
        lets_through(&allowing, &[]).await;
        refuses(&allowing, &[(SITE, "cross-site")]).await;
        refuses(&allowing, &[(ORIGIN.as_str(), "null")]).await;
        refuses(&build(builder().danger_allow_requests_without_origin(false)), &[]).await;
    }
}

#[tokio::test]
async fn csr_05_each_header_that_is_there_must_pass() {
    let auth = build(based());
    refuses(&auth, &[(SITE, "same-origin"), (ORIGIN.as_str(), "https://evil.example")]).await;
    refuses(&auth, &[(SITE, "cross-site"), (ORIGIN.as_str(), BASE)]).await;
    for site in
        ["none", "Same-Origin", "same-origin;a", "\"same-origin\"", "same-origin, same-origin", "", "x"]
    {
        refuses(&auth, &[(SITE, site)]).await;
        refuses(&auth, &[(SITE, site), (ORIGIN.as_str(), BASE)]).await;
        refuses(&build(based().trusted_origin(SIBLING)), &[(SITE, site), (ORIGIN.as_str(), SIBLING)]).await;
    }
    refuses(&auth, &[(SITE, "same-origin"), (SITE, "cross-site")]).await;
    refuses(&auth, &[(SITE, "same-origin"), (SITE, "same-origin")]).await;
    refuses(&auth, &[(ORIGIN.as_str(), BASE), (ORIGIN.as_str(), "https://evil.example")]).await;
    refuses(&auth, &[(ORIGIN.as_str(), BASE), (ORIGIN.as_str(), BASE)]).await;
}

/// A service that only verifies need not know where it is.
#[tokio::test]
async fn csr_05_a_service_without_an_origin_goes_by_sec_fetch_site_alone() {
    let auth = build(bare());
    for origin in [BASE, "http://localhost:3000", "null"] {
        lets_through(&auth, &[(SITE, "same-origin"), (ORIGIN.as_str(), origin)]).await;
        refuses(&auth, &[(SITE, "same-site"), (ORIGIN.as_str(), origin)]).await;
        refuses(&auth, &[(SITE, "cross-site"), (ORIGIN.as_str(), origin)]).await;
        refuses(&auth, &[(ORIGIN.as_str(), origin)]).await;
    }
}

#[with_api_auth_required]
async fn create(Json(post): Json<Value>) -> Json<Value> {
    Json(post)
}

#[tokio::test]
async fn csr_06_json_in_a_form_is_refused_by_its_site_and_by_its_type() {
    let auth = build(based());
    let app = Router::new().route("/", post(create)).with_state(auth.clone());
    let types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];
    for content_type in types {
        for (site, expected) in
            [("cross-site", StatusCode::FORBIDDEN), ("same-origin", StatusCode::UNSUPPORTED_MEDIA_TYPE)]
        {
            let mut request =
                of_ada(&auth, &Method::POST, &[(SITE, site), (CONTENT_TYPE.as_str(), content_type)]);
            *request.body_mut() = Body::from(r#"{"a":1}"#);
            assert_eq!(send(&app, request).await.status, expected, "{content_type} {site}");
        }
    }
}

#[tokio::test]
async fn csr_12_a_web_socket_of_another_site_is_403() {
    for auth in [build(bare()), build(based())] {
        let app = app::<SignedIn>(&auth);
        for upgrade in ["websocket", "WebSocket", "h2c, websocket"] {
            for headers in [
                &[(ORIGIN.as_str(), "https://evil.example")][..],
                &[(SITE, "cross-site"), (ORIGIN.as_str(), "https://evil.example")],
                &[(SITE, "same-site"), (ORIGIN.as_str(), SIBLING)],
                &[(ORIGIN.as_str(), "null")],
                &[],
            ] {
                let mut headers = headers.to_vec();
                headers.extend([(UPGRADE.as_str(), upgrade), ("connection", "Upgrade")]);
                let answer = send(&app, of_ada(&auth, &Method::GET, &headers)).await;
                assert_eq!(
                    (answer.status, answer.body.as_str()),
                    (StatusCode::FORBIDDEN, BODY),
                    "{headers:?}"
                );
                let own = [(SITE, "same-origin"), (ORIGIN.as_str(), BASE), (UPGRADE.as_str(), upgrade)];
                assert_eq!(send(&app, of_ada(&auth, &Method::GET, &own)).await.status, StatusCode::OK);
            }
        }
        // Over HTTP/2 (RFC 8441).
        let foreign = [(ORIGIN.as_str(), "https://evil.example")];
        let answer = send(&app, of_ada(&auth, &Method::CONNECT, &foreign)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        // Another protocol is none that a page could begin.
        let upgrade = [(SITE, "cross-site"), (UPGRADE.as_str(), "h2c")];
        assert_eq!(send(&app, of_ada(&auth, &Method::GET, &upgrade)).await.status, StatusCode::OK);
    }
    let alone = [(ORIGIN.as_str(), BASE), (UPGRADE.as_str(), "websocket")];
    let auth = build(based());
    assert_eq!(
        send(&app::<SignedIn>(&auth), of_ada(&auth, &Method::GET, &alone)).await.status,
        StatusCode::OK
    );
}

/// ASVS 5.0, 3.5.1 and 3.5.3.
#[tokio::test]
async fn asvs_3_5_1_and_3_5_3_only_the_safe_methods_need_no_proof() {
    let auth = build(based());
    let app = app::<SignedIn>(&auth);
    let foreign = [(SITE, "cross-site"), (ORIGIN.as_str(), "https://evil.example")];
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        assert_eq!(send(&app, of_ada(&auth, &method, &foreign)).await.status, StatusCode::OK, "{method}");
    }
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "QUERY", "BREW", "get", "Get", "GETS",
        "OPTION",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for headers in [&foreign[..], &[]] {
            let answer = send(&app, of_ada(&auth, &method, headers)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
        }
    }
}

#[tokio::test]
async fn csr_01_who_is_not_signed_in_gets_the_401_of_everybody() {
    let auth = build(based());
    let app = app::<SignedIn>(&auth);
    let ask = async |cookie: Option<&str>, site: &str| {
        let mut request = Request::post("/").header(SITE, site);
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        send(&app, request.body(Body::empty()).unwrap()).await
    };
    let reference = ask(None, "same-origin").await;
    assert_eq!(reference.status, StatusCode::UNAUTHORIZED);
    for cookie in [None, Some("__session=x"), Some("__session__0=x")] {
        let answer = ask(cookie, "cross-site").await;
        assert_eq!(
            (answer.status, &answer.body, &answer.headers),
            (reference.status, &reference.body, &reference.headers)
        );
    }
}

#[tokio::test]
async fn csr_01_behind_optional_a_session_is_not_used_for_another_site() {
    let auth = build(based());
    let app = app::<Anybody>(&auth);
    let foreign = [(SITE, "cross-site")];
    assert_eq!(send(&app, of_ada(&auth, &Method::POST, &foreign)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(send(&app, of_ada(&auth, &Method::GET, &foreign)).await.status, StatusCode::OK);
    for cookie in ["", "__session=x"] {
        let request = Request::post("/").header(SITE, "cross-site").header(COOKIE, cookie);
        assert_eq!(send(&app, request.body(Body::empty()).unwrap()).await.body, REACHED, "{cookie}");
    }
}

#[tokio::test]
async fn csr_01_the_site_is_judged_before_rights_and_before_the_body() {
    let auth = build(based());
    let answer = send(&app::<Admin>(&auth), of_ada(&auth, &Method::POST, &[(SITE, "cross-site")])).await;
    assert_eq!(answer.body, BODY);

    let read = Arc::new(AtomicUsize::new(0));
    let app = Router::new().route("/", post(create)).with_state(auth.clone());
    let mut request = of_ada(&auth, &Method::POST, &[(SITE, "cross-site")]);
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *request.body_mut() = Body::new(super::order::Counted { remaining: 1 << 30, read: Arc::clone(&read) });
    assert_eq!(send(&app, request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(read.load(Ordering::SeqCst), 0);
}

#[with_api_auth_required]
#[with_api_auth_required]
async fn twice() -> &'static str {
    REACHED
}

#[tokio::test]
async fn two_attributes_judge_the_site_alike() {
    let auth = build(based());
    let app = Router::new().route("/", any(twice)).with_state(auth.clone());
    for (site, expected) in [("same-origin", StatusCode::OK), ("cross-site", StatusCode::FORBIDDEN)] {
        let answer = send(&app, of_ada(&auth, &Method::DELETE, &[(SITE, site)])).await;
        assert_eq!(answer.status, expected, "{site}");
    }
}

fn owner(clock: &TestClock) -> Auth {
    build(
        Auth::builder()
            .test_clock(clock)
            .secret(SECRET)
            .domain("tenant.eu.auth0.com")
            .client_id("client")
            .client_secret("client secret")
            .base_url(BASE)
            .lifetime(Lifetime::default()),
    )
}

/// Another site must not keep a session alive.
#[tokio::test]
async fn csr_01_a_refused_request_extends_no_session() {
    let auth = owner(&TestClock::at(NOW));
    let mut session = ada();
    session["internal"] = json!({ "sid": "s", "createdAt": NOW });
    session["exp"] = json!(NOW + 60);
    let cookie = cookie_header(&auth, &session).unwrap();
    for (site, writes) in [("same-origin", true), ("cross-site", false)] {
        let request = Request::post("/").header(COOKIE, &cookie).header(SITE, site);
        let answer = send(&app::<SignedIn>(&auth), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.headers.contains_key(SET_COOKIE), writes, "{site}");
    }
}

#[tokio::test]
async fn the_protection_can_be_switched_off_and_says_so() {
    let (log, _listening) = Log::listen();
    let auth = build(based().danger_disable_csrf_protection());
    lets_through(&auth, &[(SITE, "cross-site"), (ORIGIN.as_str(), "https://evil.example")]).await;
    lets_through(&auth, &[]).await;
    build(based().danger_allow_requests_without_origin(true));
    let warnings = log.lines();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    for (line, name) in
        warnings.iter().zip(["danger_disable_csrf_protection", "danger_allow_requests_without_origin"])
    {
        assert!(line.starts_with("WARN") && line.contains(name), "{line}");
    }
}

#[tokio::test]
async fn dos_03_each_refusal_is_one_short_line_that_names_the_header() {
    // A second of its own for each request: the tests beside this one use up the lines of theirs.
    let clock = TestClock::at(NOW + 1_000);
    let auth = build(based().test_clock(&clock));
    for (headers, words) in [
        (&[(SITE, "cross-site")][..], &["reason=\"sec_fetch_site\"", "sec_fetch_site=\"cross-site\""][..]),
        (
            &[(ORIGIN.as_str(), "https://evil.example")],
            &[
                "reason=\"foreign_origin\"",
                "origin=\"https://evil.example\"",
                "APP_BASE_URL",
                "trusted_origin",
            ],
        ),
        (&[], &["reason=\"neither_header\""]),
    ] {
        let (log, _listening) = Log::listen();
        let mut lines = Vec::new();
        while lines.is_empty() {
            clock.advance(1);
            posted(&auth, headers).await;
            lines = log.lines();
        }
        assert!(matches!(&lines[..], [line] if line.starts_with("WARN auth_runtime::refusal")), "{lines:?}");
        assert!(words.iter().all(|word| lines[0].contains(word)), "{lines:?}");
        assert!(!lines[0].contains("session=") && !lines[0].contains("ada"), "{lines:?}");
    }
    let (log, _listening) = Log::listen();
    let endless = format!("https://evil.example\t{}", "a".repeat(60_000));
    while log.lines().is_empty() {
        clock.advance(1);
        posted(&auth, &[(ORIGIN.as_str(), &endless)]).await;
    }
    assert!(log.lines()[0].len() < 1_000 && log.lines()[0].contains("https://evil.example\\\\taaa"));
}
