//! What a store has of a refresh token, for the fuzz targets.

use std::time::Duration;

use super::entry::Asking;
use super::exchange::SharedEntry;
use super::outcome::Purpose;
use super::refresher::Wanted;
use crate::time::Timestamp;

pub(crate) fn entry(text: &str, now: i64) -> Option<String> {
    let entry = SharedEntry::parse(text)?;
    for fresh in [false, true] {
        let purpose = Purpose::of(&Wanted::default());
        let (grace, now) = (Duration::from_secs(60), Timestamp::from_unix(now));
        let asking =
            Asking { purpose: &purpose, fresh, waited_for: &|by| by == "by", grace, came_at: now, now };
        // Whatever it finds: that it finds something at all is what is asked.
        let _ = entry.find(&asking);
    }
    entry.to_text().map(|text| text.to_string())
}
