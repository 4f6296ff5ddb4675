//! The tokens that a service asks the provider for.

mod connection;
mod exchange;
mod fetch;
mod merge;
mod renew;

pub use self::connection::ConnectionTokenRequest;
pub use self::exchange::{ExchangedToken, TokenExchangeError, TokenExchangeRequest};
pub use self::fetch::{FetchError, FetchRequest};

pub(super) use self::renew::{complete, renew};
