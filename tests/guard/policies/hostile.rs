//! Requests and applications that try to get past a policy, or at the value of another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::__private::{Guard, Guarded, HandedTo, PermittedBy, Recipient, Requirements};
use auth_runtime::policy::{
    Decided, Decision, Loads, Permitted, Policies, Policy, PolicyError, Protection, policy,
};
use auth_runtime::with_api_auth_required as signed_in;
use auth_runtime::{Session, User, with_api_auth_required};
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get as get_route};
use axum::{Json, Router};
use http::header::{ALLOW, CONTENT_TYPE, SET_COOKIE};
use http::request::Parts;
use http::{Method, StatusCode};

use super::super::log::Log;
use super::super::markers::{REACHED, handler};
use super::super::order::Counted;
use super::super::{get, send};
use super::{NOT_FOUND, Order, Orders, Shop, World, owns_order, refused, show, whole};

pub(super) fn routes(shop: &Shop) -> Router<Shop> {
    Router::new()
        .route("/both/{id}", get_route(both))
        .route("/twice/{id}", get_route(twice))
        .route("/guards/{id}", get_route(two_guards))
        .route("/values/{id}", get_route(two_values))
        .route("/wiped/{id}", get_route(wiped))
        .route("/panics/{id}", get_route(panics))
        .route("/handed/{id}", get_route(handed))
        .route("/inside/{id}", get_route(inside::show))
        .route("/api/{id}", get_route(Api::show))
        .route("/within/{id}", get_route(show).layer(from_fn_with_state(shop.clone(), around)))
        .route("/body/{id}", any(reads_body))
}

#[policy]
async fn three_left(State(_): State<Orders>) -> Decision<u8> {
    Decision::Allow(3)
}

#[with_api_auth_required(policy = three_left)]
#[with_api_auth_required(policy = owns_order)]
async fn both(Permitted(left): Permitted<u8>, Permitted(order): Permitted<Order>) -> String {
    format!("order {}, {left} left", order.0)
}

#[with_api_auth_required(policy = owns_order)]
mod inside {
    use super::{Order, Permitted};

    pub(super) async fn show(Permitted(order): Permitted<Order>) -> String {
        format!("order {}", order.0)
    }
}

struct Api;

#[with_api_auth_required(policy = owns_order)]
impl Api {
    async fn show(Permitted(order): Permitted<Order>) -> String {
        format!("order {}", order.0)
    }
}

#[tokio::test]
async fn head_and_options_ask_the_policy_wherever_they_reach_the_handler() {
    let world = World::new();
    let of = |method: Method, path: &str, sub: &str| world.request(path, sub).method(method);
    let own = world.send(of(Method::HEAD, "/orders/7", "ada")).await;
    assert_eq!((own.status, own.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(world.orders.counts(), (1, 1));
    let of_another = world.send(of(Method::HEAD, "/orders/8", "ada")).await;
    let none = world.send(of(Method::HEAD, "/orders/9", "ada")).await;
    assert_eq!((none.status, none.body.as_str()), (StatusCode::NOT_FOUND, ""));
    assert_eq!(whole(&of_another), whole(&none));
    assert_eq!(world.orders.counts(), (3, 1));
    // axum answers this itself, alike for every order.
    let [own, of_another] = ["/orders/7", "/orders/8"].map(|path| of(Method::OPTIONS, path, "ada"));
    let (own, of_another) = (world.send(own).await, world.send(of_another).await);
    assert_eq!(own.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(own.headers[ALLOW], "GET,HEAD");
    assert_eq!(whole(&own), whole(&of_another));
    assert_eq!(world.orders.counts(), (3, 1));
    for method in [Method::OPTIONS, Method::TRACE, Method::from_bytes(b"PROPFIND").unwrap()] {
        let request = of(method.clone(), "/any/8", "ada").header("sec-fetch-site", "same-origin");
        refused(&world.send(request).await, StatusCode::NOT_FOUND, "not_found");
    }
    assert_eq!(world.orders.counts(), (6, 1));
    // A page of another site does not make the policy ask.
    let request = of(Method::POST, "/any/7", "ada").header("sec-fetch-site", "cross-site");
    refused(&world.send(request).await, StatusCode::FORBIDDEN, "cross_site_request");
    assert_eq!(world.orders.counts(), (6, 1));
}

#[with_api_auth_required(policy = owns_order)]
async fn reads_body(Permitted(order): Permitted<Order>, Json(note): Json<String>) -> String {
    format!("order {}: {note}", order.0)
}

#[tokio::test]
async fn m7_a_request_that_a_policy_refuses_is_answered_with_the_body_unread() {
    let world = World::new();
    let request = |path: &str, body: Body| {
        let request = world.request(path, "ada").method(Method::POST).header("sec-fetch-site", "same-origin");
        request.header(CONTENT_TYPE, "application/json").body(body).unwrap()
    };
    let read = Arc::new(AtomicUsize::new(0));
    for (path, status) in [("/body/8", 404), ("/body/abc", 400), ("/body/500", 503)] {
        let body = Body::new(Counted { remaining: 1 << 30, read: Arc::clone(&read) });
        assert_eq!(send(&world.app, request(path, body)).await.status, status, "{path}");
    }
    assert_eq!(read.load(Ordering::SeqCst), 0);
    assert_eq!(send(&world.app, request("/body/7", Body::from("\"now\""))).await.body, "order 7: now");
    assert_eq!(send(&world.app, request("/body/7", Body::from("\""))).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn grd_10_a_policy_is_asked_with_the_identity_of_its_own_request() {
    let world = World::new();
    let requests = (0..100).map(|number| {
        let (path, sub) =
            [("/orders/7", "ada"), ("/orders/8", "ada"), ("/orders/8", "bob"), ("/orders/7", "bob")]
                [number % 4];
        // Headers of the client's own say nothing.
        let other = if sub == "ada" { "bob" } else { "ada" };
        let request = world.request(path, sub).header("x-user", other).header("authorization", other);
        let (app, request) = (world.app.clone(), request.body(Body::empty()).unwrap());
        tokio::spawn(async move {
            let answer = send(&app, request).await;
            (path, sub, answer)
        })
    });
    let requests: Vec<_> = requests.collect();
    for request in requests {
        let (path, sub, answer) = request.await.unwrap();
        let expected = match (path, sub) {
            ("/orders/7", "ada") => "order 7 of ada",
            ("/orders/8", "bob") => "order 8 of bob",
            _ => NOT_FOUND,
        };
        assert_eq!(answer.body, expected, "{path} {sub}");
    }
    assert_eq!(world.orders.counts(), (100, 50));
}

/// The second attribute is not merged with the first, and puts a guard of its own in front.
#[with_api_auth_required(policy = owns_order)]
#[signed_in(policy = is_bob)]
async fn two_guards(State(orders): State<Orders>, Permitted(order): Permitted<Order>) -> String {
    orders.enter();
    format!("order {}", order.0)
}

#[policy]
async fn is_bob(user: User) -> Decision<Order> {
    // A value of the same type as that of the other guard.
    if user.sub() == "bob" { Decision::Allow(Order(0)) } else { Decision::Deny }
}

#[tokio::test]
async fn m14_of_two_guards_each_asks_its_own_policies_and_each_value_stays_with_its_own_guard() {
    let world = World::new();
    refused(&world.get("/guards/7", "ada").await, StatusCode::FORBIDDEN, "access_denied");
    refused(&world.get("/guards/7", "bob").await, StatusCode::NOT_FOUND, "not_found");
    assert_eq!(world.orders.counts().1, 0);
    assert_eq!(world.get("/guards/8", "bob").await.body, "order 8");
}

/// The demands of two guards that hand a value of one type to the same handler.
macro_rules! hands_over {
    ($name:ident, $policy:ident) => {
        struct $name;

        impl Requirements for $name {
            const PROTECTION: &'static Protection = &Protection::SIGNED_IN;

            type Policies = Self;
        }

        impl<S: Sync> Policies<S> for $name
        where
            ($policy, ()): Policies<S>,
        {
            async fn decide<R: Recipient>(session: &Session, request: &mut Parts, state: &S) -> Decided {
                <($policy, ()) as Policies<S>>::decide::<HandedTo<Self>>(session, request, state).await
            }
        }
    };
}

hands_over!(Outer, owns_order);
hands_over!(Inner, is_bob);

async fn two_values(
    outer: Guard<Outer>,
    inner: Guard<Inner>,
    of_outer: PermittedBy<Outer, Permitted<Order>>,
    of_inner: PermittedBy<Inner, Permitted<Order>>,
) -> Guarded<Guarded<String>> {
    let [Permitted(own), Permitted(other)] = [of_outer.permitted, of_inner.permitted];
    outer.finish(inner.finish(format!("{} {}", own.0, other.0)).await).await
}

#[tokio::test]
async fn values_of_one_type_from_two_guards_are_told_apart() {
    let world = World::new();
    assert_eq!(world.get("/values/8", "bob").await.body, "8 0");
}

#[policy]
async fn anything(Path(_): Path<u64>) -> Decision<Order> {
    Decision::Allow(Order(0))
}

/// Has a value of its own of the same type, and runs the handler behind it.
#[with_api_auth_required(policy = anything)]
async fn around(Permitted(order): Permitted<Order>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-around", order.0.into());
    response
}

#[tokio::test]
async fn a_handler_behind_middleware_gets_the_value_of_its_own_policy_alone() {
    let world = World::new();
    let answer = world.get("/within/7", "ada").await;
    assert_eq!(
        (answer.body.as_str(), &answer.headers["x-around"]),
        ("order 7 of ada", &"0".parse().unwrap())
    );
    let answer = world.get("/within/8", "ada").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_FOUND, NOT_FOUND));
    // The handler around it ran, so its guard extends the session.
    assert!(answer.headers.contains_key(SET_COOKIE));
    assert_eq!(world.orders.counts(), (2, 1));
}

/// Removes all that the guard and the policies left in the request.
pub(super) struct Wipe;

impl<S: Sync> FromRequestParts<S> for Wipe {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.clear();
        Ok(Self)
    }
}

#[with_api_auth_required(policy = owns_order)]
async fn wiped(State(orders): State<Orders>, _: Wipe, Permitted(_order): Permitted<Order>) {
    orders.enter();
}

#[with_api_auth_required(policy = owns_order)]
async fn twice(State(orders): State<Orders>, _first: Permitted<Order>, _second: Permitted<Order>) {
    orders.enter();
}

#[tokio::test]
async fn a_handler_whose_value_is_gone_does_not_run() {
    let (log, _listening) = Log::listen();
    let world = World::new();
    for path in ["/wiped/7", "/twice/7"] {
        refused(&world.get(path, "ada").await, StatusCode::INTERNAL_SERVER_ERROR, "internal_error");
    }
    assert_eq!(world.orders.counts(), (2, 0));
    let lines = log.lines();
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    assert_eq!(errors.len(), 2, "{lines:?}");
    assert!(errors.iter().all(|line| line.contains("policies::Order")), "{errors:?}");
}

#[policy]
#[expect(clippy::panic, reason = "a mistake of the application")]
async fn panics_at_nine(Path(id): Path<u64>) -> Decision<Order> {
    if id == 9 { panic!("nine") } else { Decision::Allow(Order(id)) }
}

#[with_api_auth_required(policy = panics_at_nine, policy = owns_order)]
async fn panics(State(orders): State<Orders>) -> String {
    orders.enter();
    user.sub().into_owned()
}

#[tokio::test]
async fn a_policy_that_panics_lets_no_request_through() {
    let world = World::new();
    let (app, request) = (world.app.clone(), world.request("/panics/9", "ada").body(Body::empty()).unwrap());
    let outcome = tokio::spawn(async move { send(&app, request).await }).await;
    assert!(outcome.is_err_and(|error| error.is_panic()));
    assert_eq!(world.orders.counts(), (0, 0));
    assert_eq!(world.get("/panics/7", "ada").await.body, "ada");
}

/// Decides by hand, with an extractor of axum.
struct ByHand;

impl Loads for ByHand {
    type Value = Order;
}

impl<S: Send + Sync> Policy<S> for ByHand {
    async fn decide(session: &Session, request: &mut Parts, state: &S) -> Decided<Order> {
        let Path(id) = Path::from_request_parts(request, state).await.map_err(PolicyError::refused)?;
        Ok(if session.user().sub() == "ada" { Decision::Allow(Order(id)) } else { Decision::Deny })
    }
}

#[with_api_auth_required(policy = ByHand)]
async fn handed(Permitted(order): Permitted<Order>) -> String {
    order.0.to_string()
}

#[tokio::test]
async fn a_policy_by_hand_hands_over_its_value_and_the_refusal_of_its_extractor() {
    let (log, _listening) = Log::listen();
    let world = World::new();
    assert_eq!(world.get("/handed/7", "ada").await.body, "7");
    refused(&world.get("/handed/7", "bob").await, StatusCode::FORBIDDEN, "access_denied");
    let [by_hand, by_function] = ["/handed/x", "/orders/x"].map(|path| world.get(path, "ada"));
    let (by_hand, by_function) = (by_hand.await, by_function.await);
    assert_eq!(by_hand.status, StatusCode::BAD_REQUEST);
    assert_eq!(whole(&by_hand), whole(&by_function));
    assert!(!log.lines().iter().any(|line| line.starts_with("ERROR")));
}

marker!(
    Optional,
    Protection { optional: true, policies: &["panics_at_nine"], ..Protection::SIGNED_IN },
    (panics_at_nine, ())
);

#[tokio::test]
async fn optional_lets_no_caller_past_a_policy() {
    // The attribute refuses to be written with both; these demands are made by hand.
    let world = World::new();
    let app = Router::new().route("/{id}", handler::<Optional>()).with_state(world.auth.clone());
    refused(&get(&app, "/7", None).await, StatusCode::UNAUTHORIZED, "not_authenticated");
    let cookie = world.cookie("ada", &[]);
    assert_eq!(get(&app, "/7", Some(&cookie)).await.body, REACHED);
}
