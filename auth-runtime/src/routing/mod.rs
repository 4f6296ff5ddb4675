//! A router that denies by default: it takes only handlers that say who may call them.
//!
//! The names are those of [`axum::routing`]. Change the `use`, and a handler that carries neither
//! [`#[with_api_auth_required]`](crate::with_api_auth_required) nor [`#[public]`](crate::public) does not compile. The
//! router knows the method, the path and the requirements of every route.
//!
//! ```
//! # #[cfg(feature = "macros")] mod example {
//! use auth_runtime::routing::{Router, get};
//! use auth_runtime::{Auth, User, public, with_api_auth_required};
//! use axum::Json;
//!
//! #[with_api_auth_required]
//! async fn me(user: User) -> Json<User> {
//!     Json(user)
//! }
//!
//! #[public]
//! async fn health() -> &'static str {
//!     "up"
//! }
//!
//! fn app(auth: Auth) -> axum::Router {
//!     let router = Router::new().route("/api/me", get(me)).route("/health", get(health));
//!     for route in router.routes() {
//!         println!("{route}"); // GET  /api/me  signed in
//!     }
//!     router.with_state(auth).into() // for `axum::serve(listener, app)`
//! }
//! # }
//! ```
//!
//! Without an attribute:
//!
//! ```compile_fail
//! use auth_runtime::routing::{Router, get};
//!
//! async fn me() {}
//!
//! let router: Router = Router::new().route("/api/me", get(me)); // this handler does not say who may call it
//! ```
//!
//! # What the router does not see
//!
//! - Middleware: a layer runs before the handler and can answer by itself.
//! - Routes that came in through [`Router::merge_unchecked`]. The list has one line for all of them, and the layer
//!   [`NoStore`](crate::NoStore) is around them.
//! - Routes that an [`axum::Router`] is given after the conversion. Convert last.
//!
//! Routers of axum's own are tested from outside: `testing::audit` (feature `testing`) sends an anonymous request to
//! each route that the test names. `testing::audit_routes` does the same for the routes of a router of this module that
//! demand a session, with the middleware around the router.

mod access;
mod annotated;
mod method_router;
mod path_methods;
mod route;
mod router;
mod served;
mod start_up;

pub use axum::routing::MethodFilter;

pub use self::access::Access;
pub use self::annotated::AnnotatedHandler;
pub use self::method_router::{
    MethodRouter, any, connect, delete, get, head, on, options, patch, post, put, trace,
};
pub use self::route::Route;
pub use self::router::Router;
