//! Writing a session back into its record, beside others who write it too.

use zeroize::Zeroizing;

use super::record::Record;
use super::records::Records;
use super::saving::check_size;
use super::session_store::Update;
use super::sessions::SaveError;
use crate::json;
use crate::session::{StoreId, Versions, merged};
use crate::shared::{StoreError, next_attempt};
use crate::time::Timestamp;

/// What one request makes of a session.
pub(super) struct Change<'a> {
    /// The record's JSON as it was read.
    pub(super) base: &'a str,
    /// As it is to be now.
    pub(super) record: &'a Record,
    /// The generation of the record that was read.
    pub(super) seen: Option<u64>,
}

/// Replaces a record that somebody else has written since it was read, with what both changed. `false` if it has been
/// deleted: then it stays so.
pub(super) async fn write_merged(
    records: &Records,
    id: &StoreId,
    change: Change<'_>,
    newest: Option<&str>,
    now: Timestamp,
) -> Result<bool, SaveError> {
    let mut attempt = 0;
    loop {
        let Some(theirs) = records.get_readable(id, now).await? else { return Ok(false) };
        // Past its end it is nobody's any more, and what belongs to another sign-in is not merged with this one.
        if theirs.expires_at() <= now || !is_one_session(change.base, theirs.text()) {
            return Ok(false);
        }
        // An older record than the one that was read: whoever put it back is none of the service's instances.
        if theirs.is_older_than(change.seen) {
            return Ok(false);
        }
        let versions = Versions { base: change.base, mine: change.record.text(), theirs: theirs.text() };
        let text: Zeroizing<String> = merged(versions, newest).map_err(StoreError::new)?;
        if text.as_str() == theirs.text() {
            // Many requests that renew one token all write the same.
            return Ok(true);
        }
        check_size(&text)?;
        let next = theirs.generation().map(|generation| generation.saturating_add(1));
        let record = Record::new(text.as_str(), change.record.expires_at(), now).with_generation(next);
        match records.update(id, theirs.revision(), &record).await? {
            Update::Done => return Ok(true),
            Update::Absent => return Ok(false),
            Update::Changed => next_attempt(&mut attempt).await?,
        }
    }
}

/// Returns whether both are of one user's one sign-in.
fn is_one_session(one: &str, other: &str) -> bool {
    let of =
        |session, object, name| json::member(session, object).and_then(|inner| json::member(inner, name));
    [("user", "sub"), ("internal", "createdAt")]
        .iter()
        .all(|(object, name)| of(one, object, name) == of(other, object, name))
}
