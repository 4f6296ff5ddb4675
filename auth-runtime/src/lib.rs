//! Login sessions for axum API routes.
//!
//! A handler that carries [`#[with_api_auth_required]`](with_api_auth_required) runs only for a signed-in user. The
//! guard checks the session before any other extractor runs, so the request of a stranger is never parsed. The handler
//! gets the `user`; a client without a session gets a 401.
//!
//! ```no_run
//! # #[cfg(all(feature = "macros", feature = "oidc"))] mod example {
//! use auth_runtime::{Auth, User, with_api_auth_required};
//! use axum::{Json, Router, routing::get};
//!
//! #[with_api_auth_required]
//! async fn me(user: User) -> Json<User> {
//!     Json(user)
//! }
//!
//! fn app() -> Result<Router, auth_runtime::ConfigError> {
//!     let auth = Auth::from_env()?;
//!     Ok(Router::new().route("/api/me", get(me)).merge(auth.routes()).with_state(auth))
//! }
//! # }
//! ```
//!
//! The session cookie is the one that the npm package `@auth0/nextjs-auth0` v4 reads and writes: a Next.js front end
//! and an axum service share one login.
//!
//! - [`Auth`] holds the configuration; [`Auth::from_env`] reads it from the environment.
//! - [`User`], [`Claims`] and [`Session`] are the parameters that a handler can have.
//! - [`policy`](mod@policy) has the demands that a handler can make beyond a signed-in user, and
//!   [`#[policy]`](macro@policy::policy) for decisions of the application's own code. A client that does not meet them
//!   gets a [`Rejection`].
//! - [`NoStore`] keeps the answers of plain handlers that read the session out of caches.
//! - [`routing`] refuses to compile a route whose handler does not say who may call it.
//! - `guide` has a page for each option of the attribute, with an example that runs, one on requests from other
//!   sites: what is checked, CORS, proxies, nested routers and web sockets, and one on development with a provider in the
//!   same process.
//! - [`store`] keeps sessions outside of cookies, and holds what several instances share.
//! - [`codec`] reads and writes the session cookie without a web server.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `aws-lc-rs` | no | sessions opened and sealed by that library instead of `aes-gcm`: the same bytes, faster |
//! | `macros` | yes | the attribute |
//! | `metrics` | no | the duration of store operations, through the crate `metrics` |
//! | `oidc` | yes | signing in with an OpenID provider: [`Auth::routes`]. Without it the crate only verifies sessions |
//! | `postgres` | no | [`store`]: sessions in PostgreSQL |
//! | `redis` | no | [`store`]: sessions in Redis, one server or a cluster |
//! | `sqlite` | no | [`store`]: sessions in SQLite |
//! | `sqlx` | no | `postgres` and `sqlite` |
//! | `testing` | no | for tests: session cookies, a clock to set, an audit of routes, a provider in the same process |
//! | `utoipa` | no | protected operations in an OpenAPI document |

// docs.rs sets the flag: each item is marked with the feature that it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without `oidc` nothing calls the parts that serve the sign-in. This exception replaces a `cfg` on each of them.
#![cfg_attr(
    not(feature = "oidc"),
    expect(dead_code, unused_imports, reason = "parts are there for the sign-in alone")
)]

// ARCHITECTURE.md says what each module is for, and which may import from which.
mod auth;
mod config;
mod cookie;
mod crypto;
#[cfg(all(fuzzing, feature = "oidc"))]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
#[cfg(doc)]
pub mod guide;
mod json;
#[cfg(feature = "oidc")]
mod oidc;
#[cfg(feature = "utoipa")]
pub mod openapi;
pub mod policy;
#[cfg(feature = "oidc")]
mod refresh;
#[cfg(not(feature = "oidc"))]
#[path = "refresh/absent.rs"]
mod refresh;
mod reject;
mod request;
#[cfg(feature = "oidc")]
mod routes;
pub mod routing;
mod session;
mod shared;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod tokens;

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "macros")]
pub use auth_macros::{helper, public, with_api_auth_required};

pub use self::auth::{Auth, CheckError};
pub use self::config::{AuthBuilder, ConfigError, ConfigProblem};
#[cfg(feature = "oidc")]
pub use self::config::{LoginDecision, LogoutStrategy, NewLogin};
pub use self::cookie::SameSite;
pub use self::crypto::{PreviousSecret, previous_secret};
pub use self::guard::{Guarded, NoStore, NoStoreService};
#[cfg(feature = "oidc")]
pub use self::oidc::SignatureAlgorithm;
pub use self::reject::{Rejection, RejectionKind};
pub use self::request::Session;
pub use self::session::{
    Claims, ClaimsMismatch, ExpiresAt, Lifetime, SessionChangeError, SessionDraft, TokenSet, User,
};
pub use self::time::Timestamp;
pub use self::tokens::{AccessToken, AccessTokenError, AccessTokenRequest, ProviderRefusal};
#[cfg(feature = "oidc")]
pub use self::tokens::{
    ConnectionTokenRequest, ExchangedToken, FetchError, FetchRequest, TokenExchangeError,
    TokenExchangeRequest,
};

/// The session cookie without a web server: keys, cookies, sessions. For tools, and for services that do not
/// use axum.
pub mod codec {
    pub use crate::cookie::{
        AttributeError, ChunkSet, ConnectionCookie, CookieAttributes, CookieName, CookieNameError,
        MAX_CHUNKS, NamedValue, RequestCookies, SameSite, SeenNames, SetCookie,
    };
    pub use crate::crypto::{
        EntropyError, KeyRing, KeyRingError, MAX_SECRETS, OpenError, Opened, Plaintext, ProtectedHeader,
        SealError, Secret, Weakness,
    };
    pub use crate::json::object_members;
    pub use crate::session::{
        CodecBuilder, DEFAULT_ABSOLUTE, DEFAULT_INACTIVITY, DocumentError, ExpiresAt, Lifetime, Mode, Reason,
        SessionCodec, SessionDocument, StoreId, TokenSet, WriteError,
    };
    pub use crate::time::Timestamp;
}
