//! Helpers for the tests of applications: a client that is signed in, session cookies, a clock that a test sets, an
//! audit of routes, the checks of a store's contract, and a provider in the same process. Never use them in production.
//!
//! A test of a protected handler needs no network and no provider. [`TestClient`] has an example that is complete:
//!
//! ```
//! # use auth_runtime::{Auth, testing::TestClient};
//! # use serde_json::json;
//! # async fn example(app: axum::Router, auth: Auth) -> Result<(), Box<dyn std::error::Error>> {
//! let client = TestClient::new(app).signed_in(&auth, &json!({ "user": { "sub": "auth0|ada" } }))?;
//! let answer = client.get("/api/me").await;
//! assert_eq!((answer.status().as_u16(), answer.text()), (200, "auth0|ada"));
//! # Ok(())
//! # }
//! ```

mod audit;
mod client;
mod clock;
mod contract;
mod jar;
mod mint;
#[cfg(feature = "oidc")]
pub mod provider;
mod response;

pub use self::audit::{Asked, Audit, Verdict, audit, audit_routes};
pub use self::client::TestClient;
pub use self::clock::TestClock;
pub use self::contract::{ContractReport, ContractViolation, check_key_value_store, check_session_store};
pub use self::mint::{MintError, cookie_header, secret};
pub use self::response::TestResponse;
