//! A clock that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::config::AuthBuilder;
use crate::crypto::Entropy;
use crate::time::{Clock, Timestamp, system_now};

/// A clock that stands still until a test moves it. Clones are the same clock.
///
/// ```
/// use auth_runtime::{Auth, testing};
/// use serde_json::json;
///
/// let clock = testing::TestClock::at(1_790_000_000);
/// let auth = Auth::builder().secret(testing::secret()).test_clock(&clock).build()?;
/// let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } }))?;
/// clock.advance(2 * 3600); // now the cookie is no longer valid
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Returns a clock that shows `unix_seconds`.
    pub fn at(unix_seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(unix_seconds)))
    }

    /// Returns a clock that stands still at the present time.
    pub fn now() -> Self {
        Self::at(system_now().as_unix())
    }

    /// Sets the clock, to later or to earlier.
    pub fn set(&self, unix_seconds: i64) {
        self.0.store(unix_seconds, Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: u64) {
        let later = Timestamp::from_unix(self.unix_seconds()).saturating_add(seconds);
        self.set(later.as_unix());
    }

    /// Returns the time that the clock shows, in unix seconds.
    pub fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl AuthBuilder {
    /// Takes the time from `clock` instead of the operating system.
    ///
    /// ```
    /// use auth_runtime::{Auth, testing};
    ///
    /// let clock = testing::TestClock::now();
    /// let auth = Auth::builder().secret(testing::secret()).test_clock(&clock).build()?;
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn test_clock(self, clock: &TestClock) -> Self {
        self.clock(Clock::Settable(Arc::clone(&clock.0)))
    }

    /// Lets every request for random bytes fail, so that a test sees what the application does then.
    ///
    /// ```
    /// use auth_runtime::{Auth, testing};
    /// use serde_json::json;
    ///
    /// let auth = Auth::builder().secret(testing::secret()).test_without_randomness().build()?;
    /// assert!(testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } })).is_err());
    /// # Ok::<(), auth_runtime::ConfigError>(())
    /// ```
    pub fn test_without_randomness(self) -> Self {
        self.entropy(Entropy::BROKEN)
    }
}
