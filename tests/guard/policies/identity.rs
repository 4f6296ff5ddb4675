//! Policies whose extractors give the request another identity than the one that the guard judged.

use auth_runtime::policy::{Decision, Permitted, policy};
use auth_runtime::{User, with_api_auth_required};
use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::routing::get as get_route;
use http::StatusCode;
use http::header::COOKIE;
use http::request::Parts;

use super::super::log::Log;
use super::hostile::Wipe;
use super::{Order, Orders, Shop, World, owns_order, refused};

pub(super) fn routes() -> Router<Shop> {
    Router::new()
        .route("/swapped/{id}", get_route(swapped))
        .route("/forgotten/{id}", get_route(forgotten))
        .route("/first-swapped/{id}", get_route(first_swapped))
}

/// Sends the request on with the cookie in `x-cookie`.
struct OtherCookie;

impl<S: Sync> FromRequestParts<S> for OtherCookie {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        if let Some(other) = parts.headers.get("x-cookie").cloned() {
            parts.headers.insert(COOKIE, other);
        }
        Ok(Self)
    }
}

#[policy]
async fn swaps(_: OtherCookie) -> Decision<u8> {
    Decision::Allow(1)
}

#[policy]
async fn forgets(_: Wipe) -> Decision<u8> {
    Decision::Allow(1)
}

#[with_api_auth_required(policy = owns_order, policy = swaps)]
async fn swapped(State(orders): State<Orders>, found: User) -> String {
    orders.enter();
    found.sub().into_owned()
}

#[with_api_auth_required(policy = owns_order, policy = forgets)]
async fn forgotten(State(orders): State<Orders>) -> String {
    orders.enter();
    user.sub().into_owned()
}

/// The later policy asks for the user, and gets the other one.
#[with_api_auth_required(policy = swaps, policy = owns_order)]
async fn first_swapped(State(orders): State<Orders>, Permitted(order): Permitted<Order>) -> String {
    orders.enter();
    format!("order {} of {}", order.0, user.sub())
}

#[tokio::test]
async fn a_request_whose_identity_changes_while_policies_decide_does_not_reach_the_handler() {
    let (log, _listening) = Log::listen();
    let world = World::new();
    let with = |path: &str, other: String| world.request(path, "ada").header("x-cookie", other);
    let same = world.cookie("ada", &[]);
    for (path, other) in [
        ("/swapped/7", world.cookie("bob", &[])),
        ("/swapped/7", "no=session".to_owned()),
        ("/first-swapped/8", world.cookie("bob", &[])),
        ("/forgotten/7", same.clone()),
    ] {
        let answer = world.send(with(path, other)).await;
        refused(&answer, StatusCode::INTERNAL_SERVER_ERROR, "internal_error");
    }
    assert_eq!(world.orders.counts().1, 0);
    let lines = log.lines();
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    assert_eq!(errors.len(), 4, "{lines:?}");
    assert!(errors.iter().all(|line| line.contains("another identity")), "{errors:?}");
    // An extractor that leaves the identity as it is does no harm.
    let request = world.request("/swapped/7", "ada");
    assert_eq!(world.send(request).await.body, "ada");
    assert_eq!(world.orders.counts().1, 1);
}
