//! Writing a session back into a record that another request has written since.

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

/// The change that one request makes to a session.
pub(super) struct Change<'a> {
    /// The record's JSON as the request read it.
    pub(super) base: &'a str,
    /// The record as the request wants to write it.
    pub(super) record: &'a Record,
    /// The generation of the record that was read.
    pub(super) seen: Option<u64>,
}

/// Merges the change into a record that another request has written since this request read it. `newest` is the newest
/// refresh token that is known.
///
/// Returns `false` if the record is not there, has ended, belongs to another sign-in, or was put back in an older
/// state: then nothing is written.
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
        // A record that has ended is not revived, and two sign-ins are never merged.
        if theirs.expires_at() <= now || !is_one_session(change.base, theirs.text()) {
            return Ok(false);
        }
        // No instance of the service writes an older generation, so another program put this record back.
        if theirs.is_older_than(change.seen) {
            return Ok(false);
        }
        let versions = Versions { base: change.base, mine: change.record.text(), theirs: theirs.text() };
        let text: Zeroizing<String> = merged(versions, newest).map_err(StoreError::new)?;
        if text.as_str() == theirs.text() {
            // Nothing is left to write: several requests that renew one token write the same session.
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

/// Returns whether both sessions are of one sign-in of one user.
fn is_one_session(one: &str, other: &str) -> bool {
    let of =
        |session, object, name| json::member(session, object).and_then(|inner| json::member(inner, name));
    [("user", "sub"), ("internal", "createdAt")]
        .iter()
        .all(|(object, name)| of(one, object, name) == of(other, object, name))
}
