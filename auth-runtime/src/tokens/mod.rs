//! Access tokens for the APIs that a handler calls.
//!
//! ```text
//! what is asked for -> which token of the session fits -> good enough? -> else renew -> write it into the session
//! ```

mod access_token;
#[cfg(feature = "oidc")]
mod connection;
mod error;
#[cfg(feature = "oidc")]
mod exchange;
#[cfg(feature = "oidc")]
mod fetch;
mod limits;
#[cfg(feature = "oidc")]
mod merge;
#[cfg(feature = "oidc")]
mod renew;
mod request;
mod select;

pub use self::access_token::AccessToken;
#[cfg(feature = "oidc")]
pub use self::connection::ConnectionTokenRequest;
pub use self::error::{AccessTokenError, ProviderRefusal};
#[cfg(feature = "oidc")]
pub use self::exchange::{ExchangedToken, TokenExchangeError, TokenExchangeRequest};
#[cfg(feature = "oidc")]
pub use self::fetch::{FetchError, FetchRequest};
pub use self::request::AccessTokenRequest;

#[cfg(feature = "oidc")]
pub(crate) use self::limits::MAX_NAME_BYTES;
