//! A shared entry as the fuzz targets read it.

use std::time::Duration;

use super::entry::Asking;
use super::exchange::SharedEntry;
use super::outcome::Purpose;
use super::refresher::Wanted;
use crate::time::Timestamp;

/// Reads an entry from a store's text, asks it for outcomes, and returns it as text.
pub(crate) fn entry(text: &str, now: i64) -> Option<String> {
    let entry = SharedEntry::parse(text)?;
    for fresh in [false, true] {
        let purpose = Purpose::of(&Wanted::default());
        let (grace, now) = (Duration::from_secs(60), Timestamp::from_unix(now));
        let asking =
            Asking { purpose: &purpose, fresh, waited_for: &|by| by == "by", grace, came_at: now, now };
        // The target only checks that the question does not panic.
        let _ = entry.find(&asking);
    }
    entry.to_text().map(|text| text.to_string())
}
