//! What a store has of a refresh token, for the fuzz targets.

use std::time::Duration;

use super::chain::Purpose;
use super::refresher::Wanted;
use super::spent::{Asking, Spent};
use crate::time::Timestamp;

pub(crate) fn entry(text: &str, now: i64) -> Option<String> {
    let spent = Spent::parse(text)?;
    for fresh in [false, true] {
        let purpose = Purpose::of(&Wanted::default());
        let (grace, now) = (Duration::from_secs(60), Timestamp::from_unix(now));
        let asking = Asking { purpose: &purpose, fresh, waited_for: Some("by"), grace, now };
        // Whatever it finds: that it finds something at all is what is asked.
        let _ = spent.find(asking);
    }
    spent.to_text().map(|text| text.to_string())
}
