//! A secret that was the current one before, and when it ends.

use super::secret::Secret;
use crate::time::Timestamp;

/// A secret that was the current one before a planned change, for
/// [`AuthBuilder::previous_secret`](crate::AuthBuilder::previous_secret). It opens what it sealed until it ends, and
/// seals nothing. `Debug` does not show it.
///
/// ```
/// use auth_runtime::codec::Timestamp;
/// use auth_runtime::{PreviousSecret, previous_secret};
///
/// # let old = auth_runtime::__private::random_secret();
/// let until = Timestamp::from_unix(1_790_000_000);
/// assert_eq!(previous_secret(old.as_str()).until(until).ends_at(), Some(until));
/// assert_eq!(PreviousSecret::new(old).ends_at(), None);
/// ```
#[derive(Clone, Debug)]
pub struct PreviousSecret {
    pub(super) secret: Secret,
    pub(super) until: Option<Timestamp>,
}

/// Names a secret that was the current one before. A short form of [`PreviousSecret::new`].
pub fn previous_secret(secret: impl Into<String>) -> PreviousSecret {
    PreviousSecret::new(secret)
}

impl PreviousSecret {
    /// Takes the text as it is. Without an end the secret is accepted for as long as it is configured.
    pub fn new(secret: impl Into<String>) -> Self {
        Secret::new(secret).into()
    }

    /// Ends the secret at `end`: from then on everything that it sealed is refused.
    #[must_use]
    pub fn until(mut self, end: Timestamp) -> Self {
        self.until = Some(end);
        self
    }

    /// Returns when the secret ends, if it ends.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.until
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl From<Secret> for PreviousSecret {
    fn from(secret: Secret) -> Self {
        Self { secret, until: None }
    }
}

impl From<String> for PreviousSecret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for PreviousSecret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}
