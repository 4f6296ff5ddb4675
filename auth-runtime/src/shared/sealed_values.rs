//! Shared values that are sealed, so that only the instances of this service can read them.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::StoreError;
use super::values::SharedValues;
use crate::crypto::{Entropy, KeyRing, hexadecimal};
use crate::time::Clock;

/// A store for shared values, with the keys that seal them.
#[derive(Clone, Debug)]
pub(crate) struct SealedValues {
    values: SharedValues,
    keys: KeyRing,
    entropy: Entropy,
    clock: Clock,
}

/// A value, and the sealed text that the store has for it.
pub(crate) struct Seen {
    pub(crate) text: Zeroizing<String>,
    sealed: String,
}

impl SealedValues {
    /// Returns the values of a store, sealed with these keys, which are derived for stores.
    pub(crate) fn new(values: SharedValues, keys: KeyRing, entropy: Entropy) -> Self {
        Self { values, keys, entropy, clock: Clock::default() }
    }

    /// Sets the clock that shows which former secrets have ended.
    pub(crate) fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the store without sealing, for values that contain no secret.
    pub(crate) fn plain(&self) -> &SharedValues {
        &self.values
    }

    /// Returns the value under the key, if there is one.
    ///
    /// # Errors
    ///
    /// The store failed, or the value is not sealed for this key with a secret of this service.
    pub(crate) async fn read(&self, key: String) -> Result<Option<Seen>, StoreError> {
        let there = self.values.read(std::slice::from_ref(&key)).await?;
        let Some(sealed) = there.into_iter().next().flatten() else { return Ok(None) };
        let opened = self.keys.open_under(&key, &sealed, self.clock.now());
        let text = opened.map_err(|_| StoreError::unreadable(NOT_OURS))?;
        Ok(Some(Seen { text, sealed }))
    }

    /// Seals a value and puts it in the place of the value that was seen there, if that is still the present value.
    /// Returns whether it did.
    pub(crate) async fn compare_and_swap(
        &self,
        key: &str,
        seen: Option<&Seen>,
        text: &str,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let sealed = self.keys.seal_under(key, text, self.entropy).map_err(StoreError::new)?;
        self.values.compare_and_swap(key, seen.map(|seen| seen.sealed.as_str()), Some(&sealed), ttl).await
    }

    /// Returns a random name for the holder of a lease.
    pub(crate) fn new_name(&self) -> Result<String, StoreError> {
        let bytes = self.entropy.bytes::<16>().map_err(StoreError::new)?;
        Ok(hexadecimal(&bytes))
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

const NOT_OURS: &str = "a shared value is not sealed with a secret of this service";
