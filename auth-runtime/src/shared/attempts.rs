//! Attempts at a compare-and-swap that several instances make on one value.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::error::StoreError;
use super::unreadable::log_unreadable;
use super::values::SharedValues;

/// Replaces the value under the key by the value that `new` returns for it, for the time `ttl`. Where `new` returns
/// `None`
/// the value stays. If another instance wrote at the same time, `new` is called again with what it wrote. A value that
/// cannot be read is logged, and counts as no value.
///
/// # Errors
///
/// The store failed, `new` failed, or other instances wrote first at each of the attempts ([`next_attempt`]).
pub(crate) async fn change(
    values: &SharedValues,
    key: &str,
    ttl: Duration,
    new: impl Fn(Option<&str>) -> Result<Option<String>, StoreError>,
) -> Result<(), StoreError> {
    let keys = [key.to_owned()];
    let mut attempt = 0;
    loop {
        let there = match values.read(&keys).await {
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                None
            }
            there => there?.pop().flatten(),
        };
        let Some(value) = new(there.as_deref())? else { return Ok(()) };
        if values.compare_and_swap(key, there.as_deref(), Some(&value), ttl).await? {
            return Ok(());
        }
        next_attempt(&mut attempt).await?;
    }
}

/// The maximum number of attempts. At each attempt one of the instances that write at the same time succeeds.
pub(crate) const MAX_ATTEMPTS: u32 = 100;

/// Waits before the next attempt: a random time whose bound grows with each attempt, so that the waiting requests do
/// not try again at the same moment.
///
/// # Errors
///
/// [`MAX_ATTEMPTS`] attempts were made. A store that answers so often with an outdated value does not work.
pub(crate) async fn next_attempt(attempt: &mut u32) -> Result<(), StoreError> {
    *attempt = attempt.saturating_add(1);
    if *attempt >= MAX_ATTEMPTS {
        return Err(StoreError::new("other requests changed it at each attempt"));
    }
    let longest = u64::from(*attempt).saturating_mul(500);
    let microseconds = RandomState::new().hash_one(*attempt).checked_rem(longest).unwrap_or(0);
    tokio::time::sleep(Duration::from_micros(microseconds)).await;
    Ok(())
}
