//! Writing a session back into its record, beside others who write it too.

use std::time::Duration;

use zeroize::Zeroizing;

use super::record::Record;
use super::records::Records;
use super::session_store::Update;
use crate::session::{StoreId, Versions, merged};
use crate::shared::StoreError;

/// What one request makes of a session.
pub(super) struct Change<'a> {
    /// The record's JSON as it was read.
    pub(super) base: &'a str,
    /// As it is to be now.
    pub(super) record: &'a Record,
}

/// Replaces a record that somebody else has written since it was read, with what both changed. `false` if it has been
/// deleted: then it stays so.
pub(super) async fn write_merged(
    records: &Records,
    id: &StoreId,
    change: Change<'_>,
    newest: Option<&str>,
    now: i64,
) -> Result<bool, StoreError> {
    for attempt in 1..=MAX_ATTEMPTS {
        let Some(theirs) = records.get(id, now).await? else { return Ok(false) };
        let versions = Versions { base: change.base, mine: change.record.text(), theirs: theirs.text() };
        let text: Zeroizing<String> = merged(versions, newest).map_err(StoreError::new)?;
        if text.as_str() == theirs.text() {
            // Many requests that renew one token all write the same.
            return Ok(true);
        }
        let record = Record::new(text.as_str(), change.record.expires_at(), now);
        match records.update(id, theirs.revision(), &record).await? {
            Update::Done => return Ok(true),
            Update::Absent => return Ok(false),
            Update::Changed => tokio::time::sleep(pause(attempt)).await,
        }
    }
    Err(StoreError::new("others change the session all the time"))
}

/// Random, so that those who wait do not do so in step.
fn pause(attempt: u32) -> Duration {
    let spread = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), attempt);
    Duration::from_micros(spread.checked_rem(u64::from(attempt).saturating_mul(500)).unwrap_or(0))
}

/// One of those who write at the same time gets through at each attempt.
const MAX_ATTEMPTS: u32 = 100;
