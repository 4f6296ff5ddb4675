//! A session that was read and checked.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, OnceLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::document::SessionDocument;
use super::draft::{SessionChangeError, raw};
use super::in_request::{ChangeState, Changes, InRequest};
use super::jwt_payload::JwtPayload;
use super::token_set::TokenSet;
use super::user::User;
use crate::crypto::KeyRing;
use crate::json;
use crate::time::Timestamp;

/// The session of the request: who signed in, when, and with which tokens. A cheap handle; clones share it.
///
/// As a handler's parameter it works only behind `#[with_api_auth_required]` and `#[public]`: elsewhere what happens to
/// the session could not be written back. Behind `optional` and `#[public]` it is `Option<Session>`. `Debug` shows no
/// claim and no token.
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
    request: InRequest,
}

/// How a session came to be read, as far as that calls for writing it anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// An old secret opened it.
    pub(crate) has_old_secret: bool,
    /// When that secret ends, if it ends.
    pub(crate) secret_until: Option<Timestamp>,
    /// It was in a v3 cookie or record.
    pub(crate) is_legacy: bool,
}

impl Origin {
    /// What the key of a ring says that opened the cookie.
    pub(super) fn of_key(key_index: usize, keys: &KeyRing) -> Self {
        Self { has_old_secret: key_index > 0, secret_until: keys.end_of(key_index), is_legacy: false }
    }
}

impl Session {
    pub(crate) fn new(
        document: SessionDocument,
        expires_at: Option<Timestamp>,
        origin: Origin,
        read_at: Timestamp,
    ) -> Self {
        let (id_token, access_token, request) = Default::default();
        Self(Arc::new(Inner { document, expires_at, origin, read_at, id_token, access_token, request }))
    }

    /// The session as one of this request. Only a handle that nobody shares yet can become one.
    #[must_use]
    pub(crate) fn in_request(mut self, request: InRequest) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.request = request;
        }
        self
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

    /// A member of the session that the application put there, as its own type, with the changes that this request
    /// made.
    ///
    /// # Errors
    ///
    /// The member is there but does not fit `T`. `Ok(None)` when it is absent.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        // The type's own code runs with nothing locked.
        let raw = self.with_current(|document| {
            document.member(name).map(|raw| Zeroizing::new(json::without_lone_surrogates(raw).into_owned()))
        });
        raw.map(|raw| serde_json::from_str(&raw)).transpose()
    }

    /// Sets a member of the session, beside those that belong to the login. It is saved when the handler is done, with
    /// everything else that is in the session.
    ///
    /// Every byte of a session without a store travels in each request, so keep it small.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{Session, with_api_auth_required};
    ///
    /// #[with_api_auth_required]
    /// async fn choose_theme(session: Session) -> &'static str {
    ///     match session.set("theme", &"dark") {
    ///         Ok(()) => "saved",
    ///         Err(_) => "not saved: another service owns this session",
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `name` belongs to the login or means something to a reader of sessions, `value` cannot be written as JSON, the
    /// handler is done, or the service only verifies sessions.
    pub fn set(&self, name: &str, value: &impl Serialize) -> Result<(), SessionChangeError> {
        let raw = raw(value)?;
        self.change(|document| document.with_own_member(name, Some(&raw)))
    }

    /// Removes a member of the session.
    ///
    /// # Errors
    ///
    /// `name` belongs to the login, the handler is done, or the service only verifies sessions.
    pub fn remove(&self, name: &str) -> Result<(), SessionChangeError> {
        self.change(|document| document.with_own_member(name, None))
    }

    /// Ends the session: when the handler is done, the browser's cookies and the store's record are removed. The
    /// provider is not told; that is what the endpoint `/auth/logout` does.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{Session, SessionChangeError, with_api_auth_required};
    ///
    /// #[with_api_auth_required]
    /// async fn leave(session: Session) -> &'static str {
    ///     match session.sign_out() {
    ///         Ok(()) => "bye",
    ///         Err(_) => "another service owns this session",
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The handler is done, or the service only verifies sessions that another one owns.
    pub fn sign_out(&self) -> Result<(), SessionChangeError> {
        self.open_changes()?.is_over = true;
        Ok(())
    }

    /// The session's JSON as it was read.
    pub fn document(&self) -> &SessionDocument {
        &self.0.document
    }

    pub(crate) fn origin(&self) -> Origin {
        self.0.origin
    }

    pub(crate) fn request(&self) -> &InRequest {
        &self.0.request
    }

    /// Looks at the session with the changes that this request made.
    pub(crate) fn with_current<R>(&self, look: impl FnOnce(&SessionDocument) -> R) -> R {
        let changes = self.0.request.changes();
        look(changes.document.as_ref().unwrap_or(&self.0.document))
    }

    /// Changes the session as it is now: what two handles change at the same time both counts.
    pub(crate) fn change<E: From<SessionChangeError>>(
        &self,
        change: impl FnOnce(&SessionDocument) -> Result<SessionDocument, E>,
    ) -> Result<(), E> {
        let mut changes = self.open_changes()?;
        let document = change(changes.document.as_ref().unwrap_or(&self.0.document))?;
        changes.document = Some(document);
        Ok(())
    }

    /// The tokens of federated connections as they are now, each a raw JSON object.
    #[cfg(feature = "oidc")]
    pub(crate) fn connections(&self) -> Vec<Zeroizing<String>> {
        let changes = self.0.request.changes();
        changes.connections.as_ref().unwrap_or(&self.0.request.connections).clone()
    }

    #[cfg(feature = "oidc")]
    pub(crate) fn note(&self, note: impl FnOnce(&mut Changes)) {
        note(&mut self.0.request.changes());
    }

    /// Whether the session can be changed at the moment.
    #[cfg(feature = "oidc")]
    pub(crate) fn is_open(&self) -> bool {
        self.open_changes().is_ok()
    }

    /// Closes the session while it is decided whether its handler runs: what would be changed then is lost if the
    /// answer is a refusal.
    pub(crate) fn suspend(&self) {
        self.move_state(ChangeState::Open, ChangeState::Suspended);
    }

    /// Opens the session again. One that is being written back, or was, stays closed.
    pub(crate) fn resume(&self) {
        self.move_state(ChangeState::Suspended, ChangeState::Open);
    }

    fn move_state(&self, from: ChangeState, to: ChangeState) {
        let mut changes = self.0.request.changes();
        if changes.state == from {
            changes.state = to;
        }
    }

    /// What this request did to the session. From now on nothing changes any more: nobody would save it.
    pub(crate) fn close(&self) -> Changes {
        std::mem::replace(
            &mut *self.0.request.changes(),
            Changes { state: ChangeState::Closed, ..Changes::default() },
        )
    }

    /// Notes that the handler behind the session's guard has the request. From then on the guard itself writes the
    /// session back.
    pub(crate) fn reach_handler(&self) {
        self.0.request.has_reached_handler.store(true, Ordering::Release);
    }

    /// Whether the handler behind the session's guard has the request.
    pub(crate) fn has_reached_handler(&self) -> bool {
        self.0.request.has_reached_handler.load(Ordering::Acquire)
    }

    /// Gives the right to write the session back to the first that asks. A second write would put an older session after
    /// a newer one.
    pub(crate) fn begin_conclusion(&self) -> bool {
        !self.0.request.is_concluding.swap(true, Ordering::AcqRel)
    }

    fn open_changes(&self) -> Result<MutexGuard<'_, Changes>, SessionChangeError> {
        if !self.0.request.is_writable {
            return Err(SessionChangeError::VerifyOnly);
        }
        let changes = self.0.request.changes();
        if changes.state == ChangeState::Open { Ok(changes) } else { Err(SessionChangeError::OutsideHandler) }
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
