//! A record of a session store, read in the form that the cookie which named it decides.
//!
//! ```text
//! named by a sealed cookie         {"user":{…},"tokenSet":{…},"internal":{…}, anything else}
//! named by a cookie that v3 signed {"header":{"iat":…,"uat":…,"exp":…},"data":{…}}, or the same as above
//! ```
//!
//! The application's members stand at the top of the first form and inside of `data` of the second, so the application
//! cannot make one form look like the other.

use super::codec::SessionCodec;
use super::connections::{self, Connections};
use super::document::SessionDocument;
use super::legacy;
use super::lifetime::Lifetime;
use super::reason::Reason;
use super::verified::{Origin, VerifiedSession};
use crate::cookie::RequestCookies;
use crate::crypto::ProtectedHeader;
use crate::json;
use crate::time::Timestamp;

impl SessionCodec {
    /// Reads and verifies a record of a session store, without the cookie that named it.
    pub(crate) fn verify_record(&self, record: &str, now: Timestamp) -> Result<VerifiedSession, Reason> {
        let is_legacy = is_of_v3(record);
        if is_legacy && !self.legacy {
            return Err(Reason::LegacyDisabled);
        }
        self.verify_as(record, Origin { is_legacy, ..Origin::default() }, now)
    }

    /// Reads and verifies the record that these cookies name.
    pub(crate) fn verify_named_record(
        &self,
        cookies: &RequestCookies<'_>,
        record: &str,
        now: Timestamp,
    ) -> Result<VerifiedSession, Reason> {
        let (_, origin) = self.open_store_id(cookies, now)?;
        self.verify_as(record, origin, now)
    }

    fn verify_as(&self, record: &str, origin: Origin, now: Timestamp) -> Result<VerifiedSession, Reason> {
        let document = self.document_of(record, origin, now)?;
        let expires_at = document.expires_at();
        self.accept(document, expires_at, origin, now)
    }

    /// Reads a store's record that ends at `expires_at`, and the tokens of federated connections in it. `origin` is
    /// that of the cookie that named the record.
    pub(crate) fn read_stored(
        &self,
        record: &str,
        expires_at: Timestamp,
        origin: Origin,
        now: Timestamp,
    ) -> Result<(VerifiedSession, Connections), Reason> {
        let sets = json::member(record, "connectionTokenSets");
        let (document, connections) = match sets.and_then(|_| connections::split_off(record)) {
            Some((session, connections)) => (self.document_of(&session, origin, now)?, connections),
            None => (self.document_of(record, origin, now)?, Vec::new()),
        };
        let session = self.accept(document, Some(expires_at), origin, now)?;
        Ok((session, Connections::in_record(connections)))
    }

    /// Reads the session of a record. The cookie that named the record decides its form, never the record itself.
    fn document_of(&self, record: &str, origin: Origin, now: Timestamp) -> Result<SessionDocument, Reason> {
        if origin.is_legacy { read_of_v3(record, self.lifetime(), now) } else { read(record) }
    }
}

/// Reads a record that a sealed cookie named. It must have the form of today, and is never taken for a record of v3,
/// whatever its members are called.
fn read(text: &str) -> Result<SessionDocument, Reason> {
    SessionDocument::parse_sensitive(text).map_err(|_| Reason::WrongShape)
}

/// Reads a record that a cookie signed by v3 named. A record that was rewritten in place has the form of today.
fn read_of_v3(text: &str, lifetime: Option<&Lifetime>, now: Timestamp) -> Result<SessionDocument, Reason> {
    let Some(V3 { header, data }) = V3::of(text) else { return read(text) };
    let time = |name| json::member(header, name).and_then(json::number);
    let mut times = ProtectedHeader::default();
    (times.iat, times.uat, times.exp) = (time("iat"), time("uat"), time("exp"));
    if !times.is_legacy() {
        return Err(Reason::WrongShape);
    }
    let times = legacy::check_times(&times, lifetime, now)?;
    legacy::translate(data, times.created_at).map_err(|_| Reason::WrongShape)
}

/// Returns whether the text has the form of v3, for a caller without the cookie that named the record.
fn is_of_v3(text: &str) -> bool {
    V3::of(text).is_some()
}

/// The members of a v3 record, as raw JSON.
struct V3<'a> {
    header: &'a str,
    data: &'a str,
}

impl<'a> V3<'a> {
    /// Returns the members of a v3 record. No member that a session of today is made of may stand beside them.
    fn of(text: &'a str) -> Option<Self> {
        let names = ["header", "data", "user", "tokenSet", "internal"];
        let [header, data, user, token_set, internal] = json::members_once(text, names)?;
        if user.or(token_set).or(internal).is_some() {
            return None;
        }
        let object = |raw: Option<&'a str>| raw.filter(|raw| json::is_object(raw));
        Some(Self { header: object(header)?, data: object(data)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::SeenNames;
    use crate::crypto::{KeyRing, Secret};

    const V3: &str = r#"{"header":{"iat":1,"uat":1,"exp":200},"data":{"user":{"sub":"u"}}}"#;
    const NOW: Timestamp = Timestamp::from_unix(100);

    #[test]
    fn pay_27_a_record_of_another_shape_is_no_session() {
        for text in [
            "null",
            "",
            "{}",
            "[]",
            r#"{"header":{"iat":1},"data":{}}"#,
            r#"{"header":{"iat":0,"uat":1,"exp":200},"data":{"user":{"sub":"u"}}}"#,
            r#"{"header":[],"data":{"user":{"sub":"u"}}}"#,
            r#"{"user":{"sub":"u"}"#,
        ] {
            assert!(read(text).is_err() && read_of_v3(text, None, NOW).is_err(), "{text}");
        }
    }

    /// Whoever learned the old secret could name a time after its end, within the tolerance of clocks.
    #[test]
    fn key_03_a_record_is_held_to_the_end_of_the_secret_that_named_it() {
        let (new, old) = ("71d5e0c93a8f46b2b90e6c7fd1482a35", "c4e19b7250fd83a6e8b1d70f42956acb");
        let until = NOW.saturating_add(5);
        let rotating =
            KeyRing::rotating(Secret::new(new), [crate::previous_secret(old).until(until)]).unwrap();
        let codec = SessionCodec::builder(rotating).build();
        let before = SessionCodec::builder(KeyRing::new([Secret::new(old)]).unwrap())
            .owner(Lifetime::default())
            .build();
        let (_, lines) = before.write_store_id(None, NOW, &SeenNames::default(), NOW).unwrap();
        let header = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect::<String>();
        let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
        let read = |created_at: Timestamp| {
            let created_at = created_at.as_unix();
            let record = format!(
                r#"{{"user":{{"sub":"u"}},"tokenSet":{{}},"internal":{{"sid":"s","createdAt":{created_at}}}}}"#
            );
            codec.verify_named_record(&cookies, &record, NOW).map(|session| session.origin().has_old_secret)
        };
        assert_eq!(read(until.saturating_sub(1)), Ok(true));
        assert_eq!(read(until), Err(Reason::WrongShape));
    }

    #[test]
    fn pay_27_the_cookie_says_whether_a_record_is_one_of_v3() {
        assert_eq!(read_of_v3(V3, None, NOW).unwrap().user(), r#"{"sub":"u"}"#);
        assert_eq!(read(V3).unwrap_err(), Reason::WrongShape);
    }

    #[test]
    fn a_session_of_today_is_one_whatever_stands_beside_its_user() {
        let today = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1}}"#;
        let beside = V3.replacen('{', "", 1);
        for text in [today.to_owned(), format!("{},{beside}", today.trim_end_matches('}').to_owned() + "}")] {
            assert_eq!(read(&text).unwrap().user(), r#"{"sub":"ada"}"#, "{text}");
            assert_eq!(read_of_v3(&text, None, NOW).unwrap().user(), r#"{"sub":"ada"}"#, "{text}");
        }
        // A part of it makes it none of v3's either.
        for part in [r#""user":{"sub":"ada"}"#, r#""tokenSet":{}"#, r#""\u0069nternal":null"#] {
            let text = V3.replacen('{', &format!("{{{part},"), 1);
            assert_eq!(read_of_v3(&text, None, NOW).unwrap_err(), Reason::WrongShape, "{text}");
        }
    }
}
