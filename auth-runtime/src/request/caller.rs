//! The sender of a request.

use super::current::Session;
use crate::session::Reason;

/// The sender of a request, as far as the service can tell.
#[derive(Clone)]
pub(crate) enum Caller {
    /// A user who is signed in.
    SignedIn(Session),
    /// A client without a session that could be used, and why there is none.
    Anonymous(Reason),
}

impl Caller {
    /// Returns the session, or why there is none.
    pub(crate) fn into_session(self) -> Result<Session, Reason> {
        match self {
            Self::SignedIn(session) => Ok(session),
            Self::Anonymous(reason) => Err(reason),
        }
    }

    /// Returns the session, if there is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) => Some(session),
            Self::Anonymous(_) => None,
        }
    }
}
