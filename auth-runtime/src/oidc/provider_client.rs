//! One provider, as one client of it sees it.

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

/// Who the provider is, and who we are to it.
#[derive(Clone, Debug)]
pub(crate) struct ProviderConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client: Client,
    /// For development: http, and endpoints on this machine.
    pub(crate) allow_insecure: bool,
    /// For each exchange with the provider.
    pub(crate) deadline: Duration,
    /// How ID tokens and logout tokens may be signed.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
    /// Whether a logout token may leave out that it is one.
    pub(crate) allow_untyped_logout_tokens: bool,
    /// For what this client itself signs.
    pub(crate) clock: Clock,
}

/// Share it: the metadata, the keys and the connections are in it.
#[derive(Debug)]
pub(crate) struct ProviderClient {
    config: ProviderConfig,
    transport: Transport,
    /// For what must be on its way soon, or never.
    prompt_transport: Transport,
    metadata: Cached<Metadata, DiscoveryError>,
    keys: Arc<Cached<KeySet, JwksError>>,
    used_logout_tokens: Used,
    /// Until when the token endpoint is not asked again.
    pause: Pause,
    wider_grants: WiderGrants,
}

/// Whether a refresh token may be sent, asked right before it is. Then it is on its way within [`CONNECT_DEADLINE`], or
/// it never is. Nothing is asked where nobody else could send it.
///
/// [`CONNECT_DEADLINE`]: super::transport::CONNECT_DEADLINE
pub(crate) type MaySend<'a> = Option<&'a (dyn Fn() -> bool + Send + Sync)>;

/// What became of a refresh token.
#[derive(Debug)]
pub(crate) struct Refreshed {
    /// The one that takes its place, also when the rest of the answer makes no sense.
    pub(crate) next: Option<SecretString>,
    pub(crate) tokens: Result<TokenResponse, ProviderError>,
}

/// Which of the exchanges failed.
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
    /// Does no network.
    pub(crate) fn new(config: ProviderConfig) -> Result<Self, TransportError> {
        Ok(Self {
            transport: Transport::new(config.allow_insecure, config.deadline)?,
            prompt_transport: Transport::prompt(config.allow_insecure, config.deadline)?,
            config,
            metadata: Cached::new(METADATA_TTL),
            keys: Arc::new(Cached::new(JWKS_TTL)),
            used_logout_tokens: Used::default(),
            pause: Pause::default(),
            wider_grants: WiderGrants::default(),
        })
    }

    /// How long one request may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.config.deadline
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

    /// Asks whether the provider can be reached and is who it should be: its metadata and keys are there.
    pub(crate) async fn check(&self) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        self.keys.get(fetch_jwks(&self.transport, &metadata.jwks_uri)).await?;
        Ok(())
    }

    /// The metadata that are at hand, however old, for who cannot wait for newer ones.
    pub(crate) fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.metadata.known()
    }

    /// The URL to send the browser to. Pushed (RFC 9126) if `use_par` or if the provider insists; then never in another
    /// way.
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

    /// Sends the code, once, also when the endpoint is to be left alone: a code lives a minute, and its user is waiting.
    pub(crate) async fn exchange_code(
        &self,
        code: &str,
        code_verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<TokenResponse, ProviderError> {
        let answer = self.ask_for_tokens(code_fields(code, redirect_uri, code_verifier), None).await?;
        Ok(process_token_answer(&answer)?)
    }

    /// Compares what was granted with what was asked for, and tells who operates the service if it is more.
    pub(crate) fn note_grant(&self, asked: &str, granted: Option<&str>) {
        self.wider_grants.note(asked, granted);
    }

    /// Sends the refresh token, once. Who calls it takes care that nobody else does at the same time.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &SecretString,
        audience: Option<&str>,
        scope: Option<&str>,
        may_send: MaySend<'_>,
    ) -> Refreshed {
        self.spend(refresh_fields(refresh_token, audience, scope), may_send).await
    }

    /// A token of the identity provider behind `connection`, where the provider is Auth0.
    pub(crate) async fn federated_connection_token(
        &self,
        connection: &str,
        login_hint: Option<&str>,
        refresh_token: &SecretString,
        may_send: MaySend<'_>,
    ) -> Refreshed {
        self.spend(federated_connection_fields(connection, login_hint, refresh_token), may_send).await
    }

    /// Checks whether tokens may be asked for again, where the endpoint has said when. A refresh token is not spent
    /// for nothing, and a provider that is overloaded is not asked by everybody who waits.
    pub(crate) fn check_pause(&self) -> Result<(), ProviderError> {
        self.pause.check(self.now()).map_err(|failure| TokenError::from(failure).into())
    }

    async fn spend(&self, fields: Vec<Field<'_>>, may_send: MaySend<'_>) -> Refreshed {
        // Another exchange may have been told so since this one began.
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

    /// One token for another (RFC 8693).
    pub(crate) async fn exchange_token(
        &self,
        request: &TokenExchange<'_>,
    ) -> Result<ExchangedTokens, ProviderError> {
        self.check_pause()?;
        let answer = self.ask_for_tokens(exchange_fields(request), None).await?;
        Ok(process_exchange_answer(&answer)?)
    }

    /// Asks the provider to forget the token (RFC 7009). Where it has no endpoint for that, there is nothing to do.
    pub(crate) async fn revoke(&self, refresh_token: &SecretString) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        let Some(endpoint) = &metadata.revocation_endpoint else { return Ok(()) };
        let form = self.authenticated(&metadata, revocation_fields(refresh_token))?;
        let answer = form.send(&self.transport, endpoint).await.map_err(RevocationError::from)?;
        Ok(process_revocation_answer(&answer)?)
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

    /// Refuses a token that was [noted](Self::note_logout_token); `now` in unix seconds.
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

    /// The token has done its work and is not accepted again; `now` in unix seconds. Before that it is: a provider that
    /// got no answer tries again with the same one.
    pub(crate) fn note_logout_token(&self, token: &LogoutToken, now: i64) {
        self.used_logout_tokens.note(token.jti(), token.too_old_at(), now);
    }

    /// Judges by the keys that are known, and by newer ones if the signature is by none of them.
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
        // The provider may have a new key since. One look, and not at everybody's bidding. It goes on by itself: whoever
        // caused it and left would have used it up for everybody.
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

    async fn ask_for_tokens(
        &self,
        fields: Vec<Field<'_>>,
        may_send: MaySend<'_>,
    ) -> Result<Answer, ProviderError> {
        let metadata = self.metadata().await?;
        let form = self.authenticated(&metadata, fields)?;
        // Here and not sooner: the metadata may have taken long.
        let transport = match may_send {
            Some(may_send) if !may_send() => return Err(TokenError::Withheld.into()),
            Some(_) => &self.prompt_transport,
            None => &self.transport,
        };
        let answer = form.send(transport, &metadata.token_endpoint).await.map_err(TokenError::from)?;
        self.pause.heed(&answer, self.now());
        Ok(answer)
    }

    /// Unix seconds.
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
    /// How many seconds to wait before trying again, if the provider said so; `now` in unix seconds.
    pub(crate) fn retry_after(&self, now: i64) -> Option<u64> {
        let retry_after = match self {
            Self::PushedAuthorization(error) => error.retry_after(),
            Self::Token(TokenError::Unavailable { retry_after, .. }) => *retry_after,
            _ => None,
        };
        retry_after.map(|after| after.seconds(now))
    }

    /// Stable, for logs and metrics.
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
