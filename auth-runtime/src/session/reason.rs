//! The reason why a request has no session, for the log and the doctor. A client learns it only if the application
//! exposes reasons.

use std::fmt;

use crate::crypto::OpenError;

/// The reason why there is no session. The service answers each of them with 401.
///
/// ```
/// use auth_runtime::codec::{KeyRing, Reason, RequestCookies, Secret, SessionCodec, Timestamp};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).build();
/// let cookies = RequestCookies::scan([b"theme=dark".as_slice()], codec.cookie_name());
/// let reason = codec.read(&cookies, Timestamp::now()).unwrap_err();
/// assert_eq!(reason, Reason::NoCookie);
/// assert_eq!(reason.code(), "no_cookie");
/// # Ok::<(), auth_runtime::codec::KeyRingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The provider's own limit on the session (`sessionExpiresAt`) is reached.
    CeilingReached,
    /// The session belongs to another domain of the provider than the configured one.
    DomainMismatch,
    /// The cookie's `exp` is past.
    Expired,
    /// The session was not used for longer than its inactivity limit.
    IdleTooLong,
    /// A chunk of the cookie is missing.
    IncompleteChunks,
    /// The cookie or the record is one of nextjs-auth0 v3, and reading them is switched off.
    LegacyDisabled,
    /// The value is no compact JWE with direct A256GCM.
    Malformed,
    /// There is no session cookie.
    NoCookie,
    /// The cookie names a session that the store does not have.
    NotInStore,
    /// The cookie's `nbf` lies ahead.
    NotYetValid,
    /// The session was ended before its time: by its user, by the provider, or with all sessions of the user.
    Revoked,
    /// The cookie has more chunks or characters than a session may have.
    TooLarge,
    /// The session has lived longer than its absolute limit.
    TooOld,
    /// No configured secret opens the value.
    Undecryptable,
    /// The cookie names a record of the store that cannot be read: its key holds something else, or the record is not
    /// sealed as records of this service are.
    UnreadableRecord,
    /// The value opens, but its content is no session.
    WrongShape,
}

impl Reason {
    /// Returns a stable name for logs, metrics and tools.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CeilingReached => "ceiling_reached",
            Self::DomainMismatch => "domain_mismatch",
            Self::Expired => "expired",
            Self::IdleTooLong => "idle_too_long",
            Self::IncompleteChunks => "incomplete_chunks",
            Self::LegacyDisabled => "legacy_disabled",
            Self::Malformed => "malformed",
            Self::NoCookie => "no_cookie",
            Self::NotInStore => "not_in_store",
            Self::NotYetValid => "not_yet_valid",
            Self::Revoked => "revoked",
            Self::TooLarge => "too_large",
            Self::TooOld => "too_old",
            Self::Undecryptable => "undecryptable",
            Self::UnreadableRecord => "unreadable_record",
            Self::WrongShape => "wrong_shape",
        }
    }

    /// Returns advice for the operator of the service.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::CeilingReached => "the provider ended this session; the user has to sign in again",
            Self::DomainMismatch => {
                "the cookie was made for another domain; compare AUTH0_DOMAIN of both services"
            }
            Self::Expired => {
                "the session is over; the user has to sign in again. If it should not be: compare the clocks"
            }
            Self::IdleTooLong => "the session was not used for too long; the user has to sign in again",
            Self::IncompleteChunks => {
                "a part of the cookie got lost; look for a proxy or a browser that limits the size of headers"
            }
            Self::LegacyDisabled => {
                "this is a cookie of nextjs-auth0 v3; switch legacy cookies on to read it"
            }
            Self::Malformed => "the value was cut or changed on its way, or it is no session cookie at all",
            Self::NoCookie => {
                "the browser sent no session cookie: not signed in, another cookie name, another host, or a cross-site request without credentials"
            }
            Self::NotInStore => "the session was signed out, or this service uses another store",
            Self::NotYetValid => "the cookie becomes valid later; compare the clocks",
            Self::Revoked => {
                "the session was signed out, here or at the provider; the user has to sign in again"
            }
            Self::TooLarge => "the session is too large; keep fewer claims in it or use a store",
            Self::TooOld => "the session has reached its absolute limit; the user has to sign in again",
            Self::Undecryptable => {
                "the cookie was made with another secret, or changed; compare AUTH0_SECRET of both services, character by character"
            }
            Self::UnreadableRecord => {
                "the user has to sign in again. Find out what else writes into the store, and whether every instance has the same secrets and the same seal_records"
            }
            Self::WrongShape => {
                "the secret is right, but this is no session: another cookie of the application under this name, or a session without user"
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl From<OpenError> for Reason {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Malformed | OpenError::UnsupportedHeader => Self::Malformed,
            OpenError::TooLarge => Self::TooLarge,
            OpenError::Undecryptable => Self::Undecryptable,
        }
    }
}
