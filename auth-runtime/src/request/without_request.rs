//! Sessions that are read outside of a request: by tools, and by services that do not use axum.

use super::current::{InRequest, Session};
use crate::cookie::RequestCookies;
use crate::session::{Reason, SessionCodec, VerifiedSession};
use crate::time::Timestamp;

impl SessionCodec {
    /// Reads the session that the cookies hold. Nothing writes it back, so it cannot be changed.
    ///
    /// # Errors
    ///
    /// The cookies hold no session; the [`Reason`] says why.
    pub fn read(&self, cookies: &RequestCookies<'_>, now: Timestamp) -> Result<Session, Reason> {
        self.verify(cookies, now).map(Session::without_request)
    }

    /// Reads a record of a session store without the cookie that named it: for tools. A service has the cookie, which
    /// decides the form of the record; see [`read_named_record`](Self::read_named_record). Only the store knows when
    /// the record ends.
    ///
    /// ```
    /// use auth_runtime::codec::{KeyRing, Secret, SessionCodec, Timestamp};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).build();
    /// let record = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#;
    /// let session = codec.read_record(record, Timestamp::from_unix(1_790_000_000)).unwrap();
    /// assert_eq!(session.user().sub(), "ada");
    /// # Ok::<(), auth_runtime::codec::KeyRingError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The record is no session, is one of v3 while v3 records are not read, belongs to another domain of the provider,
    /// or has reached its absolute lifetime or the provider's limit.
    pub fn read_record(&self, record: &str, now: Timestamp) -> Result<Session, Reason> {
        self.verify_record(record, now).map(Session::without_request)
    }

    /// Reads the record that a session store has under the id that [`read_store_id`](Self::read_store_id) finds in the
    /// same cookies. A v3 record counts only if a cookie that v3 signed names it.
    ///
    /// ```
    /// use auth_runtime::codec::*;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// # let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).owner(Lifetime::default()).build();
    /// # let now = Timestamp::from_unix(1_790_000_000);
    /// # let (_, lines) = codec.write_store_id(None, now, &SeenNames::default(), now)?;
    /// # let header = format!("{}={}", lines[0].name(), lines[0].value());
    /// let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    /// let record = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#;
    /// let session = codec.read_named_record(&cookies, record, now).unwrap();
    /// assert_eq!(session.user().sub(), "ada");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The cookies name no record, or an error of [`read_record`](Self::read_record).
    pub fn read_named_record(
        &self,
        cookies: &RequestCookies<'_>,
        record: &str,
        now: Timestamp,
    ) -> Result<Session, Reason> {
        self.verify_named_record(cookies, record, now).map(Session::without_request)
    }
}

impl Session {
    pub(crate) fn without_request(session: VerifiedSession) -> Self {
        Self::new(session, InRequest::default())
    }
}
