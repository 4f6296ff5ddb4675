//! The purpose and the outcome of an exchange.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::refresher::{Connection, Wanted};
use crate::oidc::ProviderError;
use crate::time::Timestamp;

/// The tokens that an exchange yielded beside the next refresh token, all of them checked.
pub(crate) struct Renewed {
    pub(crate) access_token: SecretString,
    /// The end of the access token; `None` when the provider did not say.
    pub(crate) expires_at: Option<Timestamp>,
    /// The granted scope; `None` when it is the scope that was asked for (RFC 6749 §5.1).
    pub(crate) scope: Option<String>,
    pub(crate) id_token: Option<RenewedIdToken>,
}

/// A new ID token of the same user.
pub(crate) struct RenewedIdToken {
    pub(crate) token: SecretString,
    /// The raw JSON of its claims.
    pub(crate) claims: Box<RawValue>,
}

/// The end of an exchange, for each request that waited for it.
pub(crate) type Outcome = Result<Arc<Renewed>, ProviderError>;

/// The end of an exchange, and the refresh token to go on with.
#[derive(Clone)]
pub(crate) struct Exchanged {
    pub(crate) outcome: Outcome,
    /// The newest refresh token that is known.
    pub(crate) refresh_token: SecretString,
    /// True if the user signed out meanwhile, so that no session has the newest token.
    pub(crate) is_over: bool,
}

impl Exchanged {
    pub(super) fn new(outcome: Outcome, refresh_token: SecretString) -> Self {
        Self { outcome, refresh_token, is_over: false }
    }
}

/// The audience, the scopes and the connection that a token is requested for. A token for one purpose is never given
/// for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Purpose {
    audience: Option<String>,
    scopes: BTreeSet<String>,
    connection: Option<Connection>,
}

impl Purpose {
    /// Returns the purpose of a request. The order of its scopes and the spaces between them mean nothing.
    pub(super) fn of(wanted: &Wanted) -> Self {
        let scopes = wanted.scope.iter().flat_map(|scope| scope.split(' ')).filter(|scope| !scope.is_empty());
        Self {
            audience: wanted.audience.clone(),
            scopes: scopes.map(str::to_owned).collect(),
            connection: wanted.connection.clone(),
        }
    }

    /// Returns whether the token comes from an identity provider behind the provider.
    pub(super) fn is_of_connection(&self) -> bool {
        self.connection.is_some()
    }

    /// Returns about how many bytes of memory the purpose takes.
    pub(super) fn bytes(&self) -> usize {
        let connection = self.connection.iter().flat_map(|connection| {
            [Some(connection.name.as_str()), connection.login_hint.as_deref()].into_iter().flatten()
        });
        let texts = self.audience.as_deref().into_iter().chain(connection);
        let texts = texts.chain(self.scopes.iter().map(String::as_str));
        texts.map(|text| text.len().saturating_add(OVERHEAD)).fold(OVERHEAD, usize::saturating_add)
    }
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl fmt::Debug for Exchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchanged").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

/// The bytes that a text or an outcome takes beside its characters.
pub(super) const OVERHEAD: usize = 64;
