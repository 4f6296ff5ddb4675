//! The whole sign-in against a real OpenID provider, over real connections: from the login route to a session and
//! out again, and what an attacker might send instead.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Provider, ProviderBuilder, RunningProvider, SampleUser};
use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get as get_route;
use http::header::{CACHE_CONTROL, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt as _;

const ORIGIN: &str = "http://localhost:3000";

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

/// An application, its provider and one browser.
struct World {
    app: Router,
    provider: RunningProvider,
    jar: BTreeMap<String, String>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers[LOCATION].to_str().unwrap()
    }
}

impl World {
    async fn new() -> Self {
        Self::with(Provider::builder()).await
    }

    async fn with(provider: ProviderBuilder) -> Self {
        let provider = provider
            .redirect_uri(format!("{ORIGIN}/auth/callback"))
            .post_logout_redirect_uri(format!("{ORIGIN}/"))
            .start()
            .await
            .unwrap();
        let auth = Auth::builder()
            .secret("9f1c0d6a5be2774c83d1f0a2b4c6e8d7")
            .domain(provider.issuer())
            .danger_allow_insecure_requests(true)
            .client_id(provider.client_id())
            .client_secret(provider.client_secret())
            .base_url(ORIGIN)
            .build()
            .unwrap();
        let app = Router::new()
            .route("/me", get_route(me))
            .route("/transfer", get_route(transfer))
            .merge(auth.routes())
            .with_state(auth);
        Self { app, provider, jar: BTreeMap::new() }
    }

    /// Sends a request with the browser's cookies and keeps those that come back.
    async fn send(&mut self, method: Method, path: &str) -> Answer {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = path.strip_prefix(ORIGIN).unwrap_or(path);
        let request = Request::builder().method(method).uri(path).header(COOKIE, cookies.join("; "));
        let response = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    /// Begins a sign-in and gives the URL with which the provider sends the browser back.
    async fn begin(&mut self, login: &str, email: &str) -> String {
        let answer = self.get(login).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.provider.sign_in(answer.location(), email).unwrap()
    }

    async fn sign_in(&mut self, email: &str) -> Answer {
        let callback = self.begin("/auth/login", email).await;
        self.get(&callback).await
    }

    fn names(&self) -> Vec<&str> {
        self.jar.keys().map(String::as_str).collect()
    }
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_user_signs_in_is_known_and_signs_out() {
    let mut world = World::new().await;
    let back = world.begin("/auth/login?returnTo=/orders?page=2", "ada@example.com").await;
    let answer = world.get(&back).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "http://localhost:3000/orders?page=2")
    );
    assert_eq!(answer.headers[REFERRER_POLICY], "no-referrer");
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(world.names(), ["__session"]);
    assert_eq!(world.get("/me").await.body, "ada@example.com");

    let answer = world.send(Method::POST, "/auth/logout").await;
    assert!(answer.location().starts_with(world.provider.issuer()), "{}", answer.location());
    assert_eq!(
        parameter(answer.location(), "post_logout_redirect_uri").as_deref(),
        Some("http://localhost:3000/")
    );
    assert_eq!(world.names(), [""; 0]);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

/// For what matters more.
#[with_api_auth_required(max_age = "5m")]
async fn transfer() -> &'static str {
    "transferred"
}

#[tokio::test]
async fn s_step_2_a_fresh_sign_in_meets_the_challenge_that_asked_for_it() {
    let mut world = World::new().await;
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
async fn a_sign_in_that_cannot_be_meant_is_not_begun() {
    let mut world = World::new().await;
    for query in ["max_age=5m", "max_age=-1", "max_age=", "max_age=99999999999999999999", "acr_values=%0D%0A"]
    {
        let answer = world.get(&format!("/auth/login?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(world.names(), [""; 0], "{query}");
    }
}

#[tokio::test]
async fn s_bcp_1_every_sign_in_has_a_challenge_a_state_and_a_nonce_of_its_own() {
    let mut world = World::new().await;
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
async fn s_bcp_14_a_visitor_cannot_choose_what_is_asked_of_the_provider() {
    let mut world = World::new().await;
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
async fn rdr_02_a_sign_in_ends_at_the_application() {
    for evil in [
        "//evil.com",
        "/%5Cevil.com",
        "https://evil.com/",
        "/%09/evil.com",
        "javascript:alert(1)",
        "/auth/logout",
    ] {
        let mut world = World::new().await;
        let back = world.begin(&format!("/auth/login?returnTo={evil}"), "ada@example.com").await;
        let location = world.get(&back).await.location().to_owned();
        assert!(
            location.starts_with("http://localhost:3000/") && !location.contains("logout"),
            "{evil}: {location}"
        );
    }
}

#[tokio::test]
async fn cb_01_a_callback_that_answers_nothing_is_refused() {
    let mut world = World::new().await;
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
async fn s_bcp_2_a_callback_belongs_to_the_browser_that_began() {
    let mut world = World::new().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    world.jar.clear();
    assert_eq!(world.get(&back).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.names(), [""; 0]);
}

#[tokio::test]
async fn ctx_05_a_session_is_no_transaction() {
    let mut world = World::new().await;
    world.sign_in("ada@example.com").await;
    let session = world.jar["__session"].clone();
    world.jar.insert("__txn_X".into(), session);
    let answer = world.get("/auth/callback?state=X&code=c").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn ctx_07_a_transaction_under_anothers_name_is_none() {
    let mut world = World::new().await;
    let first = world.begin("/auth/login", "ada@example.com").await;
    let second = world.begin("/auth/login", "ada@example.com").await;
    let name = |url: &str| format!("__txn_{}", parameter(url, "state").unwrap());
    let stolen = world.jar[&name(&first)].clone();
    world.jar.insert(name(&second), stolen);
    assert_eq!(world.get(&second).await.status, StatusCode::BAD_REQUEST);
    assert!(!world.jar.contains_key("__session"));
}

#[tokio::test]
async fn ctx_04_a_transaction_is_no_session() {
    let mut world = World::new().await;
    world.get("/auth/login").await;
    let transaction = world.jar.values().next().unwrap().clone();
    world.jar.insert("__session".into(), transaction);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
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
        let mut world = World::new().await;
        let login = world.get("/auth/login").await;
        let state = parameter(login.location(), "state").unwrap();
        let iss = world.provider.issuer().to_owned();
        let answer = world.get(&format!("/auth/callback?state={state}&iss={iss}&{more}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}");
        assert!(answer.body.contains(expected), "{more}: {}", answer.body);
        assert!(!answer.body.contains("<script"), "{}", answer.body);
        assert!(!world.jar.contains_key("__session"));
    }
}

#[tokio::test]
async fn s_iss_1_an_answer_in_another_issuers_name_is_refused() {
    for iss in ["https://evil.com", "http://localhost", ""] {
        let mut world = World::new().await;
        let back = world.begin("/auth/login", "ada@example.com").await;
        let (before, _) = back.split_once("&iss=").unwrap_or((&back, ""));
        let answer = world.get(&format!("{before}&iss={iss}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{iss}");
        assert!(!world.jar.contains_key("__session"), "{iss}");
    }
}

#[tokio::test]
async fn cb_05_a_callback_works_once() {
    let mut world = World::new().await;
    let back = world.begin("/auth/login", "ada@example.com").await;
    assert_eq!(world.get(&back).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_with_a_wrong_verifier_begins_no_session() {
    let mut world = World::new().await;
    let first = world.begin("/auth/login", "ada@example.com").await;
    let second = world.begin("/auth/login", "ada@example.com").await;
    // The first code under the second state: the verifier does not fit.
    let (code, state) = (parameter(&first, "code").unwrap(), parameter(&second, "state").unwrap());
    let iss = world.provider.issuer().to_owned();
    let answer = world.get(&format!("/auth/callback?code={code}&state={state}&iss={iss}")).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(!world.jar.contains_key("__session"));
}

#[tokio::test]
async fn ses_01_and_cb_10_another_user_replaces_the_session_and_takes_nothing_over() {
    let mut world = World::new().await;
    world.sign_in("ada@example.com").await;
    world.jar.insert("__session__0".into(), "stray".into());
    world.jar.insert("__FC_0".into(), "stray".into());
    world.sign_in("grace@example.com").await;
    assert_eq!(world.get("/me").await.body, "grace@example.com");
    assert_eq!(world.names(), ["__session"]);
}

#[tokio::test]
async fn ses_07_signing_out_works_without_the_provider() {
    let mut world = World::new().await;
    let auth = Auth::builder()
        .secret("9f1c0d6a5be2774c83d1f0a2b4c6e8d7")
        .domain("http://localhost:9")
        .danger_allow_insecure_requests(true)
        .client_id("client")
        .client_secret("secret")
        .base_url(ORIGIN)
        .build()
        .unwrap();
    world.sign_in("ada@example.com").await;
    world.app = Router::new().merge(auth.routes()).with_state(auth);
    let answer = world.send(Method::POST, "/auth/logout").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.names(), [""; 0]);
}

#[tokio::test]
async fn cb_07_nothing_but_its_own_method_reaches_an_endpoint() {
    let mut world = World::new().await;
    for (method, path) in [
        (Method::POST, "/auth/callback?state=x"),
        (Method::HEAD, "/auth/callback?state=x"),
        (Method::HEAD, "/auth/login"),
        (Method::POST, "/auth/login"),
        (Method::HEAD, "/auth/logout"),
    ] {
        let answer = world.send(method.clone(), path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{method} {path}");
    }
}

#[tokio::test]
async fn csr_10_sign_ins_that_are_never_finished_do_not_fill_the_headers() {
    let mut world = World::new().await;
    for _ in 0..100 {
        world.get("/auth/login").await;
        assert!(world.jar.len() <= 6, "{} cookies", world.jar.len());
    }
    world.sign_in("ada@example.com").await;
    assert_eq!(world.get("/me").await.body, "ada@example.com");
}

#[tokio::test]
async fn a_strict_session_cookie_does_not_keep_the_sign_in_from_coming_back() {
    let mut world = World::new().await;
    let auth = Auth::builder()
        .secret("9f1c0d6a5be2774c83d1f0a2b4c6e8d7")
        .domain(world.provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(world.provider.client_id())
        .client_secret(world.provider.client_secret())
        .base_url(ORIGIN)
        .cookie_same_site(auth_runtime::codec::SameSite::Strict)
        .build()
        .unwrap();
    world.app = Router::new().merge(auth.routes()).with_state(auth);
    let login = world.get("/auth/login").await;
    let line = login.headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__txn_") && line.ends_with("; SameSite=lax"), "{line}");
}

#[tokio::test]
async fn a_session_that_the_provider_ends_at_once_never_begins() {
    let now = TestClock::now().unix_seconds();
    for (ends_in, begins) in [(10, false), (3_600, true)] {
        let ada = SampleUser::new("Ada Lovelace", "ada@example.com").claim("session_expiry", now + ends_in);
        let mut world = World::with(Provider::builder().user(ada)).await;
        let answer = world.sign_in("ada@example.com").await;
        assert_eq!(world.jar.contains_key("__session"), begins, "{ends_in}: {}", answer.body);
        assert_eq!(answer.body.contains("session_expired"), !begins, "{ends_in}: {}", answer.body);
    }
}
