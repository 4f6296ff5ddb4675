//! The text of a record under its key.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::session::Revision;
use crate::shared::StoreError;
use crate::store::{Record, RecordIndex};
use crate::time::Timestamp;

/// The text of a sealed record, with the names that the record is found by. A session whose JSON begins with a member
/// `sealed` is not taken for it, since a session has further members.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    #[serde(rename = "sealed")]
    text: Cow<'a, str>,
    iss: Option<String>,
    sub: Option<String>,
    sid: Option<String>,
}

/// Returns the text to keep for a record: the session's JSON as it is, since nextjs-auth0 may read it too, or the
/// sealed text with its names.
pub(super) fn text(record: &Record) -> Cow<'_, str> {
    if record.text().starts_with('{') {
        return Cow::Borrowed(record.text());
    }
    let RecordIndex { iss, sub, sid } = record.index().clone();
    let sealed = Sealed { text: Cow::Borrowed(record.text()), iss, sub, sid };
    // JSON of texts alone can always be written.
    serde_json::to_string(&sealed).map_or(Cow::Borrowed(record.text()), Cow::Owned)
}

/// Returns the server's value under a key as text; an unreadable value if it is not UTF-8.
pub(super) fn text_of(value: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(value).map_err(|_| StoreError::unreadable("a value is no text"))
}

/// Reads the record that is kept for `left` more milliseconds. Returns `None` if the record has just ended. A program
/// that shares the store may keep a record without an end: then only the session's own times end it.
pub(super) fn read(text: String, left: i64, now: Timestamp) -> Option<Record> {
    let expires_at = match left {
        NO_RECORD => return None,
        NO_END => Timestamp::MAX_SENSIBLE,
        left => now.saturating_add(u64::try_from(left).ok()?.saturating_add(500).checked_div(1_000)?),
    };
    let revision = Revision::new(text.as_str());
    let record = match text.starts_with(SEALED).then(|| serde_json::from_str(&text)) {
        Some(Ok(Sealed { text, iss, sub, sid })) => {
            Record::new(text, expires_at, now).with_index(RecordIndex { iss, sub, sid })
        }
        Some(Err(_)) | None => Record::new(text, expires_at, now),
    };
    Some(record.with_revision(revision))
}

/// The answer of `PTTL` for a key that is not there.
const NO_RECORD: i64 = -2;
/// The answer of `PTTL` for a key without an end.
const NO_END: i64 = -1;
/// The beginning of the text of a sealed record.
const SEALED: &str = r#"{"sealed":"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::at;

    #[test]
    fn a_session_is_kept_as_it_is_and_what_is_sealed_with_what_it_is_found_by() {
        let session = r#"{"user":{"sub":"ada"},"n":1.0}"#;
        assert_eq!(text(&Record::new(session, at(60), at(0))), session);
        let index = RecordIndex { iss: None, sub: Some("s".to_owned()), sid: Some("\"".to_owned()) };
        let sealed = Record::new("ey..x", at(60), at(0)).with_index(index.clone());
        let kept = text(&sealed).into_owned();
        let read = read(kept.clone(), 59_600, at(100)).unwrap();
        assert_eq!((read.text(), read.index(), read.expires_at()), ("ey..x", &index, at(160)));
        assert_eq!(read.revision().as_str(), kept);
    }

    #[test]
    fn a_session_with_a_member_called_sealed_is_read_as_it_is() {
        let session = r#"{"sealed":"ey..x","user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1}}"#;
        assert_eq!(read(session.to_owned(), 1_000, at(0)).unwrap().text(), session);
    }

    #[test]
    fn a_record_without_an_end_is_kept_for_ever_and_one_that_is_gone_is_none() {
        assert_eq!(read("{}".to_owned(), NO_END, at(7)).unwrap().expires_at(), Timestamp::MAX_SENSIBLE);
        assert!(read("{}".to_owned(), NO_RECORD, at(7)).is_none());
    }
}
