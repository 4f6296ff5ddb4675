//! All that talks to an OpenID provider.
//!
//! Each exchange is a pair of pure functions, one that builds the request and one that judges the answer, around a
//! [`Transport`](transport::Transport) that decides nothing. [`ProviderClient`] puts them together and keeps what is
//! worth keeping: the metadata and the keys.
//!
//! ```text
//! sign-in     metadata -> authorization_url ... callback -> exchange_code -> validate_id_token
//! later       metadata -> refresh -> validate_id_token
//! sign-out    metadata -> logout_url
//! ```

#![cfg_attr(
    not(all(test, feature = "testing")),
    expect(dead_code, reason = "renewing tokens is built and tested here, and waits for its fetcher")
)]

mod authorize;
mod cache;
mod discovery;
mod id_token;
mod issuer;
mod json_object;
mod jwks;
mod logout;
mod provider_client;
mod token_endpoint;
mod transport;

pub(crate) use authorize::{AuthorizationRequest, LoginTransaction, authorization_url};
pub(crate) use id_token::{IdTokenError, Occasion};
pub(crate) use issuer::Issuer;
pub(crate) use logout::{LogoutRequest, logout_url};
pub(crate) use provider_client::{ProviderClient, ProviderConfig, ProviderError};
#[cfg(test)]
pub(crate) use token_endpoint::ErrorCode;
#[cfg(all(test, feature = "testing"))]
pub(crate) use token_endpoint::TokenResponse;
pub(crate) use token_endpoint::{Client, ClientAuthentication, TokenError};
pub(crate) use transport::{MAX_BODY_BYTES, TransportError};
