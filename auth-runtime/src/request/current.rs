//! The session of a request, with what the request changes of it.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::changes::Changes;
use crate::json;
use crate::refresh::Refresher;
use crate::session::{
    Connections, SessionChangeError, SessionDocument, TokenSet, User, VerifiedSession, raw_value,
};
use crate::store::UserSession;
use crate::store::{AsRead, Content, Place};
use crate::time::Timestamp;

/// The session of the request: the user, the time of the sign-in, and the tokens. A cheap handle; clones share it.
///
/// A handler's parameter of this type works only behind `#[with_api_auth_required]` and `#[public]`: elsewhere nothing
/// would write the changes of the session back. Behind `optional` and `#[public]` the parameter is `Option<Session>`.
/// `Debug` shows no claim and no token.
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
pub struct Session {
    current: Arc<Current>,
    /// True for a handle that reads the session and cannot change it.
    is_read_only: bool,
}

struct Current {
    verified: VerifiedSession,
    request: InRequest,
    changes: Mutex<Changes>,
    /// Set once the handler behind the session's guard has the request.
    has_reached_handler: AtomicBool,
    /// Set once this request has asked for an exchange of the session's refresh token.
    has_begun_exchange: AtomicBool,
    /// Number of exchanges that this request asked for and whose outcome it has not heard.
    exchanges_under_way: AtomicUsize,
    /// Set once the session is being written back.
    is_committing: AtomicBool,
}

/// The part of a session that a write needs to know of the request. Empty for a session that came from no request.
#[derive(Default)]
pub(crate) struct InRequest {
    /// The place where the session is kept.
    pub(crate) place: Place,
    /// The tokens of federated connections that came with the session.
    pub(crate) connections: Connections,
    /// True if the service may write this session.
    pub(crate) is_writable: bool,
    /// The refresher of its tokens, if this service renews them.
    pub(crate) refresher: Option<Arc<Refresher>>,
}

impl Session {
    pub(crate) fn new(verified: VerifiedSession, request: InRequest) -> Self {
        let (changes, has_reached_handler, has_begun_exchange, exchanges_under_way, is_committing) =
            Default::default();
        let current = Current {
            verified,
            request,
            changes,
            has_reached_handler,
            has_begun_exchange,
            exchanges_under_way,
            is_committing,
        };
        Self { current: Arc::new(current), is_read_only: false }
    }

    /// Returns the user's claims, as they were read.
    pub fn user(&self) -> User {
        User::of(Arc::clone(&self.current))
    }

    /// Returns when the user signed in.
    pub fn created_at(&self) -> Timestamp {
        self.verified().created_at()
    }

    /// Returns when the session ends unless it is used; `None` when only a store knows.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.verified().expires_at()
    }

    /// Returns the provider's id of this session (`sid`).
    pub fn sid(&self) -> Option<Cow<'_, str>> {
        self.verified().sid()
    }

    /// Returns the scopes that were granted at sign-in.
    pub fn scopes(&self) -> Vec<String> {
        self.verified().scopes()
    }

    /// Returns the tokens of the sign-in as they were read. Tokens that this request renewed are not among them.
    pub fn token_set(&self) -> TokenSet<'_> {
        self.verified().token_set()
    }

    /// Returns the session's JSON as it was read.
    pub fn document(&self) -> &SessionDocument {
        self.verified().document()
    }

    /// Returns a member that the application put into the session, with the changes that this request made; `None` if
    /// it is absent.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{Session, with_api_auth_required};
    ///
    /// #[with_api_auth_required]
    /// async fn theme(session: Session) -> String {
    ///     let theme: Option<String> = session.get("theme").unwrap_or_default();
    ///     theme.unwrap_or_else(|| "light".to_owned())
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The member is there but does not fit `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        // Copied, so that the code of `T` runs while nothing is locked.
        let raw = self.with_current(|document| {
            document.member(name).map(|raw| Zeroizing::new(json::without_lone_surrogates(raw).into_owned()))
        });
        raw.map(|raw| serde_json::from_str(&raw)).transpose()
    }

    /// Sets a member of the session, beside those that belong to the login. The service saves it with the rest of the
    /// session when the handler is done.
    ///
    /// Every byte of a session in cookies travels in each request, so keep it small.
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
    /// handler is done or not begun, or the service only verifies sessions.
    pub fn set(&self, name: &str, value: &impl Serialize) -> Result<(), SessionChangeError> {
        let raw = raw_value(value)?;
        self.change(|document| document.with_own_member(name, Some(&raw)))
    }

    /// Removes a member of the session. It is no error if there is none.
    ///
    /// ```
    /// use auth_runtime::{Session, SessionChangeError};
    ///
    /// fn forget_theme(session: &Session) -> Result<(), SessionChangeError> {
    ///     session.remove("theme")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// `name` belongs to the login, the handler is done or not begun, or the service only verifies sessions.
    pub fn remove(&self, name: &str) -> Result<(), SessionChangeError> {
        self.change(|document| document.with_own_member(name, None))
    }

    /// Ends the session: when the handler is done, the service removes the browser's cookies and the store's record. It
    /// does not tell the provider; the endpoint `/auth/logout` does.
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
    /// The handler is done or not begun, or the service only verifies sessions that another service owns.
    pub fn sign_out(&self) -> Result<(), SessionChangeError> {
        self.open_changes()?.is_over = true;
        Ok(())
    }

    /// Ends the session like [`sign_out`](Self::sign_out), even where this handle only reads: the provider answered with
    /// tokens that are not the user's.
    pub(crate) fn end(&self) -> Result<(), SessionChangeError> {
        self.unsaved_changes()?.is_over = true;
        Ok(())
    }

    /// Returns the session as it was read.
    pub(crate) fn verified(&self) -> &VerifiedSession {
        &self.current.verified
    }

    /// Returns where the session is kept.
    pub(crate) fn place(&self) -> &Place {
        &self.current.request.place
    }

    /// Returns the refresher of the session's tokens, if this service renews them.
    pub(crate) fn refresher(&self) -> Option<&Arc<Refresher>> {
        self.current.request.refresher.as_ref()
    }

    /// Returns the session as it was read, with all that a write needs.
    pub(super) fn as_read(&self) -> AsRead<'_> {
        let content = Content { document: self.document(), connections: self.connections_as_read() };
        AsRead { session: self.verified(), content, place: self.place() }
    }

    /// Looks at the session with the changes that this request made.
    pub(crate) fn with_current<R>(&self, look: impl FnOnce(&SessionDocument) -> R) -> R {
        let changes = self.changes();
        look(changes.document.as_ref().unwrap_or_else(|| self.document()))
    }

    /// Changes the session as it is now. If two clones change it at once, both changes count.
    pub(crate) fn change<E: From<SessionChangeError>>(
        &self,
        change: impl FnOnce(&SessionDocument) -> Result<SessionDocument, E>,
    ) -> Result<(), E> {
        let mut changes = self.open_changes()?;
        let document = change(changes.document.as_ref().unwrap_or_else(|| self.document()))?;
        changes.document = Some(document);
        Ok(())
    }

    /// Returns the tokens of federated connections as they came, each a raw JSON object.
    pub(super) fn connections_as_read(&self) -> &[Zeroizing<String>] {
        self.current.request.connections.of(self.verified())
    }

    #[cfg(test)]
    pub(super) fn has_opened_connections(&self) -> bool {
        self.current.request.connections.is_opened()
    }

    /// Returns the tokens of federated connections as they are now, each a raw JSON object.
    pub(crate) fn connections(&self) -> Vec<Zeroizing<String>> {
        let changed = self.changes().connections.clone();
        changed.unwrap_or_else(|| self.connections_as_read().to_vec())
    }

    /// Notes something among the changes, whether the session is open or not.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Changes)) {
        note(&mut self.changes());
    }

    /// Returns whether this handle can change the session at the moment.
    pub(crate) fn is_open(&self) -> bool {
        self.open_changes().is_ok()
    }

    /// Returns a handle of the same session that cannot change it. Other handles still can.
    pub(crate) fn read_only(&self) -> Self {
        Self { current: Arc::clone(&self.current), is_read_only: true }
    }

    /// Returns whether both are handles of one session, as one request read it.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.current, &other.current)
    }

    /// Notes that the handler behind the session's guard has the request. From then on the guard itself writes the
    /// session back.
    pub(crate) fn reach_handler(&self) {
        self.current.has_reached_handler.store(true, Ordering::Release);
    }

    /// Returns whether the handler behind the session's guard has the request.
    pub(crate) fn has_reached_handler(&self) -> bool {
        self.current.has_reached_handler.load(Ordering::Acquire)
    }

    /// Notes that this request asks for an exchange of the session's refresh token. The caller notes it before the
    /// first `await` of the exchange, since the request may be dropped there.
    pub(crate) fn begin_exchange(&self) {
        self.current.has_begun_exchange.store(true, Ordering::Release);
        self.current.exchanges_under_way.fetch_add(1, Ordering::AcqRel);
    }

    /// Notes that this request has heard the outcome of an exchange. An exchange that it stopped waiting for stays
    /// under way.
    pub(crate) fn end_exchange(&self) {
        self.current.exchanges_under_way.fetch_sub(1, Ordering::AcqRel);
    }

    /// Returns whether this request asked for an exchange and has not heard its outcome.
    pub(super) fn has_exchange_under_way(&self) -> bool {
        self.current.exchanges_under_way.load(Ordering::Acquire) > 0
    }

    /// Returns whether this request asked for an exchange of the session's refresh token.
    pub(super) fn has_begun_exchange(&self) -> bool {
        self.current.has_begun_exchange.load(Ordering::Acquire)
    }

    /// Returns whether the caller may write the session back: only the first caller may, since a second write would put
    /// an older session after a newer one.
    pub(super) fn begin_commit(&self) -> bool {
        !self.current.is_committing.swap(true, Ordering::AcqRel)
    }

    /// Closes the session and returns what this request did to it.
    pub(super) fn close(&self) -> Changes {
        self.changes().close()
    }

    /// Closes the session if this request did not change it. Returns whether it did so; otherwise the session stays
    /// open.
    pub(super) fn close_unchanged(&self) -> bool {
        let mut changes = self.changes();
        let is_unchanged = changes.is_empty();
        if is_unchanged {
            changes.close();
        }
        is_unchanged
    }

    /// Locks the changes if this handle can change the session at the moment.
    fn open_changes(&self) -> Result<MutexGuard<'_, Changes>, SessionChangeError> {
        let changes = self.unsaved_changes()?;
        if self.is_read_only { Err(SessionChangeError::OutsideHandler) } else { Ok(changes) }
    }

    /// Locks the changes if they will be saved, even where this handle only reads.
    fn unsaved_changes(&self) -> Result<MutexGuard<'_, Changes>, SessionChangeError> {
        if !self.current.request.is_writable {
            return Err(SessionChangeError::VerifyOnly);
        }
        let changes = self.changes();
        if changes.is_closed { Err(SessionChangeError::OutsideHandler) } else { Ok(changes) }
    }

    /// Locks the changes. Nothing here can panic while the lock is held, so poisoned changes are whole.
    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.current.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UserSession {
    /// Returns whether the listed session is that of this request.
    ///
    /// ```
    /// use auth_runtime::{Session, store::UserSession};
    ///
    /// fn others<'a>(all: &'a [UserSession], session: &Session) -> Vec<&'a str> {
    ///     all.iter().filter(|other| !other.is(session)).map(UserSession::handle).collect()
    /// }
    /// ```
    pub fn is(&self, session: &Session) -> bool {
        session.place().record.as_ref().is_some_and(|record| record.id.handle() == self.handle())
    }
}

impl AsRef<VerifiedSession> for Current {
    fn as_ref(&self) -> &VerifiedSession {
        &self.verified
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
