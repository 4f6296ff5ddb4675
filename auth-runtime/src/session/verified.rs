//! A session that was read and verified.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::document::SessionDocument;
use super::jwt_payload::JwtPayload;
use super::token_set::TokenSet;
use crate::crypto::KeyRing;
use crate::time::Timestamp;

/// A session as it was read: the user, the time of the sign-in, and the tokens. It has the shape of a session and is
/// within its times. A secret of this service sealed or signed the cookie that held or named it, unless a tool read the
/// record by itself. Only the stores know whether the session was ended early.
///
/// The value does not change: the changes of a request are in `request`.
pub(crate) struct VerifiedSession {
    document: SessionDocument,
    /// The end of the session unless it is used; `None` when only a store knows.
    expires_at: Option<Timestamp>,
    origin: Origin,
    read_at: Timestamp,
    /// The claims of the ID token, decoded at the first question.
    id_token: OnceLock<JwtPayload>,
    /// The claims of the access token, decoded at the first question.
    access_token: OnceLock<JwtPayload>,
}

/// The way in which a session came to be read, as far as that calls for writing it anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// True if an old secret opened the cookie.
    pub(crate) has_old_secret: bool,
    /// The end of the secret that opened the cookie, if it has one.
    pub(crate) secret_until: Option<Timestamp>,
    /// True if a v3 cookie held the session or named its record, or a tool read a v3 record.
    pub(crate) is_legacy: bool,
}

impl Origin {
    /// Returns the origin of a session whose cookie the key with this index opened.
    pub(super) fn of_key(key_index: usize, keys: &KeyRing) -> Self {
        Self { has_old_secret: key_index > 0, secret_until: keys.end_of(key_index), is_legacy: false }
    }
}

impl VerifiedSession {
    pub(crate) fn new(
        document: SessionDocument,
        expires_at: Option<Timestamp>,
        origin: Origin,
        read_at: Timestamp,
    ) -> Self {
        let (id_token, access_token) = Default::default();
        Self { document, expires_at, origin, read_at, id_token, access_token }
    }

    /// Returns when the user signed in.
    pub(crate) fn created_at(&self) -> Timestamp {
        self.document.created_at()
    }

    /// Returns when the session ends unless it is used; `None` when only a store knows.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns the provider's id of this session (`sid`).
    pub(crate) fn sid(&self) -> Option<Cow<'_, str>> {
        self.document.sid()
    }

    /// Returns the scopes that were granted at sign-in.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let scope = self.token_set().scope().unwrap_or_default();
        scope.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    }

    /// Returns the tokens of the sign-in.
    pub(crate) fn token_set(&self) -> TokenSet<'_> {
        TokenSet::of(&self.document)
    }

    /// Returns the session's JSON.
    pub(crate) fn document(&self) -> &SessionDocument {
        &self.document
    }

    /// Returns the claims of the sign-in's ID token, decoded at the first question and then kept.
    pub(crate) fn id_token_payload(&self) -> &JwtPayload {
        self.id_token.get_or_init(|| JwtPayload::read(self.token_set().id_token().as_deref()))
    }

    /// Returns the claims of the sign-in's access token (RFC 9068), decoded at the first question and then kept.
    pub(crate) fn access_token_payload(&self) -> &JwtPayload {
        self.access_token.get_or_init(|| JwtPayload::read(self.token_set().access_token().as_deref()))
    }

    /// Returns how the session came to be read.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the time at which the session was verified.
    pub(crate) fn read_at(&self) -> Timestamp {
        self.read_at
    }
}
