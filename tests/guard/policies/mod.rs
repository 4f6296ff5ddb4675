//! Policies that load what they decide about, and hand it to the handler.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::policy::{Decision, Permitted, policy};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Claims, Rejection, User, with_api_auth_required};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, Path, Request, State};
use axum::response::{Html, IntoResponse as _};
use axum::routing::{any, get as get_route};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, COOKIE, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

mod hostile;
mod identity;

use super::log::Log;
use super::{Answer, NOW, SECRET, send};

#[derive(Clone)]
struct Shop {
    auth: Auth,
    orders: Orders,
}

impl FromRef<Shop> for Auth {
    fn from_ref(shop: &Shop) -> Self {
        shop.auth.clone()
    }
}

impl FromRef<Shop> for Orders {
    fn from_ref(shop: &Shop) -> Self {
        shop.orders.clone()
    }
}

/// The orders: number 7 is Ada's, and number 8 is Bob's.
#[derive(Clone, Default)]
struct Orders {
    queries: Arc<AtomicUsize>,
    runs: Arc<AtomicUsize>,
}

/// An order, which cannot be copied.
#[derive(Debug)]
struct Order(u64);

impl Orders {
    /// Finds the order and its owner. Number 500 cannot be found out.
    async fn find(&self, id: u64) -> Result<Option<(Order, &'static str)>, DatabaseIsAway> {
        self.queries.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        match id {
            7 => Ok(Some((Order(id), "ada"))),
            8 => Ok(Some((Order(id), "bob"))),
            500 => Err(DatabaseIsAway),
            _ => Ok(None),
        }
    }

    fn enter(&self) {
        self.runs.fetch_add(1, Ordering::SeqCst);
    }

    /// The queries and the runs of handlers so far.
    fn counts(&self) -> (usize, usize) {
        (self.queries.load(Ordering::SeqCst), self.runs.load(Ordering::SeqCst))
    }
}

#[derive(Debug)]
struct DatabaseIsAway;

impl std::fmt::Display for DatabaseIsAway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("10.0.0.7 timed out")
    }
}

impl std::error::Error for DatabaseIsAway {}

#[policy]
async fn owns_order(
    user: User,
    Path(id): Path<u64>,
    State(orders): State<Orders>,
) -> Result<Decision<Order>, DatabaseIsAway> {
    Ok(match orders.find(id).await? {
        Some((order, owner)) if owner == user.sub() => Decision::Allow(order),
        _ => Decision::NotFound,
    })
}

/// Tells strangers that there is an order.
#[policy]
async fn owns_known_order(user: User, Path(id): Path<u64>, State(orders): State<Orders>) -> Decision<Order> {
    match orders.find(id).await {
        Ok(Some((order, owner))) if owner == user.sub() => Decision::Allow(order),
        Ok(Some(_)) => Decision::Deny,
        _ => Decision::NotFound,
    }
}

#[with_api_auth_required(policy = owns_order)]
async fn show(State(orders): State<Orders>, Permitted(order): Permitted<Order>) -> String {
    orders.enter();
    format!("order {} of {}", order.0, user.sub())
}

#[with_api_auth_required(policy = owns_known_order, roles("clerk"))]
async fn show_to_clerks(State(orders): State<Orders>, order: Permitted<Order>) -> String {
    orders.enter();
    format!("order {} of {}", order.0.0, user.sub())
}

#[with_api_auth_required]
async fn without_policy(Path(id): Path<u64>) -> String {
    id.to_string()
}

fn builder(clock: &TestClock) -> AuthBuilder {
    Auth::builder()
        .test_clock(clock)
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
}

/// The application, and a clock at which every session is due to be extended.
struct World {
    auth: Auth,
    orders: Orders,
    app: Router,
}

impl World {
    fn new() -> Self {
        Self::with(|auth| auth)
    }

    fn with(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        let clock = TestClock::at(NOW);
        let auth = configure(builder(&clock)).build().unwrap();
        clock.advance(10_000);
        let orders = Orders::default();
        let shop = Shop { auth: auth.clone(), orders: orders.clone() };
        let app = Router::new()
            .route("/orders/{id}", get_route(show))
            .route("/any/{id}", any(show))
            .route("/clerks/{id}", get_route(show_to_clerks))
            .route("/plain/{id}", get_route(without_policy))
            .route("/badly", get_route(badly))
            .route("/claims", get_route(claims))
            .merge(hostile::routes(&shop))
            .merge(identity::routes())
            .with_state(shop);
        Self { auth, orders, app }
    }

    fn cookie(&self, sub: &str, roles: &[&str]) -> String {
        let session = json!({ "user": { "sub": sub, "roles": roles }, "exp": NOW + 86_400 });
        cookie_header(&self.auth, &session).unwrap()
    }

    fn request(&self, path: &str, sub: &str) -> http::request::Builder {
        Request::get(path).header(COOKIE, self.cookie(sub, &[]))
    }

    async fn send(&self, request: http::request::Builder) -> Answer {
        send(&self.app, request.body(Body::empty()).unwrap()).await
    }

    async fn get(&self, path: &str, sub: &str) -> Answer {
        self.send(self.request(path, sub)).await
    }
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, body["error"].as_str()), (status, Some(code)), "{}", answer.body);
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(answer.headers[VARY], "Cookie");
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

fn content_type_of(answer: &Answer) -> &str {
    answer.headers[CONTENT_TYPE].to_str().unwrap()
}

/// The whole answer, to be compared with another one.
fn whole(answer: &Answer) -> (StatusCode, &HeaderMap, &str) {
    (answer.status, &answer.headers, &answer.body)
}

const NOT_FOUND: &str = r#"{"error":"not_found","description":"What this request asks for does not exist"}"#;
const PROBLEM: &str = r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"What this request asks for does not exist","error":"not_found","description":"What this request asks for does not exist"}"#;

#[tokio::test]
async fn what_a_policy_loaded_is_handed_to_the_handler_and_loaded_once() {
    let world = World::new();
    let answer = world.get("/orders/7", "ada").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "order 7 of ada"));
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(world.orders.counts(), (1, 1));
    for (path, expected) in [("/inside/7", "order 7"), ("/api/7", "order 7"), ("/both/7", "order 7, 3 left")]
    {
        assert_eq!(world.get(path, "ada").await.body, expected, "{path}");
    }
}

#[tokio::test]
async fn grd_09_a_stranger_cannot_tell_an_order_of_another_user_from_none() {
    let world = World::new();
    for (accept, content_type, body) in [
        ("*/*", "application/json", NOT_FOUND),
        ("application/problem+json", "application/problem+json", PROBLEM),
    ] {
        let of_another = world.send(world.request("/orders/8", "ada").header(ACCEPT, accept)).await;
        let none = world.send(world.request("/orders/9", "ada").header(ACCEPT, accept)).await;
        assert_eq!(whole(&of_another), whole(&none));
        refused(&none, StatusCode::NOT_FOUND, "not_found");
        assert_eq!((none.headers[CONTENT_TYPE].to_str().unwrap(), none.body.as_str()), (content_type, body));
        assert!(!none.headers.contains_key(WWW_AUTHENTICATE));
    }
    assert_eq!(world.orders.counts(), (4, 0));
}

#[tokio::test]
async fn a_policy_can_tell_denied_from_not_found_and_is_asked_after_the_requirements() {
    let world = World::new();
    let ask = async |path: &str, cookie: Option<String>| {
        let request = Request::get(path);
        world.send(cookie.into_iter().fold(request, |request, cookie| request.header(COOKIE, cookie))).await
    };
    let clerk = || Some(world.cookie("ada", &["clerk"]));
    assert_eq!(ask("/clerks/7", clerk()).await.body, "order 7 of ada");
    refused(&ask("/clerks/8", clerk()).await, StatusCode::FORBIDDEN, "access_denied");
    refused(&ask("/clerks/9", clerk()).await, StatusCode::NOT_FOUND, "not_found");
    assert_eq!(world.orders.counts(), (3, 1));
    // Neither a stranger nor a user without the role reaches the policy, or its extractors.
    for path in ["/clerks/7", "/clerks/8", "/clerks/9", "/clerks/abc"] {
        refused(&ask(path, None).await, StatusCode::UNAUTHORIZED, "not_authenticated");
        let answer = ask(path, Some(world.cookie("ada", &["guest"]))).await;
        refused(&answer, StatusCode::FORBIDDEN, "insufficient_roles");
    }
    assert_eq!(world.orders.counts(), (3, 1));
}

#[tokio::test]
async fn a_malformed_path_is_400_as_it_is_for_a_handler_and_logs_no_error() {
    let (log, _listening) = Log::listen();
    for problem_json in [false, true] {
        let world = World::with(|auth| auth.problem_json(problem_json));
        for malformed in ["abc", "-1", "18446744073709551616", "7%00", "%ff"] {
            let of_policy = world.get(&format!("/orders/{malformed}"), "ada").await;
            let mut of_handler = world.get(&format!("/plain/{malformed}"), "ada").await;
            assert_eq!(of_policy.status, StatusCode::BAD_REQUEST, "{malformed}");
            assert_eq!(of_policy.headers[CACHE_CONTROL], "private, no-store");
            // A guard that refuses a request does not extend the session; a parameter behind it does.
            assert!(!of_policy.headers.contains_key(SET_COOKIE));
            assert!(of_handler.headers.remove(SET_COOKIE).is_some());
            assert_eq!(whole(&of_policy), whole(&of_handler), "{malformed}");
        }
        assert_eq!(world.orders.counts(), (0, 0));
    }
    let lines = log.lines();
    assert!(!lines.iter().any(|line| line.starts_with("ERROR") || line.starts_with("WARN")), "{lines:?}");
}

/// An extractor whose refusal does not know the service.
struct Unstyled;

impl<S: Sync> FromRequestParts<S> for Unstyled {
    type Rejection = AccessTokenError;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, AccessTokenError> {
        Err(AccessTokenError::Missing)
    }
}

#[policy]
async fn asks_badly(_: Unstyled) -> Decision<Order> {
    Decision::Allow(Order(0))
}

/// Asks for claims that no user has.
#[policy]
async fn asks_for_claims(_: Claims<Vec<u8>>) -> Decision {
    Decision::Allow(())
}

#[with_api_auth_required(policy = asks_badly)]
async fn badly(State(orders): State<Orders>) {
    orders.enter();
}

#[with_api_auth_required(policy = asks_for_claims, policy = asks_badly)]
async fn claims(State(orders): State<Orders>) {
    orders.enter();
}

#[tokio::test]
async fn a_refusal_by_an_extractor_of_a_policy_is_in_the_services_style() {
    let hook = |rejection: &Rejection, _: &Parts| {
        (rejection.status(), Html(format!("<p>{}", rejection.code()))).into_response()
    };
    let plain = World::with(|auth| auth.realm("orders"));
    let problems = World::with(|auth| auth.problem_json(true).realm("orders"));
    let hooked = World::with(|auth| auth.on_rejection(hook).realm("orders"));
    for (world, content_type) in [
        (plain, "application/json"),
        (problems, "application/problem+json"),
        (hooked, "text/html; charset=utf-8"),
    ] {
        let answer = world.get("/badly", "ada").await;
        assert_eq!((answer.status.as_u16(), content_type_of(&answer)), (401, content_type));
        assert_eq!(answer.headers[WWW_AUTHENTICATE], r#"Bearer realm="orders""#);
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        assert!(!answer.headers.contains_key(SET_COOKIE));
        let answer = world.get("/claims", "ada").await;
        assert_eq!((answer.status.as_u16(), content_type_of(&answer)), (403, content_type));
        assert!(answer.body.contains("claims_mismatch"), "{}", answer.body);
        for path in ["/orders/8", "/clerks/8"] {
            assert_eq!(world.get(path, "ada").await.headers[CONTENT_TYPE], content_type, "{path}");
        }
        assert_eq!(world.orders.counts().1, 0);
    }
}

#[tokio::test]
async fn a_policy_whose_database_is_away_is_503_and_the_log_names_the_policy() {
    let (log, _listening) = Log::listen();
    let world = World::new();
    let answer = world.get("/orders/500", "ada").await;
    refused(&answer, StatusCode::SERVICE_UNAVAILABLE, "policy_unavailable");
    assert!(!answer.body.contains("10.0.0.7"));
    let lines = log.lines();
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    let [line] = errors[..] else { panic!("{lines:?}") };
    assert!(line.contains("10.0.0.7 timed out") && line.contains("policies::owns_order"), "{line}");
    assert_eq!(world.orders.counts(), (1, 0));
}
