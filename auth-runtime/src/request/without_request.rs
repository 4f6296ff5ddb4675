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
    /// There is none, and why.
    pub fn read(&self, cookies: &RequestCookies<'_>, now: Timestamp) -> Result<Session, Reason> {
        self.verify(cookies, now).map(Session::without_request)
    }

    /// Reads a record of a session store, without the cookie that named it: for tools. A service has the cookie, and
    /// that says which form the record has; see [`read_named_record`](Self::read_named_record).
    ///
    /// # Errors
    ///
    /// It is no session, or one that is over.
    pub fn read_record(&self, record: &str, now: Timestamp) -> Result<Session, Reason> {
        self.verify_record(record, now).map(Session::without_request)
    }

    /// Reads the record that a session store has under the id of [`read_store_id`](Self::read_store_id), of the same
    /// cookies. A v3 record counts only if a cookie that v3 signed names it.
    ///
    /// # Errors
    ///
    /// The cookies name none, it is no session, or it is one that is over.
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
