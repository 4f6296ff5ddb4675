//! The client of one provider: its exchanges, and the caches of metadata and keys.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::algorithm::SignatureAlgorithm;
use super::authorize::{AuthorizationRequest, LoginTransaction, authorization_fields, authorization_url};
use super::cache::Cached;
use super::client::{Client, ClientRequest, Field};
use super::client_assertion::AssertionError;
use super::discovery::{DiscoveryError, METADATA_TTL, Metadata, discover};
use super::grant::WiderGrants;
use super::id_token::{self, IdTokenClaims, IdTokenError, Occasion};
use super::issuer::Issuer;
use super::jwks::{JWKS_TTL, JwksError, KeySet, UNKNOWN_KEY_COOL_DOWN, fetch_jwks};
use super::jws::JwtError;
use super::logout_token::{self, LogoutToken, LogoutTokenError};
use super::pause::Pause;
use super::pushed_authorization::{
    PushedAuthorizationError, process_pushed_answer, pushed_authorization_url,
};
use super::replay::Used;
use super::revocation::{RevocationError, process_revocation_answer, revocation_fields};
use super::token_endpoint::{
    TokenError, TokenResponse, code_fields, next_refresh_token, process_token_answer, refresh_fields,
};
use super::token_exchange::{
    ExchangedTokens, TokenExchange, exchange_fields, federated_connection_fields, process_exchange_answer,
};
use super::transport::{Answer, Transport, TransportError};
use crate::time::Clock;

/// The configuration of the provider and of this client.
#[derive(Clone, Debug)]
pub(crate) struct ProviderConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client: Client,
    /// True for development: http, and endpoints in this machine's network.
    pub(crate) allow_insecure: bool,
    /// The time for each exchange with the provider.
    pub(crate) deadline: Duration,
    /// The algorithms that may sign ID tokens and logout tokens.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
    /// True if a logout token may have no `typ`, or the `typ` `JWT`.
    pub(crate) allow_untyped_logout_tokens: bool,
    /// The clock for what this client itself signs, and for pauses of the token endpoint.
    pub(crate) clock: Clock,
}

/// The client of one provider. Share it: the metadata, the keys and the connections are in it.
#[derive(Debug)]
pub(crate) struct ProviderClient {
    config: ProviderConfig,
    transport: Transport,
    /// The transport for a refresh token that must be on its way soon, or never.
    prompt_transport: Transport,
    metadata: Cached<Metadata, DiscoveryError>,
    keys: Arc<Cached<KeySet, JwksError>>,
    used_logout_tokens: Used,
    /// The time for which the token endpoint is not asked again.
    pause: Pause,
    wider_grants: WiderGrants,
}

/// The question whether this instance may still send a refresh token, asked right before it is sent. If so, the token
/// is on its way within [`CONNECT_DEADLINE`], or never sent. `None` where no other instance could send the token.
///
/// [`CONNECT_DEADLINE`]: super::transport::CONNECT_DEADLINE
pub(crate) type MaySend<'a> = Option<&'a (dyn Fn() -> bool + Send + Sync)>;

/// The outcome of sending a refresh token.
#[derive(Debug)]
pub(crate) struct Refreshed {
    /// The refresh token that takes its place, also when the rest of the answer makes no sense.
    pub(crate) next: Option<SecretString>,
    pub(crate) tokens: Result<TokenResponse, ProviderError>,
}

/// The error of an exchange with the provider, by the exchange that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ProviderError {
    #[error(transparent)]
    ClientAssertion(#[from] AssertionError),
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    #[error(transparent)]
    Keys(#[from] JwksError),
    #[error(transparent)]
    LogoutToken(#[from] LogoutTokenError),
    #[error(transparent)]
    PushedAuthorization(#[from] PushedAuthorizationError),
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl ProviderClient {
    /// Sets up the client, without using the network.
    pub(crate) fn new(config: ProviderConfig) -> Result<Self, TransportError> {
        Ok(Self {
            transport: Transport::new(config.allow_insecure, config.deadline)?,
            prompt_transport: Transport::prompt(config.allow_insecure, config.deadline)?,
            metadata: Cached::new(METADATA_TTL, format!("metadata of {}", config.issuer.as_str())),
            keys: Arc::new(Cached::new(JWKS_TTL, format!("keys of {}", config.issuer.as_str()))),
            config,
            used_logout_tokens: Used::default(),
            pause: Pause::default(),
            wider_grants: WiderGrants::default(),
        })
    }

    /// Returns the time that one request may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.config.deadline
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.config.issuer
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.config.client.id
    }

    /// Returns the transport, for requests to the APIs that the provider gives tokens for.
    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, DiscoveryError> {
        let load = discover(&self.transport, &self.config.issuer, self.config.allow_insecure);
        self.metadata.get(load).await
    }

    /// Checks that the provider's metadata and keys are there: cached, or loaded from the provider now.
    pub(crate) async fn check(&self) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        self.keys.get(fetch_jwks(&self.transport, &metadata.jwks_uri)).await?;
        Ok(())
    }

    /// Returns the metadata that are at hand, up to a day old, for a caller that cannot wait for newer ones.
    pub(crate) fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.metadata.known()
    }

    /// Returns the URL to send the browser to. The request is pushed (RFC 9126) if `use_par` is set or the provider
    /// insists. If pushing fails, the request is not sent in the URL instead.
    pub(crate) async fn begin_authorization(
        &self,
        request: &AuthorizationRequest<'_>,
        login: &LoginTransaction,
        use_par: bool,
    ) -> Result<Url, ProviderError> {
        let metadata = self.metadata().await?;
        if !use_par && !metadata.require_pushed_authorization_requests {
            return Ok(authorization_url(&metadata, request, login));
        }
        let endpoint = metadata.pushed_authorization_request_endpoint.as_ref();
        let endpoint = endpoint.ok_or(PushedAuthorizationError::NotSupported)?;
        let form = self.authenticated(&metadata, authorization_fields(request, login))?;
        let answer = form.send(&self.transport, endpoint).await.map_err(PushedAuthorizationError::from)?;
        let request_uri = process_pushed_answer(&answer).map_err(PushedAuthorizationError::from)?;
        Ok(pushed_authorization_url(&metadata, request.client_id, &request_uri))
    }

    /// Sends the code, once, also during a pause of the endpoint: a code is short-lived, and its user is waiting.
    pub(crate) async fn exchange_code(
        &self,
        code: &str,
        code_verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<TokenResponse, ProviderError> {
        let answer = self.ask_for_tokens(code_fields(code, redirect_uri, code_verifier), None).await?;
        Ok(process_token_answer(&answer)?)
    }

    /// Compares the granted scopes with those asked for, and logs for the operator which ones were added.
    pub(crate) fn note_grant(&self, asked: &str, granted: Option<&str>) {
        self.wider_grants.note(self.config.issuer.as_str(), asked, granted);
    }

    /// Sends the refresh token, once. The caller takes care that no other request sends it at the same time.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &SecretString,
        audience: Option<&str>,
        scope: Option<&str>,
        may_send: MaySend<'_>,
    ) -> Refreshed {
        self.spend(refresh_fields(refresh_token, audience, scope), may_send).await
    }

    /// Asks for a token of the identity provider behind `connection`, where the provider is Auth0.
    pub(crate) async fn federated_connection_token(
        &self,
        connection: &str,
        login_hint: Option<&str>,
        refresh_token: &SecretString,
        may_send: MaySend<'_>,
    ) -> Refreshed {
        self.spend(federated_connection_fields(connection, login_hint, refresh_token), may_send).await
    }

    /// Fails during a pause of the token endpoint. So no refresh token is spent for nothing, and an overloaded provider
    /// is not asked by every request that waits.
    pub(crate) fn check_pause(&self) -> Result<(), ProviderError> {
        self.pause.check(self.now()).map_err(|failure| TokenError::from(failure).into())
    }

    /// Sends a form with a refresh token, and reads the next refresh token by itself.
    async fn spend(&self, fields: Vec<Field<'_>>, may_send: MaySend<'_>) -> Refreshed {
        // Another exchange may have begun a pause since this one began.
        if let Err(error) = self.check_pause() {
            return Refreshed { next: None, tokens: Err(error) };
        }
        match self.ask_for_tokens(fields, may_send).await {
            Ok(answer) => Refreshed {
                next: next_refresh_token(&answer),
                tokens: process_token_answer(&answer).map_err(ProviderError::from),
            },
            Err(error) => Refreshed { next: None, tokens: Err(error) },
        }
    }

    /// Exchanges one token for another (RFC 8693).
    pub(crate) async fn exchange_token(
        &self,
        request: &TokenExchange<'_>,
    ) -> Result<ExchangedTokens, ProviderError> {
        self.check_pause()?;
        let answer = self.ask_for_tokens(exchange_fields(request), None).await?;
        Ok(process_exchange_answer(&answer)?)
    }

    /// Asks the provider to revoke the token (RFC 7009). Does nothing where the provider has no endpoint for that.
    pub(crate) async fn revoke(&self, refresh_token: &SecretString) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        let Some(endpoint) = &metadata.revocation_endpoint else { return Ok(()) };
        let form = self.authenticated(&metadata, revocation_fields(refresh_token))?;
        let answer = form.send(&self.transport, endpoint).await.map_err(RevocationError::from)?;
        Ok(process_revocation_answer(&answer)?)
    }

    /// Validates an ID token. `access_token` is the access token that came with it; `now` is in unix seconds.
    pub(crate) async fn validate_id_token(
        &self,
        id_token: &SecretString,
        access_token: &SecretString,
        occasion: Occasion<'_>,
        now: i64,
    ) -> Result<IdTokenClaims, ProviderError> {
        let metadata = self.metadata().await?;
        let expected = id_token::Expected {
            issuer: &metadata.issuer,
            client_id: &self.config.client.id,
            algorithms: &self.config.algorithms,
            access_token: access_token.expose_secret(),
            occasion,
        };
        let judge = |keys: &KeySet| id_token::validate(id_token.expose_secret(), &expected, keys, now);
        self.with_keys(&metadata, judge).await
    }

    /// Validates a logout token, and refuses a token that was [noted](Self::note_logout_token); `now`
    /// is in unix seconds.
    pub(crate) async fn validate_logout_token(
        &self,
        token: &str,
        now: i64,
    ) -> Result<LogoutToken, ProviderError> {
        let metadata = self.metadata().await?;
        let expected = logout_token::Expected {
            issuer: &metadata.issuer,
            client_id: &self.config.client.id,
            algorithms: &self.config.algorithms,
            allow_untyped: self.config.allow_untyped_logout_tokens,
        };
        let judge = |keys: &KeySet| logout_token::validate(token, &expected, keys, now);
        let token = self.with_keys(&metadata, judge).await?;
        if self.used_logout_tokens.contains(token.jti(), now) {
            return Err(LogoutTokenError::Replayed.into());
        }
        Ok(token)
    }

    /// Notes that the token has done its work, so that it is not accepted again; `now` is in unix seconds. Until then
    /// it is accepted: a provider that got no answer tries again with the same token.
    pub(crate) fn note_logout_token(&self, token: &LogoutToken, now: i64) {
        self.used_logout_tokens.note(token.jti(), token.too_old_at(), now);
    }

    /// Judges a token by the keys that are known, and by newer keys if no known key is for the signature.
    async fn with_keys<T, E>(
        &self,
        metadata: &Metadata,
        judge: impl Fn(&KeySet) -> Result<T, E>,
    ) -> Result<T, ProviderError>
    where
        E: From<JwtError> + PartialEq,
        ProviderError: From<E>,
    {
        let unknown = E::from(JwtError::UnknownKey);
        let keys = self.keys.get(fetch_jwks(&self.transport, &metadata.jwks_uri)).await?;
        match judge(&keys) {
            Err(error) if error == unknown => {}
            outcome => return Ok(outcome?),
        }
        // The provider may have a new key by now. The cool-down limits the fetches that senders of invented keys
        // can cause. A fetch runs in a task of its own: a client that disconnects would else use up the one
        // fetch for all requests.
        let (cached, transport) = (Arc::clone(&self.keys), self.transport.clone());
        let jwks_uri = metadata.jwks_uri.clone();
        let renewal = tokio::spawn(async move {
            cached.renew(UNKNOWN_KEY_COOL_DOWN, fetch_jwks(&transport, &jwks_uri)).await
        });
        match renewal.await.ok().flatten() {
            None => Err(unknown.into()),
            Some(keys) => Ok(judge(&*keys?)?),
        }
    }

    /// Sends a form to the token endpoint, once, and heeds the pause that the answer asks for.
    async fn ask_for_tokens(
        &self,
        fields: Vec<Field<'_>>,
        may_send: MaySend<'_>,
    ) -> Result<Answer, ProviderError> {
        let metadata = self.metadata().await?;
        let form = self.authenticated(&metadata, fields)?;
        // Asked here and not sooner, because loading the metadata may have taken long.
        let transport = match may_send {
            Some(may_send) if !may_send() => return Err(TokenError::Withheld.into()),
            Some(_) => &self.prompt_transport,
            None => &self.transport,
        };
        let answer = form.send(transport, &metadata.token_endpoint).await.map_err(TokenError::from)?;
        self.pause.heed(&answer, self.now());
        Ok(answer)
    }

    /// Returns the time in unix seconds.
    fn now(&self) -> i64 {
        self.config.clock.now().as_unix()
    }

    fn authenticated<'a>(
        &'a self,
        metadata: &Metadata,
        fields: Vec<Field<'a>>,
    ) -> Result<ClientRequest<'a>, AssertionError> {
        self.config.client.authenticate(fields, &metadata.issuer, self.now())
    }
}

impl ProviderError {
    /// Returns the seconds to wait before another attempt, if the provider said so; `now` is in unix seconds.
    pub(crate) fn retry_after(&self, now: i64) -> Option<u64> {
        let retry_after = match self {
            Self::PushedAuthorization(error) => error.retry_after(),
            Self::Token(TokenError::Unavailable { retry_after, .. }) => *retry_after,
            _ => None,
        };
        retry_after.map(|after| after.seconds(now))
    }

    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::ClientAssertion(error) => error.code(),
            Self::Discovery(error) => error.code(),
            Self::IdToken(error) => error.code(),
            Self::Keys(error) => error.code(),
            Self::LogoutToken(error) => error.code(),
            Self::PushedAuthorization(error) => error.code(),
            Self::Revocation(error) => error.code(),
            Self::Token(error) => error.code(),
        }
    }
}
