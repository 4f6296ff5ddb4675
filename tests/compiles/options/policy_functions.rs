//! Functions as policies: with extractors, with values for the handler, generic, conditional, in other modules.

#![forbid(warnings)]

use std::collections::HashMap;
use std::num::ParseIntError;

use auth_runtime::policy::{Decided, Decision, Permitted, PolicyError, policy};
use auth_runtime::{Auth, Claims, Session, User, with_api_auth_required};
use axum::extract::{FromRef, Path, Query, State};
use axum::http::{HeaderMap, Method};
use axum::routing::{get, post};
use axum::{Json, Router};

#[derive(Clone, Debug)]
pub struct Orders;

#[derive(Clone, Debug)]
pub struct AppState {
    auth: Auth,
    orders: Orders,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

impl FromRef<AppState> for Orders {
    fn from_ref(state: &AppState) -> Self {
        state.orders.clone()
    }
}

/// Neither `Clone` nor `Sync`.
#[derive(Debug)]
pub struct Order(std::cell::Cell<u64>);

struct Shop;

#[policy]
async fn owns_order(user: User, Path(id): Path<u64>, State(_): State<Orders>) -> Decision<Order> {
    if user.sub().is_empty() { Decision::NotFound } else { Decision::Allow(Order(id.into())) }
}

#[policy]
async fn no_parameters() -> Decision {
    Decision::allow_if(true)
}

#[policy]
async fn any_error() -> Decided<Shop> {
    let _: u64 = "7".parse()?;
    Err(std::io::Error::other("no shop"))?;
    Ok(Decision::Allow(Shop))
}

#[policy]
async fn own_error(
    session: Session,
    user: Option<User>,
    Claims(_): Claims<serde_json::Value>,
    mut headers: HeaderMap,
    method: Method,
    Query(_): Query<HashMap<String, String>>,
) -> Result<Decision, ParseIntError> {
    let _ = (session, user, method);
    headers.clear();
    "7".parse::<u64>().map(|_| Decision::Deny)
}

pub mod policies {
    use auth_runtime::policy::{Decision, policy};

    pub trait Owned: Send + 'static {
        const KIND: &'static str;
    }

    /// Asks for any kind of thing.
    #[policy]
    pub async fn owns<T: Owned + Default, const N: usize>() -> Decision<(T, [u8; N])>
    where
        T: Clone,
    {
        if T::KIND.is_empty() { Decision::Deny } else { Decision::Allow((T::default(), [0; N])) }
    }

    #[policy]
    pub async fn exactly<const N: usize>() -> Decision {
        Decision::allow_if(N > 0)
    }

    #[cfg(any())]
    #[policy]
    pub async fn absent(missing: Missing) -> Decision<Missing> {}

    #[policy]
    pub async fn r#type() -> Decision {
        Decision::Deny
    }
}

use policies::{Owned, owns};

#[derive(Clone, Default)]
struct Note;

impl Owned for Note {
    const KIND: &'static str = "note";
}

#[with_api_auth_required(policy = owns_order, state = AppState)]
async fn show(Permitted(order): Permitted<Order>, Path(_): Path<u64>) -> String {
    format!("{} of {}", order.0.get(), user.sub())
}

#[with_api_auth_required(policy = any_error, policy = owns_order, policy = no_parameters, roles("clerk"))]
async fn several(shop: Permitted<Shop>, order: Permitted<Order>, Json(_): Json<u64>) -> String {
    let Permitted(Shop) = shop;
    order.0.0.get().to_string()
}

#[with_api_auth_required(policy = owns_order)]
#[with_api_auth_required(policy = any_error)]
async fn merged(user: User, (Permitted(Shop)): Permitted<Shop>, Permitted(order): Permitted<Order>) -> u64 {
    let _ = user;
    order.0.get()
}

#[with_api_auth_required(policy = owns::<Note, 2>, policy = policies::exactly<1>, policy = policies::r#type)]
async fn generic(Permitted((_note, [_, _])): Permitted<(Note, [u8; 2])>) {}

#[with_api_auth_required(policy = own_error)]
async fn without_value() {}

#[with_api_auth_required(policy = owns_order)]
async fn conditional(
    #[cfg(test)] Permitted(order): Permitted<Order>,
    #[cfg(not(test))] other: Permitted<Missing>,
) -> u64 {
    order.0.get()
}

#[with_api_auth_required(policy = owns_order, state = AppState)]
pub mod guarded {
    use auth_runtime::policy::{Decision, Permitted, policy};

    use super::Order;

    /// A policy inside of the module.
    #[helper]
    #[policy]
    async fn inner() -> Decision<u8> {
        Decision::Allow(1)
    }

    pub async fn asks(Permitted(order): Permitted<Order>) -> String {
        order.0.get().to_string()
    }

    pub async fn does_not() {}

    #[with_api_auth_required(policy = inner)]
    pub async fn asks_for_both(Permitted(order): Permitted<Order>, number: Permitted<u8>) -> String {
        (order.0.get() + u64::from(number.0)).to_string()
    }
}

struct Api;

#[with_api_auth_required(policy = owns_order)]
impl Api {
    async fn show(Permitted(order): Permitted<Order>) -> String {
        order.0.get().to_string()
    }

    #[with_api_auth_required(policy = any_error)]
    async fn both(Permitted(order): Permitted<Order>, _: Permitted<Shop>) -> String {
        order.0.get().to_string()
    }
}

#[with_api_auth_required(policy = owns_order)]
async fn middleware(
    Permitted(order): Permitted<Order>,
    response: axum::response::Response,
) -> axum::response::Response {
    let _ = order.0.get();
    response
}

#[test]
fn compiles() {
    let _: Router<AppState> = Router::new()
        .route("/orders/{id}", get(show))
        .route("/several/{id}", post(several))
        .route("/generic", get(generic))
        .route("/without", get(without_value))
        .route("/conditional", get(async |user: User| user.sub().into_owned()))
        .route("/asks", get(guarded::asks))
        .route("/does-not", get(guarded::does_not))
        .route("/asks-for-both", get(guarded::asks_for_both))
        .route("/api", get(Api::show))
        .route("/api-both", get(Api::both));
    let _ = (merged, conditional, middleware);
}

/// A policy stays the function that it is.
#[test]
fn a_policy_can_be_called() {
    fn is_future(_: impl Future<Output = Decision>) {}
    is_future(no_parameters());
    let _: fn(PolicyError) = drop;
}
