//! Access tokens for the APIs that a handler calls.
//!
//! ```text
//! what is asked for -> which token of the session fits -> good enough? -> else renew -> write it into the session
//! ```

mod access_token;
mod error;
mod limits;
#[cfg(feature = "oidc")]
mod renewal;
#[cfg(not(feature = "oidc"))]
#[path = "renewal_absent.rs"]
mod renewal;
mod request;
mod select;

pub use self::access_token::AccessToken;
pub use self::error::{AccessTokenError, ProviderRefusal};
#[cfg(feature = "oidc")]
pub use self::renewal::{
    ConnectionTokenRequest, ExchangedToken, FetchError, FetchRequest, TokenExchangeError,
    TokenExchangeRequest,
};
pub use self::request::AccessTokenRequest;

pub(crate) use self::limits::MAX_NAME_BYTES;
