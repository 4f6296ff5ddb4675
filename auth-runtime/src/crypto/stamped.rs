//! Containers with a stamp: the time at which the text ends, and a generation that tells which of several texts under
//! one key is the newer one.
//!
//! ```text
//! {"enc":"A256GCM","alg":"dir","end":1790086400,"generation":3}
//! ```
//!
//! Both members stand in the protected header, which the tag covers (RFC 7516 §5.1 step 14). A reader that does not
//! know them passes over them, as RFC 7516 §4 demands, so earlier versions of this crate open such containers too.

use base64::Engine as _;
use zeroize::Zeroizing;

use super::entropy::Entropy;
use super::jwe::{BASE64URL, OpenError, SealError, decode, split_header};
use super::key_ring::KeyRing;
use crate::json;
use crate::time::Timestamp;

/// The end and the generation of a sealed text. Without the secret they cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The time at which the text ends.
    pub(crate) end: Timestamp,
    /// A number greater than that of every text that was sealed for the same key before.
    pub(crate) generation: u64,
}

impl KeyRing {
    /// Like [`seal_under`](Self::seal_under), with a stamp.
    pub(crate) fn seal_stamped(
        &self,
        key: &str,
        text: &str,
        stamp: Stamp,
        entropy: Entropy,
    ) -> Result<String, SealError> {
        let Stamp { end, generation } = stamp;
        let header =
            format!(r#"{{"enc":"A256GCM","alg":"dir","end":{},"generation":{generation}}}"#, end.as_unix());
        let bound = Zeroizing::new(format!("{key}\n{text}"));
        self.seal_under_header(&BASE64URL.encode(header), bound.as_bytes(), entropy)
    }

    /// Opens the text that a store has under `key`, and returns its stamp. A text that an earlier
    /// version sealed has none.
    pub(crate) fn open_stamped(
        &self,
        key: &str,
        compact: &str,
        now: Timestamp,
    ) -> Result<(Zeroizing<String>, Option<Stamp>), OpenError> {
        let text = self.open_under(key, compact, now)?;
        // The text was opened, so the header is authentic.
        Ok((text, stamp_of(compact)?))
    }
}

/// Returns the stamp in the header, if there is one.
fn stamp_of(compact: &str) -> Result<Option<Stamp>, OpenError> {
    let header = split_header(compact.as_bytes()).and_then(|(header, _)| decode(header));
    let header = header.ok_or(OpenError::Malformed)?;
    let members =
        std::str::from_utf8(&header).ok().and_then(|text| json::members(text, ["end", "generation"]));
    match members.ok_or(OpenError::Malformed)? {
        [None, None] => Ok(None),
        [Some(end), Some(generation)] => {
            let generation = json::integer(generation).and_then(|number| u64::try_from(number).ok());
            let end = json::integer(end).map(Timestamp::from_unix);
            let stamp = end.zip(generation).map(|(end, generation)| Stamp { end, generation });
            stamp.map(Some).ok_or(OpenError::Malformed)
        }
        // A sealed text has both members or none.
        _ => Err(OpenError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Secret;

    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);
    const STAMP: Stamp = Stamp { end: Timestamp::from_unix(1_790_086_400), generation: 3 };

    fn ring() -> KeyRing {
        KeyRing::danger_accept_weak_secrets([Secret::new("secret")]).unwrap()
    }

    #[test]
    fn a_stamp_comes_back_with_its_text() {
        let sealed = ring().seal_stamped("key", "text", STAMP, Entropy::SYSTEM).unwrap();
        let (text, stamp) = ring().open_stamped("key", &sealed, NOW).unwrap();
        assert_eq!((text.as_str(), stamp), ("text", Some(STAMP)));
        assert!(ring().open_stamped("another key", &sealed, NOW).is_err());
    }

    #[test]
    fn a_stamp_cannot_be_changed_added_or_taken_away() {
        let ring = ring();
        let stamped = ring.seal_stamped("key", "text", STAMP, Entropy::SYSTEM).unwrap();
        let plain = ring.seal_under("key", "text", Entropy::SYSTEM).unwrap();
        let (header, rest) = stamped.split_once('.').unwrap();
        let (plain_header, plain_rest) = plain.split_once('.').unwrap();
        let text = String::from_utf8(decode(header.as_bytes()).unwrap().to_vec()).unwrap();
        let later = BASE64URL.encode(text.replace("1790086400", "1790086401"));
        for forged in [
            format!("{later}.{rest}"),
            format!("{plain_header}.{rest}"),
            format!("{header}.{plain_rest}"),
            format!("{}.{rest}", BASE64URL.encode(text.replace(":3", ":4"))),
        ] {
            assert_eq!(ring.open_stamped("key", &forged, NOW).unwrap_err(), OpenError::Undecryptable);
        }
    }

    #[test]
    fn this_version_and_the_one_before_it_read_each_others_containers() {
        let ring = ring();
        let stamped = ring.seal_stamped("key", "text", STAMP, Entropy::SYSTEM).unwrap();
        // What the version before this one does.
        assert_eq!(ring.open_under("key", &stamped, NOW).unwrap().as_str(), "text");
        let plain = ring.seal_under("key", "text", Entropy::SYSTEM).unwrap();
        let (text, stamp) = ring.open_stamped("key", &plain, NOW).unwrap();
        assert_eq!((text.as_str(), stamp), ("text", None));
    }
}
