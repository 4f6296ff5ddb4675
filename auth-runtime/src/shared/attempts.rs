//! How those who change one thing in a store get out of each other's way.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::error::StoreError;

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
