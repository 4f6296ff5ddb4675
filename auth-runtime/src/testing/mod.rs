//! Helpers for the tests of applications: session cookies, a clock that a test sets, an audit of routes, the checks of
//! a store's contract, and a provider in the same process. Never use them in production.
//!
//! A test of a protected handler needs no network and no provider:
//!
//! ```
//! use auth_runtime::{Auth, testing};
//! use serde_json::json;
//!
//! let auth = Auth::builder().secret(testing::secret()).build()?;
//! let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } }))?;
//! assert!(cookie.starts_with("__session="));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod clock;
mod contract;
mod mint;
#[cfg(feature = "oidc")]
pub mod provider;

pub use self::audit::{Asked, Audit, Verdict, audit, audit_routes};
pub use self::clock::TestClock;
pub use self::contract::{ContractReport, ContractViolation, check_key_value_store, check_session_store};
pub use self::mint::{MintError, cookie_header, secret};
