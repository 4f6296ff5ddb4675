//! The refresher: sends a refresh token to the provider, and checks the answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::apis::Apis;
use super::lease::{Right, SHARED_STORE};
use super::local::{Link, LocalEntries, LocalRequest};
use super::outcome::{Exchanged, Outcome, Purpose, Renewed, RenewedIdToken};
use super::shared::SharedEntries;
use crate::oidc::{
    IdTokenError, JwtError, MaySend, Occasion, ProviderClient, ProviderError, Refreshed, TokenResponse,
    unverified_subject,
};
use crate::shared::{LEASE_TIME, SealedValues, StoreError};
use crate::time::{Clock, Timestamp};

/// The exchanges of a service's refresh tokens, shared by all of its requests.
pub(crate) struct Refresher {
    provider: Arc<ProviderClient>,
    clock: Clock,
    settings: TokenSettings,
    local: LocalEntries,
    /// The entries that instances share, if there is a store for them.
    shared: Option<SharedEntries>,
}

/// The token settings of a service.
#[derive(Clone, Debug)]
pub(crate) struct TokenSettings {
    /// The audience that sign-in asks for.
    pub(crate) audience: Option<String>,
    /// The scope that sign-in asks for.
    pub(crate) scope: String,
    /// The time before its end at which a token is renewed.
    pub(crate) early: Duration,
    /// The APIs that an access token may be sent to.
    pub(crate) apis: Apis,
    /// The time for which an outcome is given to requests that come with the token which it replaced.
    pub(crate) grace: Duration,
}

/// The user who holds the refresh token, for the comparison with the ID token that comes back (OpenID Connect Core 1.0
/// §12.2). `issuer`, `auth_time` and `nonce` are those of the session's ID token.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) refresh_token: SecretString,
    pub(crate) subject: String,
    pub(crate) issuer: Option<String>,
    pub(crate) auth_time: Option<i64>,
    pub(crate) nonce: Option<String>,
}

/// The token that a request wants for the refresh token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
    /// A token of an identity provider behind the provider, in place of one of its own.
    pub(crate) connection: Option<Connection>,
    /// True if the request wants no token that was there before it.
    pub(crate) fresh: bool,
}

/// An identity provider behind the provider, and one of the user's accounts there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) login_hint: Option<String>,
}

impl Refresher {
    pub(crate) fn new(provider: Arc<ProviderClient>, clock: Clock, settings: TokenSettings) -> Self {
        let local = LocalEntries::new(settings.grace.max(KEPT));
        Self { provider, clock, settings, local, shared: None }
    }

    /// Adds the store that instances share, if there is one. Then this instance sends a refresh token only when no
    /// other instance does.
    pub(crate) fn with_shared(mut self, values: Option<SealedValues>) -> Arc<Self> {
        // Another instance may have to ask for the provider's metadata, for the tokens, and for the keys.
        let patience = self.provider.deadline().saturating_mul(3).saturating_add(LEASE_TIME);
        self.shared = values.map(|values| SharedEntries {
            values,
            clock: self.clock.clone(),
            grace: self.settings.grace,
            patience,
            keep: self.settings.grace.max(KEPT),
        });
        Arc::new(self)
    }

    pub(crate) fn settings(&self) -> &TokenSettings {
        &self.settings
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn provider(&self) -> &ProviderClient {
        &self.provider
    }

    /// Returns the outcome of the one exchange that all requests with the same purpose wait for.
    pub(crate) async fn renew(self: &Arc<Self>, holder: Holder, wanted: Wanted) -> Exchanged {
        let refresh_token = holder.refresh_token.clone();
        let purpose = Purpose::of(&wanted);
        let request = LocalRequest {
            refresh_token: &refresh_token,
            purpose: purpose.clone(),
            fresh: wanted.fresh,
            grace: self.settings.grace,
            clock: &self.clock,
        };
        let refresher = Arc::clone(self);
        let send = |link| async move { refresher.exchange(&link, &holder, &wanted, purpose).await };
        self.local.exchange(request, || self.provider.check_pause(), send).await
    }

    /// Returns the newest token that took the place of this one, as far as this process knows by now.
    pub(crate) fn successor(&self, refresh_token: &SecretString) -> Option<SecretString> {
        let newest = self.local.find(refresh_token)?.newest();
        (newest.expose_secret() != refresh_token.expose_secret()).then_some(newest)
    }

    /// Waits until no exchange of the token is under way, and returns the newest token that took its place.
    pub(crate) async fn settled_successor(&self, refresh_token: &SecretString) -> Option<SecretString> {
        let link = self.local.find(refresh_token)?;
        // The entry's lock is held for as long as an exchange takes.
        drop(link.entry.lock().await);
        self.successor(refresh_token)
    }

    /// Returns the newest one of this token and its successors, as far as any instance knows.
    pub(crate) async fn newest(&self, refresh_token: &SecretString) -> SecretString {
        let newest = self.successor(refresh_token).unwrap_or_else(|| refresh_token.clone());
        match &self.shared {
            Some(shared) => shared.newest(newest.clone()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "{SHARED_STORE} failed, so this instance uses the newest refresh token that it knows itself");
                newest
            }),
            None => newest,
        }
    }

    /// Checks that the store that instances share answers, if there is one.
    pub(crate) async fn check_shared(&self) -> Result<(), StoreError> {
        match &self.shared {
            Some(shared) => shared.check().await,
            None => Ok(()),
        }
    }

    /// Forgets the outcomes of the token, since its user has signed out. Returns the newest token.
    pub(crate) async fn forget(&self, refresh_token: &SecretString) -> SecretString {
        let newest = self.local.forget(refresh_token).unwrap_or_else(|| refresh_token.clone());
        let Some(shared) = &self.shared else { return newest };
        match shared.end(refresh_token.clone()).await {
            // The store knows a successor. Else only this process may know one.
            Ok(shared) if shared.expose_secret() != refresh_token.expose_secret() => shared,
            Ok(_) => newest,
            Err(error) => {
                tracing::error!(%error, "{SHARED_STORE} failed, so other instances do not know that a user has signed out");
                newest
            }
        }
    }

    /// Exchanges the newest token of the entry: among instances if they share a store, else alone.
    async fn exchange(
        &self,
        link: &Arc<Link>,
        holder: &Holder,
        wanted: &Wanted,
        purpose: Purpose,
    ) -> Outcome {
        // Boxed: a request over the network is large, and this may be inside of several waits.
        let send = |token, right| Box::pin(self.send(token, holder, wanted, right));
        let Exchanged { outcome, refresh_token, is_over } = if let Some(shared) = &self.shared {
            let send = |token, right| send(token, Some(right));
            Box::pin(shared.exchange(link.newest(), purpose, wanted.fresh, send)).await
        } else {
            send(link.newest(), None).await
        };
        let is_known = self.local.renew(link, &refresh_token, Instant::now());
        // The user signed out while the token was on its way, so no session will keep the new token.
        if is_over || !is_known {
            self.revoke(refresh_token);
        }
        outcome
    }

    /// Sends the token, if `right` is still good then. Without a shared store there is no `right`, and none is needed.
    /// A new refresh token counts even if the rest of the answer makes no sense: the token that was sent is spent.
    async fn send(
        &self,
        token: SecretString,
        holder: &Holder,
        wanted: &Wanted,
        right: Option<Right>,
    ) -> Exchanged {
        let is_good = right.as_ref().map(|right| move || right.is_good());
        let may_send = is_good.as_ref().map(|is_good| is_good as _);
        let Refreshed { next, tokens } = self.request(&token, wanted, may_send).await;
        let outcome = match tokens {
            Ok(tokens) => self.check(tokens, holder, wanted).await,
            Err(error) => Err(error),
        };
        Exchanged::new(outcome, next.unwrap_or(token))
    }

    /// Checks the provider's tokens. An ID token beside a connection's token is not looked at.
    async fn check(&self, tokens: TokenResponse, holder: &Holder, wanted: &Wanted) -> Outcome {
        let now = self.now();
        let id_token = match tokens.id_token.filter(|_| wanted.connection.is_none()) {
            Some(token) => self.check_id_token(token, &tokens.access_token, holder, now).await?,
            None => None,
        };
        Ok(Arc::new(Renewed {
            access_token: tokens.access_token,
            expires_at: tokens.expires_in.map(|seconds| now.saturating_add(seconds)),
            scope: tokens.scope,
            id_token,
        }))
    }

    /// Asks the provider for tokens of its own, or for those of a connection.
    async fn request(&self, newest: &SecretString, wanted: &Wanted, may_send: MaySend<'_>) -> Refreshed {
        if let Some(Connection { name, login_hint }) = &wanted.connection {
            let login_hint = login_hint.as_deref();
            return self.provider.federated_connection_token(name, login_hint, newest, may_send).await;
        }
        let (audience, scope) = (wanted.audience.as_deref(), wanted.scope.as_deref());
        self.provider.refresh(newest, audience, scope, may_send).await
    }

    /// Asks the provider to revoke a token, in a task of its own.
    fn revoke(&self, refresh_token: SecretString) {
        let provider = Arc::clone(&self.provider);
        tokio::spawn(async move {
            if let Err(error) = provider.revoke(&refresh_token).await {
                let issuer = provider.issuer().as_str();
                tracing::debug!(code = error.code(), provider = issuer, "a refresh token was not revoked");
            }
        });
    }

    /// Checks the new ID token. Returns `None` if the provider's keys cannot be had at the moment, so that the access
    /// token is not lost for want of an ID token that the session does not need. An ID token for another user is an
    /// error in any case.
    async fn check_id_token(
        &self,
        token: SecretString,
        access_token: &SecretString,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Option<RenewedIdToken>, ProviderError> {
        let occasion = Occasion::Refresh {
            subject: &holder.subject,
            issuer: holder.issuer.as_deref(),
            auth_time: holder.auth_time,
            nonce: holder.nonce.as_deref(),
        };
        match self.provider.validate_id_token(&token, access_token, occasion, now.as_unix()).await {
            Ok(claims) => Ok(Some(RenewedIdToken { token, claims: claims.raw().to_owned() })),
            Err(
                error @ (ProviderError::Keys(_)
                | ProviderError::Discovery(_)
                | ProviderError::IdToken(IdTokenError::Jwt(JwtError::UnknownKey))),
            ) if unverified_subject(token.expose_secret()).as_ref() == Some(&holder.subject) => {
                tracing::warn!(
                    detail = error.code(),
                    provider = self.provider.issuer().as_str(),
                    "a renewed ID token cannot be verified, because the provider's keys cannot be loaded, so the session does not get it"
                );
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresher").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").finish_non_exhaustive()
    }
}

/// The time for which a refresh token's successor is remembered. The browser may still have the old token: the answer
/// to it was lost on its way, or the provider's answer made no sense beside the new token.
pub(super) const KEPT: Duration = Duration::from_secs(3_600);
