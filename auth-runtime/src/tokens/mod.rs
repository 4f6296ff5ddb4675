//! Access tokens for the APIs that a handler calls.

mod access_token;
mod error;
mod select;

pub use self::access_token::{AccessToken, AccessTokenRequest};
pub use self::error::AccessTokenError;
