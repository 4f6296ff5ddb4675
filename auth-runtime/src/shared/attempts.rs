//! How those who change one thing in a store get out of each other's way.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::error::StoreError;
use super::unreadable::log_unreadable;
use super::values::SharedValues;

/// Puts in the place of a value what `new` makes of it, for the time `ttl`; `None` lets it be. What another instance wrote
/// at the same time is looked at again. A value that cannot be read is told of in the log, and counts as none.
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

/// Attempts that are made at most. One of those who write at the same time gets through at each.
pub(crate) const MAX_ATTEMPTS: u32 = 100;

/// Waits a while before the next attempt: longer each time, and at random, so that those who wait do not do so in step.
///
/// # Errors
///
/// There were [`MAX_ATTEMPTS`]. A store that answers so often with what is no longer so is not one that can be asked.
pub(crate) async fn next_attempt(attempt: &mut u32) -> Result<(), StoreError> {
    *attempt = attempt.saturating_add(1);
    if *attempt >= MAX_ATTEMPTS {
        return Err(StoreError::new("others change it all the time"));
    }
    let longest = u64::from(*attempt).saturating_mul(500);
    let microseconds = RandomState::new().hash_one(*attempt).checked_rem(longest).unwrap_or(0);
    tokio::time::sleep(Duration::from_micros(microseconds)).await;
    Ok(())
}
