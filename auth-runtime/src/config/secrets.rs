//! The secrets that sessions are encrypted with, and the previous ones.

use super::builder::AuthBuilder;
use super::problem::ConfigProblem;
use crate::crypto::{KeyRing, KeyRingError, PreviousSecret, Secret};

/// The secrets as given.
#[derive(Debug, Default)]
pub(super) struct SecretSettings {
    /// The current secret, and older ones without an end.
    secrets: Vec<Secret>,
    /// The secrets of `previous_secret`, some of them with an end.
    previous: Vec<PreviousSecret>,
}

impl AuthBuilder {
    /// Adds a secret of the session cookies, verbatim (`AUTH0_SECRET`). The first secret encrypts. Each further one is
    /// an older secret without an end, which only decrypts. At most four secrets are accepted in all.
    ///
    /// ```
    /// use auth_runtime::Auth;
    ///
    /// # let (new, old) = (auth_runtime::__private::random_secret(), auth_runtime::__private::random_secret());
    /// let auth = Auth::builder().secret(new).secret(old).build()?;
    ///
    /// assert!(Auth::builder().secret("guessable").build().is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.secrets.push(Secret::new(secret));
        self
    }

    /// Adds a secret that was the current one before a planned change. A cookie that it encrypted is accepted until the
    /// secret's end. In a service that owns sessions, the first request with such a cookie gets one that is encrypted
    /// with the current secret. At most four secrets are accepted in all.
    ///
    /// The session of such a cookie keeps its absolute end: its sign-in plus the absolute lifetime. A good end for the
    /// secret is therefore the time of the change plus that lifetime. By then every session is encrypted anew or over,
    /// and no user has to sign in again because of the change.
    ///
    /// This is for a secret that **no attacker has**. An attacker who has it can make sessions until its end, and these
    /// sessions live on under the new secret for up to the absolute lifetime. Remove a secret that leaked, although
    /// every user then has to sign in again.
    ///
    /// ```
    /// use auth_runtime::codec::Timestamp;
    /// use auth_runtime::{Auth, previous_secret};
    ///
    /// # let new = auth_runtime::__private::random_secret();
    /// # let old = auth_runtime::__private::random_secret();
    /// // Changed on 21 September 2026; sessions live for three days.
    /// let changed = Timestamp::from_unix(1_790_000_000);
    /// let auth = Auth::builder()
    ///     .secret(new)
    ///     .previous_secret(previous_secret(old).until(changed.saturating_add(3 * 86_400)))
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn previous_secret(mut self, secret: impl Into<PreviousSecret>) -> Self {
        self.secrets.previous.push(secret.into());
        self
    }
}

impl SecretSettings {
    /// Derives the keys of all secrets, those of the current one first.
    pub(super) fn check(self, problems: &mut Vec<ConfigProblem>) -> Option<KeyRing> {
        let mut secrets = self.secrets.into_iter();
        // A previous secret never becomes the current one, even where no current one is given.
        let Some(current) = secrets.next() else {
            problems.push(ConfigProblem::SecretMissing);
            return None;
        };
        let older: Vec<PreviousSecret> = secrets.map(PreviousSecret::from).chain(self.previous).collect();
        let all = || std::iter::once(&current).chain(older.iter().map(PreviousSecret::secret));
        if all().any(Secret::has_outer_white_space) {
            tracing::warn!(
                "a secret of AUTH0_SECRET or AUTH0_SECRETS (`secret`, `previous_secret`) begins or ends with white space, which counts as part of it: remove it, unless every service has it"
            );
        }
        // The key ring would name only the first weak secret.
        let weak = all().enumerate().filter_map(|(index, secret)| {
            let weakness = secret.weakness()?;
            Some(ConfigProblem::Secrets(KeyRingError::Weak { index, weakness }))
        });
        let found = problems.len();
        problems.extend(weak);
        if problems.len() > found {
            return None;
        }
        KeyRing::rotating(current, older).map_err(|error| problems.push(ConfigProblem::Secrets(error))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Entropy, Weakness, previous_secret};
    use crate::time::Timestamp;

    const NEW: &str = "71d5e0c93a8f46b2b90e6c7fd1482a35";
    const OLD: &str = "c4e19b7250fd83a6e8b1d70f42956acb";
    const END: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn keys(builder: AuthBuilder) -> KeyRing {
        builder.check().unwrap().callers.sessions.codec().keys().clone()
    }

    #[test]
    fn key_03_the_current_secret_writes_in_whatever_order_they_are_given() {
        let builder = || AuthBuilder::default();
        for builder in [
            builder().secret(NEW).previous_secret(previous_secret(OLD).until(END)),
            builder().previous_secret(previous_secret(OLD).until(END)).secret(NEW),
        ] {
            let sealed = keys(builder).seal(b"x", Entropy::SYSTEM).unwrap();
            assert!(KeyRing::new([Secret::new(NEW)]).unwrap().open(sealed).is_ok());
        }
        let problems = builder().previous_secret(OLD).check().unwrap_err();
        assert_eq!(problems.problems(), [ConfigProblem::SecretMissing]);
    }

    #[test]
    fn key_03_only_a_previous_secret_has_an_end() {
        let sealed = KeyRing::new([Secret::new(OLD)]).unwrap().seal(b"x", Entropy::SYSTEM).unwrap();
        let opens = |builder: AuthBuilder, now| keys(builder).open_at(sealed.as_bytes(), now).is_ok();
        let long_after = END.saturating_add(1 << 32);
        assert!(opens(AuthBuilder::default().secret(NEW).secret(OLD), long_after));
        assert!(opens(AuthBuilder::default().secret(NEW).previous_secret(OLD), long_after));
        let ending = || AuthBuilder::default().secret(NEW).previous_secret(previous_secret(OLD).until(END));
        assert!(opens(ending(), END.saturating_sub(1)));
        assert!(!opens(ending(), END));
    }

    #[test]
    fn key_04_previous_secrets_count_and_are_checked() {
        let many =
            ["a", "b", "c", "d"].into_iter().fold(AuthBuilder::default().secret(NEW), |builder, last| {
                builder.previous_secret(format!("{OLD}{last}"))
            });
        let error = many.check().unwrap_err();
        assert_eq!(error.problems(), [ConfigProblem::Secrets(KeyRingError::TooMany { count: 5 })]);
        let error = AuthBuilder::default().secret(NEW).previous_secret("short").check().unwrap_err();
        let weakness = Weakness::TooShort { bytes: 5 };
        assert_eq!(error.problems(), [ConfigProblem::Secrets(KeyRingError::Weak { index: 1, weakness })]);
        let shown = format!("{:?} {:?}", previous_secret(OLD), AuthBuilder::default().previous_secret(OLD));
        assert!(!shown.contains(OLD), "{shown}");
    }
}
