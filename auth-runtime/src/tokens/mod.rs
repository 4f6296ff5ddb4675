//! Access tokens for the APIs that a handler calls.
//!
//! ```text
//! what is asked for -> which token of the session fits -> good enough? -> else renew -> write it into the session
//! ```

mod access_token;
mod error;
#[cfg(feature = "oidc")]
mod fetch;
#[cfg(feature = "oidc")]
mod merge;
#[cfg(feature = "oidc")]
mod renew;
mod request;
mod select;

pub use self::access_token::AccessToken;
pub use self::error::{AccessTokenError, ProviderRefusal};
#[cfg(feature = "oidc")]
pub use self::fetch::{FetchError, FetchRequest};
pub use self::request::AccessTokenRequest;

#[cfg(feature = "oidc")]
pub(crate) use self::renew::forget;
