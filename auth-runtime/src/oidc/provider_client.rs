//! One provider, as one client of it sees it.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::cache::Cached;
use super::discovery::{DiscoveryError, METADATA_TTL, Metadata, discover};
use super::id_token::{DEFAULT_ALGORITHMS, Expected, IdTokenClaims, IdTokenError, Occasion, validate};
use super::issuer::Issuer;
use super::jwks::{JWKS_TTL, JwksError, KeySet, UNKNOWN_KEY_COOL_DOWN, fetch_jwks};
use super::token_endpoint::{
    Client, TokenError, TokenResponse, code_request, refresh_request, request_tokens,
};
use super::transport::{Transport, TransportError};

/// Who the provider is, and who we are to it.
#[derive(Clone, Debug)]
pub(crate) struct ProviderConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client: Client,
    /// For development: http, and endpoints on this machine.
    pub(crate) allow_insecure: bool,
}

/// Share it: the metadata, the keys and the connections are in it.
#[derive(Debug)]
pub(crate) struct ProviderClient {
    config: ProviderConfig,
    transport: Transport,
    metadata: Cached<Metadata, DiscoveryError>,
    keys: Cached<KeySet, JwksError>,
}

/// Which of the exchanges failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ProviderError {
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    #[error(transparent)]
    Keys(#[from] JwksError),
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ProviderClient {
    /// Does no network.
    pub(crate) fn new(config: ProviderConfig) -> Result<Self, TransportError> {
        Ok(Self {
            transport: Transport::new(config.allow_insecure)?,
            config,
            metadata: Cached::new(METADATA_TTL),
            keys: Cached::new(JWKS_TTL),
        })
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.config.issuer
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.config.client.id
    }

    /// For requests to the APIs that the provider gives tokens for.
    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, DiscoveryError> {
        let load = discover(&self.transport, &self.config.issuer, self.config.allow_insecure);
        self.metadata.get(load).await
    }

    /// Whether the provider can be reached and is who it should be: its metadata and keys are there.
    pub(crate) async fn check(&self) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        self.keys.get(fetch_jwks(&self.transport, &metadata.jwks_uri)).await?;
        Ok(())
    }

    /// Sends the code, once.
    pub(crate) async fn exchange_code(
        &self,
        code: &str,
        code_verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<TokenResponse, ProviderError> {
        let metadata = self.metadata().await?;
        let request = code_request(&self.config.client, code, redirect_uri, code_verifier);
        Ok(request_tokens(&self.transport, &metadata.token_endpoint, &request).await?)
    }

    /// Sends the refresh token, once. Who calls it takes care that nobody else does at the same time.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &SecretString,
        audience: Option<&str>,
        scope: Option<&str>,
    ) -> Result<TokenResponse, ProviderError> {
        let metadata = self.metadata().await?;
        let request = refresh_request(&self.config.client, refresh_token, audience, scope);
        Ok(request_tokens(&self.transport, &metadata.token_endpoint, &request).await?)
    }

    /// `access_token` is the one that came with the ID token; `now` in unix seconds.
    pub(crate) async fn validate_id_token(
        &self,
        id_token: &SecretString,
        access_token: &SecretString,
        occasion: Occasion<'_>,
        now: i64,
    ) -> Result<IdTokenClaims, ProviderError> {
        let metadata = self.metadata().await?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &self.config.client.id,
            algorithms: DEFAULT_ALGORITHMS,
            access_token: access_token.expose_secret(),
            occasion,
        };
        let id_token = id_token.expose_secret();
        let keys = self.keys.get(fetch_jwks(&self.transport, &metadata.jwks_uri)).await?;
        match validate(id_token, &expected, &keys, now) {
            Err(IdTokenError::UnknownKey) => {}
            outcome => return Ok(outcome?),
        }
        // The provider may have a new key since. One look, and not at everybody's bidding.
        let newer = fetch_jwks(&self.transport, &metadata.jwks_uri);
        match self.keys.renew(UNKNOWN_KEY_COOL_DOWN, newer).await {
            None => Err(IdTokenError::UnknownKey.into()),
            Some(keys) => Ok(validate(id_token, &expected, &*keys?, now)?),
        }
    }
}

impl ProviderError {
    /// Stable, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::IdToken(error) => error.code(),
            Self::Keys(error) => error.code(),
            Self::Token(error) => error.code(),
        }
    }
}
