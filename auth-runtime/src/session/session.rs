//! A session that was read and checked.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;

use super::document::SessionDocument;
use super::jwt_payload::JwtPayload;
use super::token_set::TokenSet;
use super::user::User;
use crate::json;
use crate::time::Timestamp;

/// The session of the request: who signed in, when, and with which tokens. A cheap handle; clones share it.
///
/// As a handler's parameter it works only behind `#[with_api_auth_required]`: elsewhere what happens to the
/// session could not be written back. Behind `optional` it is `Option<Session>`. `Debug` shows no claim and no
/// token.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::{Session, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn signed_in_since(session: Session) -> String {
///     format!("{} since {}", session.user().sub(), session.created_at())
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    document: SessionDocument,
    expires_at: Option<Timestamp>,
    origin: Origin,
    read_at: Timestamp,
    id_token: OnceLock<JwtPayload>,
    access_token: OnceLock<JwtPayload>,
}

/// How a session came to be read, as far as that calls for writing it anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// An old secret opened it.
    pub(crate) has_old_secret: bool,
    /// It was in a v3 cookie or record.
    pub(crate) is_legacy: bool,
}

impl Session {
    pub(crate) fn new(
        document: SessionDocument,
        expires_at: Option<Timestamp>,
        origin: Origin,
        read_at: Timestamp,
    ) -> Self {
        let (id_token, access_token) = Default::default();
        Self(Arc::new(Inner { document, expires_at, origin, read_at, id_token, access_token }))
    }

    /// The user's claims.
    pub fn user(&self) -> User {
        User::new(self.clone())
    }

    /// When the user signed in.
    pub fn created_at(&self) -> Timestamp {
        self.0.document.created_at()
    }

    /// When the session ends unless it is used; `None` when only a store knows.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// The provider's id of this session.
    pub fn sid(&self) -> Option<Cow<'_, str>> {
        json::member(self.internal(), "sid").and_then(json::string)
    }

    /// The scopes that were granted at sign-in.
    pub fn scopes(&self) -> Vec<String> {
        let scope = self.token_set().scope().unwrap_or_default();
        scope.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    }

    /// The tokens of the sign-in.
    pub fn token_set(&self) -> TokenSet<'_> {
        TokenSet::new(self.0.document.token_set())
    }

    /// The claims of the sign-in's ID token, decoded at the first question and then kept.
    pub(crate) fn id_token_payload(&self) -> &JwtPayload {
        self.0.id_token.get_or_init(|| JwtPayload::read(self.token_set().id_token().as_deref()))
    }

    /// The claims of the sign-in's access token (RFC 9068), decoded at the first question and then kept.
    pub(crate) fn access_token_payload(&self) -> &JwtPayload {
        self.0.access_token.get_or_init(|| JwtPayload::read(self.token_set().access_token().as_deref()))
    }

    /// The tokens for additional audiences or scopes, in the session's order.
    pub(crate) fn additional_tokens(&self) -> Vec<TokenSet<'_>> {
        let elements = self.0.document.member("accessTokens").map(serde_json::from_str::<Vec<&RawValue>>);
        let elements = elements.and_then(Result::ok).unwrap_or_default();
        elements.into_iter().map(|raw| TokenSet::new(raw.get())).collect()
    }

    /// A member of the session that the application put there, as its own type.
    ///
    /// # Errors
    ///
    /// The member is there but does not fit `T`. `Ok(None)` when it is absent.
    pub fn get<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        let Some(raw) = self.0.document.member(name) else { return Ok(None) };
        serde_json::from_str(&json::without_lone_surrogates(raw)).map(Some)
    }

    /// The session's JSON as it was read.
    pub fn document(&self) -> &SessionDocument {
        &self.0.document
    }

    pub(crate) fn origin(&self) -> Origin {
        self.0.origin
    }

    /// The time at which the session was checked.
    pub(crate) fn read_at(&self) -> Timestamp {
        self.0.read_at
    }

    fn internal(&self) -> &str {
        self.0.document.member("internal").unwrap_or("{}")
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("created_at", &self.created_at())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
