//! The client of an OpenID provider.
//!
//! Each exchange is a pair of pure functions, one that builds the request and one that judges the answer, around a
//! [`Transport`](transport::Transport) that decides nothing. [`ProviderClient`] puts them together, and caches the
//! metadata and the keys.
//!
//! ```text
//! sign-in       metadata -> begin_authorization ... callback -> exchange_code -> validate_id_token
//! later         metadata -> refresh -> validate_id_token
//!               metadata -> federated_connection_token, exchange_token
//! sign-out      metadata -> revoke, logout_url
//! back channel  metadata -> validate_logout_token
//! ```

mod algorithm;
mod authorize;
mod cache;
mod client;
mod client_assertion;
mod discovery;
#[cfg(fuzzing)]
pub(crate) mod fuzzed;
mod grant;
mod id_token;
mod issuer;
mod json_object;
mod jwks;
mod jws;
mod logout;
mod logout_token;
mod oauth_answer;
mod pause;
mod provider_client;
mod pushed_authorization;
mod replay;
mod revocation;
mod signing_key;
mod token_endpoint;
mod token_exchange;
mod transport;

pub use algorithm::SignatureAlgorithm;

#[cfg(all(test, feature = "testing"))]
pub(crate) use authorize::authorization_url;
pub(crate) use authorize::{AuthorizationRequest, LoginTransaction, is_reserved_parameter};
pub(crate) use client::{Client, ClientAuthentication};
pub(crate) use discovery::{DiscoveryError, Metadata};
pub(crate) use id_token::{DEFAULT_ALGORITHMS, IdTokenError, Occasion};
pub(crate) use issuer::Issuer;
#[cfg(feature = "testing")]
pub(crate) use jwks::{KeySet, Verdict};
pub(crate) use jws::{JwtError, unverified_subject};
pub(crate) use logout::{LogoutRequest, auth0_logout_url, end_session_url, logout_url};
pub(crate) use logout_token::{LogoutToken, LogoutTokenError};
pub(crate) use oauth_answer::ErrorCode;
pub(crate) use provider_client::{MaySend, ProviderClient, ProviderConfig, ProviderError, Refreshed};
pub(crate) use signing_key::SigningKey;
pub(crate) use token_endpoint::{TokenError, TokenResponse};
#[cfg(all(test, feature = "testing"))]
pub(crate) use token_exchange::ExchangedTokens;
pub(crate) use token_exchange::{TokenExchange, TokenType};
pub(crate) use transport::{CONNECT_DEADLINE, DEFAULT_DEADLINE, MAX_BODY_BYTES, RetryAfter, TransportError};
