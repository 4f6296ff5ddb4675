//! What a session store has under a key, read.

use super::document::SessionDocument;
use super::legacy;
use super::lifetime::Lifetime;
use super::reason::Reason;
use crate::crypto::ProtectedHeader;
use crate::json;
use crate::time::Timestamp;

/// Reads a store's record: the session's JSON, or what v3 stored, `{"header":{…},"data":{…}}`. `header` is the member of
/// that name, which who calls has at hand.
pub(super) fn read(
    text: &str,
    header: Option<&str>,
    legacy: bool,
    lifetime: Option<&Lifetime>,
    now: Timestamp,
) -> Result<SessionDocument, Reason> {
    if let Some(header) = header.filter(|raw| json::is_object(raw)) {
        let time = |name| json::member(header, name).and_then(json::number);
        let mut times = ProtectedHeader::default();
        (times.iat, times.uat, times.exp) = (time("iat"), time("uat"), time("exp"));
        if times.is_legacy() {
            if !legacy {
                return Err(Reason::LegacyDisabled);
            }
            let times = legacy::check_times(&times, lifetime, now)?;
            let data = json::member(text, "data").ok_or(Reason::WrongShape)?;
            return legacy::translate(data, times.created_at).map_err(|_| Reason::WrongShape);
        }
    }
    SessionDocument::parse_sensitive(text).map_err(|_| Reason::WrongShape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pay_27_a_record_of_another_shape_is_no_session() {
        let now = Timestamp::from_unix(100);
        let of = |text, legacy| read(text, json::member(text, "header"), legacy, None, now);
        for text in ["null", "", "{}", "[]", r#"{"header":{"iat":1},"data":{}}"#, r#"{"user":{"sub":"u"}"#] {
            assert!(of(text, true).is_err(), "{text}");
        }
        let v3 = r#"{"header":{"iat":1,"uat":1,"exp":200},"data":{"user":{"sub":"u"}}}"#;
        assert!(of(v3, true).is_ok());
        assert_eq!(of(v3, false).unwrap_err(), Reason::LegacyDisabled);
    }
}
