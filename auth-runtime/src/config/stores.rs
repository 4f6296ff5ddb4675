//! The stores: where sessions are kept, and what the instances of a service share.

use std::sync::Arc;
use std::time::Duration;

use super::builder::AuthBuilder;
use super::problem::ConfigProblem;
use crate::crypto::{Entropy, KeyRing};
use crate::session::{Lifetime, SessionCodec};
use crate::shared::SealedValues;
use crate::shared::{LEASE_TIME, SharedValues};
use crate::store::Tombstones;
use crate::store::{KeyValueStore, Records, Revocations, SessionStore, Sessions};
use crate::time::Clock;

/// The settings about stores, as given.
#[derive(Debug)]
pub(super) struct StoreSettings {
    sessions: Option<Arc<dyn SessionStore>>,
    revocations: Option<Arc<dyn KeyValueStore>>,
    /// The store for the values that instances share, if the session store does not hold them.
    pub(super) leases: Option<Arc<dyn KeyValueStore>>,
    seals_records: bool,
    timeout: Duration,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            sessions: None,
            revocations: None,
            leases: None,
            seals_records: false,
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

impl StoreSettings {
    /// Checks these settings. `has_domain` is true if the provider's domain is configured.
    pub(super) fn check(&self, has_domain: bool, problems: &mut Vec<ConfigProblem>) {
        if self.timeout.is_zero() {
            problems.push(ConfigProblem::StoreTimeout);
        }
        if self.timeout >= LEASE_TIME {
            problems.push(ConfigProblem::StoreTimeoutTooLong);
        }
        if self.seals_records && self.sessions.is_none() {
            problems.push(ConfigProblem::SealingWithoutStore);
        }
        match (&self.revocations, &self.sessions) {
            // A session in a store is ended by its deletion, so a revocation would never be asked.
            (Some(_), Some(_)) => problems.push(ConfigProblem::RevocationBesideStore),
            // A session in a cookie may not name its provider, and a revocation is stored by provider.
            (Some(_), None) if !has_domain => problems.push(ConfigProblem::RevocationWithoutDomain),
            _ => {}
        }
    }

    /// Returns whether a session can be ended without a request of its own browser: by the provider, or everywhere at
    /// once.
    pub(super) fn can_end_from_afar(&self) -> bool {
        self.sessions.is_some() || self.revocations.is_some()
    }

    /// Builds the access to sessions as configured. `keys` is the key ring for stores. `domain` is the provider of
    /// sessions that name none.
    pub(super) fn sessions(
        &self,
        codec: SessionCodec,
        keys: &KeyRing,
        entropy: Entropy,
        domain: Option<String>,
        lifetime: Lifetime,
    ) -> Sessions {
        let records = self.sessions.clone().map(|store| {
            let records = Records::new(store, self.timeout);
            if self.seals_records { records.sealed(keys.clone(), entropy) } else { records }
        });
        let sessions = Sessions::new(codec, records);
        let sessions = sessions.with_tombstones(self.tombstones(domain.clone()));
        match self.revocations.clone() {
            Some(store) => {
                let values = SharedValues::new(store, self.timeout);
                sessions.with_revocations(Revocations::new(values, domain, lifetime.absolute()))
            }
            None => sessions,
        }
    }

    /// Builds the tombstones of sessions that ended a moment ago. They are in the store of the revocations, else in a
    /// store that instances share, else in this process's memory. Returns `None` where no session can be ended from
    /// afar.
    fn tombstones(&self, domain: Option<String>) -> Option<Tombstones> {
        let of_sessions = |store: Arc<dyn SessionStore>| {
            let shared = store.tombstones().or_else(|| self.leases.clone());
            shared.unwrap_or_else(|| Arc::new(crate::store::MemoryStore::for_tombstones()))
        };
        let store = self.revocations.clone().or_else(|| self.sessions.clone().map(of_sessions))?;
        Some(Tombstones::new(SharedValues::new(store, self.timeout), domain))
    }

    /// Builds the encrypted values about refresh tokens that instances share; `None` where no store holds them.
    pub(super) fn leases(&self, keys: &KeyRing, entropy: Entropy, clock: &Clock) -> Option<SealedValues> {
        let of_sessions = || self.sessions.clone().and_then(SessionStore::key_values);
        let store = self.leases.clone().or_else(of_sessions)?;
        let values = SharedValues::new(store, self.timeout);
        Some(SealedValues::new(values, keys.clone(), entropy).with_clock(clock.clone()))
    }
}

impl AuthBuilder {
    /// Keeps sessions in a store. By default the session cookie holds the whole session.
    ///
    /// ```
    /// use auth_runtime::Auth;
    /// use auth_runtime::store::MemoryStore;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth = Auth::builder().secret(secret).session_store(MemoryStore::new()).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.stores.sessions = Some(Arc::new(store));
        self
    }

    /// Lets sessions in cookies end before their time: when the user signs out, when the provider says so
    /// ([`backchannel_logout`](Self::backchannel_logout)), or everywhere at once
    /// ([`Auth::sign_out_everywhere`](crate::Auth::sign_out_everywhere)). The service then asks the store at each
    /// request with a session. This setting needs a [`domain`](Self::domain). It is refused beside a
    /// [`session_store`](Self::session_store), because there a session ends when its record is removed.
    ///
    /// Give the same store to every service that reads these cookies. A service without it accepts a revoked cookie
    /// until the cookie expires. A revocation is kept for as long as a session may live.
    ///
    /// ```
    /// use auth_runtime::Auth;
    /// use auth_runtime::store::MemoryStore;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let auth =
    ///     Auth::builder().secret(secret).domain("id.example.com").revocation(MemoryStore::new()).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn revocation(mut self, store: impl KeyValueStore) -> Self {
        self.stores.revocations = Some(Arc::new(store));
        self
    }

    /// Encrypts what the session store holds. Records are encrypted with keys that are derived from the service's
    /// secrets, session ids are hashed, and users are found by keyed codes. It is for a store from which no other
    /// application reads sessions: a record that was not written in this way is no session.
    ///
    /// The end of a record is encrypted with the record. An attacker with write access to the store can still end
    /// sessions early. Such an attacker can also put back an earlier state of a record, even of a session whose user
    /// has signed out, until the end that was encrypted in it.
    ///
    /// ```
    /// use auth_runtime::Auth;
    /// use auth_runtime::store::MemoryStore;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let store = MemoryStore::new();
    /// let auth = Auth::builder().secret(secret).session_store(store).seal_records(true).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn seal_records(mut self, seal: bool) -> Self {
        self.stores.seals_records = seal;
        self
    }

    /// Sets how long a store may take to answer, 2 seconds by default. After that the request is answered with 503.
    ///
    /// The time must be less than 5 seconds. An instance sends a refresh token under a lease of 5 seconds from the
    /// store, and a lease that the store granted in a later answer would have ended already.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use auth_runtime::Auth;
    ///
    /// let builder = Auth::builder().store_timeout(Duration::from_millis(500));
    /// # let _ = builder;
    /// ```
    pub fn store_timeout(mut self, timeout: Duration) -> Self {
        self.stores.timeout = timeout;
        self
    }
}

/// The default timeout of a store: longer than a healthy store takes, and short enough for a user who waits.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_of_nothing_is_a_problem() {
        let build = |timeout| {
            let builder = AuthBuilder::default().secret("c4e19b7250fd83a6e8b1d70f42956acb");
            builder.store_timeout(timeout).build()
        };
        assert_eq!(build(Duration::ZERO).unwrap_err().problems(), [ConfigProblem::StoreTimeout]);
        build(Duration::from_millis(1)).unwrap();
    }

    #[test]
    fn a_timeout_that_is_no_shorter_than_a_lease_is_a_problem() {
        let build = |timeout| {
            let builder = AuthBuilder::default().secret("c4e19b7250fd83a6e8b1d70f42956acb");
            builder.store_timeout(timeout).build()
        };
        for timeout in [LEASE_TIME, Duration::from_secs(60), Duration::MAX] {
            let error = build(timeout).unwrap_err();
            assert_eq!(error.problems(), [ConfigProblem::StoreTimeoutTooLong], "{timeout:?}");
        }
        build(LEASE_TIME.checked_sub(Duration::from_millis(1)).unwrap()).unwrap();
    }

    #[test]
    fn what_would_do_nothing_or_miss_somebody_is_a_problem() {
        let builder = || AuthBuilder::default().secret("c4e19b7250fd83a6e8b1d70f42956acb");
        let memory = crate::store::MemoryStore::new;
        for (builder, problem) in [
            (builder().seal_records(true), ConfigProblem::SealingWithoutStore),
            (builder().revocation(memory()), ConfigProblem::RevocationWithoutDomain),
            (
                builder().domain("id.example.com").session_store(memory()).revocation(memory()),
                ConfigProblem::RevocationBesideStore,
            ),
        ] {
            assert_eq!(builder.build().unwrap_err().problems(), [problem]);
        }
        builder().domain("id.example.com").revocation(memory()).build().unwrap();
        builder().session_store(memory()).seal_records(true).build().unwrap();
    }
}
