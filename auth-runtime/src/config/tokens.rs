//! When access tokens are renewed.

use std::time::Duration;

use super::builder::AuthBuilder;
use super::owner::Owner;
use crate::refresh::TokenSettings;

/// The times, as given.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenTimes {
    early: Duration,
    grace: Duration,
}

impl Default for TokenTimes {
    fn default() -> Self {
        Self { early: Duration::ZERO, grace: DEFAULT_GRACE }
    }
}

impl TokenTimes {
    pub(super) fn settings(self, owner: &Owner) -> TokenSettings {
        TokenSettings {
            audience: owner.audience.clone(),
            scope: owner.scope.clone(),
            early: self.early,
            grace: self.grace,
        }
    }
}

impl AuthBuilder {
    /// How long before its end an access token is renewed when it is asked for; by default not before it has ended.
    /// If it cannot be renewed, the one that is still good is given.
    pub fn token_refresh_buffer(mut self, buffer: Duration) -> Self {
        self.tokens.early = buffer;
        self
    }

    /// How long a renewed token is handed to requests that still come with the session that it replaced, 30 seconds by
    /// default. Requests that a browser sends at the same time carry the same cookie, and a refresh token that rotates
    /// may be used once only (RFC 9700 §4.14.2).
    pub fn token_refresh_grace(mut self, grace: Duration) -> Self {
        self.tokens.grace = grace;
        self
    }
}

/// Longer than a browser takes for the requests of one page.
const DEFAULT_GRACE: Duration = Duration::from_secs(30);
