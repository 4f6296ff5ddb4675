//! A session that a hook may change before it is saved.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use super::document::{DocumentError, SessionDocument};
use super::reserved::{belongs_to_login, is_interpreted};
use crate::json;

/// A session before it is saved, for the hooks that may change it:
/// [`before_save`](crate::AuthBuilder::before_save) and those of the sign-in.
///
/// A hook can change the user's claims, except `sub`, and the application's own members. It cannot change tokens and
/// the members that belong to the session itself. Unchanged members keep their bytes. `Debug` shows no claim and no
/// token.
///
/// ```
/// use auth_runtime::{SessionChangeError, SessionDraft};
///
/// fn greet(session: &mut SessionDraft) -> Result<(), SessionChangeError> {
///     if let Some(roles) = session.id_token_claim("https://example.com/roles") {
///         session.set_claim("roles", &roles)?;
///     }
///     session.set("greeting", &"hello")
/// }
/// ```
pub struct SessionDraft {
    document: SessionDocument,
    /// The raw JSON of the claims of a new ID token.
    id_token: Option<Zeroizing<String>>,
}

impl SessionDraft {
    /// Opens a session for changes. `id_token` is the raw JSON of the checked claims of a new ID token.
    pub(crate) fn new(document: SessionDocument, id_token: Option<&str>) -> Self {
        Self { document, id_token: id_token.map(|claims| Zeroizing::new(claims.to_owned())) }
    }

    pub(crate) fn into_document(self) -> SessionDocument {
        self.document
    }

    /// Returns a claim of the session's user.
    pub fn claim(&self, name: &str) -> Option<Value> {
        value(json::member(self.document.user(), name)?)
    }

    /// Returns a claim of the ID token that this session was made or renewed with; `None` if there is no new ID token.
    /// Most of its claims do not become claims of the user by themselves, since every byte of a session in cookies
    /// travels in each request.
    pub fn id_token_claim(&self, name: &str) -> Option<Value> {
        value(json::member(self.id_token.as_ref()?, name)?)
    }

    /// Sets a claim of the session's user.
    ///
    /// # Errors
    ///
    /// `name` is `sub`, which identifies the user, or `value` cannot be written as JSON.
    pub fn set_claim(&mut self, name: &str, value: &impl Serialize) -> Result<(), SessionChangeError> {
        self.change_claim(name, Some(&raw_value(value)?))
    }

    /// Removes a claim of the session's user.
    ///
    /// # Errors
    ///
    /// `name` is `sub`.
    pub fn remove_claim(&mut self, name: &str) -> Result<(), SessionChangeError> {
        self.change_claim(name, None)
    }

    /// Returns a member that the application put into the session; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// The member is there but does not fit `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        self.document.read_member(name)
    }

    /// Sets a member of the session, beside those that belong to the login.
    ///
    /// # Errors
    ///
    /// `name` belongs to the login or means something to a reader of sessions, or `value` cannot be written as JSON.
    pub fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), SessionChangeError> {
        self.document = self.document.with_own_member(name, Some(&raw_value(value)?))?;
        Ok(())
    }

    /// Removes a member of the session.
    ///
    /// # Errors
    ///
    /// `name` belongs to the login.
    pub fn remove(&mut self, name: &str) -> Result<(), SessionChangeError> {
        self.document = self.document.with_own_member(name, None)?;
        Ok(())
    }

    fn change_claim(&mut self, name: &str, raw: Option<&str>) -> Result<(), SessionChangeError> {
        if name == "sub" {
            return Err(SessionChangeError::Protected);
        }
        let user = json::with_member(self.document.user(), name, raw).ok_or(DocumentError::of("user"))?;
        self.document = self.document.with_member("user", Some(&user))?;
        Ok(())
    }
}

impl SessionDocument {
    /// Reads a member as its own type.
    pub(super) fn read_member<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, serde_json::Error> {
        let Some(raw) = self.member(name) else { return Ok(None) };
        serde_json::from_str(&json::without_lone_surrogates(raw)).map(Some)
    }

    /// Returns the session with a member of the application's own set or removed.
    pub(crate) fn with_own_member(&self, name: &str, raw: Option<&str>) -> Result<Self, SessionChangeError> {
        // The application may remove a member that an older version let it set.
        let is_protected = if raw.is_some() { is_interpreted(name) } else { belongs_to_login(name) };
        if is_protected {
            return Err(SessionChangeError::Protected);
        }
        Ok(self.with_member(name, raw)?)
    }

    /// Returns the session with a member set or removed, checked again as a whole.
    pub(crate) fn with_member(&self, name: &str, raw: Option<&str>) -> Result<Self, DocumentError> {
        let text = json::with_member(self.as_str(), name, raw).ok_or(DocumentError::of("session"))?;
        Self::parse_sensitive(&text)
    }
}

/// Writes a value as the JSON that a session holds.
pub(crate) fn raw_value(value: &impl Serialize) -> Result<Zeroizing<String>, SessionChangeError> {
    serde_json::to_string(value).map(Zeroizing::new).map_err(|_| SessionChangeError::Json)
}

fn value(raw: &str) -> Option<Value> {
    serde_json::from_str(&json::without_lone_surrogates(raw)).ok()
}

/// The reason why a session was not changed.
///
/// ```
/// use auth_runtime::{Session, SessionChangeError};
///
/// fn choose_theme(session: &Session) -> &'static str {
///     match session.set("theme", &"dark") {
///         Ok(()) => "saved",
///         Err(SessionChangeError::VerifyOnly) => "another service owns this session",
///         Err(_) => "not saved",
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionChangeError {
    /// The changed session would be no session.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The value cannot be written as JSON.
    #[error("the value cannot be written as JSON")]
    Json,
    /// The handler is done, or it is not decided yet whether it runs: the change would not be saved.
    #[error("the session was not changed: only its handler can change it, and only while the handler runs")]
    OutsideHandler,
    /// The member belongs to the login, or a reader of sessions gives its name a meaning: this service, nextjs-auth0,
    /// or the reader of another cookie under the same secret. `header`, `data`, `id`, `sub`, `state` and `expiresAt`
    /// are such names; a name of the application's own, like `shop_data`, never is.
    #[error("this part of the session belongs to the login and is not the application's to change")]
    Protected,
    /// The service only verifies sessions that another one owns.
    #[error("this service only verifies sessions, it does not write them")]
    VerifyOnly,
}

impl fmt::Debug for SessionDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDraft").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SESSION: &str = r#"{"user":{"sub":"u","big":9007199254740993},"tokenSet":{"accessToken":"a"},"internal":{"createdAt":1},"exp":9}"#;

    fn draft() -> SessionDraft {
        let document = SessionDocument::parse(SESSION).unwrap();
        SessionDraft { document, id_token: Some(Zeroizing::new(r#"{"roles":["a"]}"#.to_owned())) }
    }

    #[test]
    fn what_is_not_changed_keeps_its_bytes() {
        let mut draft = draft();
        draft.set("cart", &json!({ "items": [1] })).unwrap();
        draft.set_claim("name", &"Ada").unwrap();
        assert_eq!(
            draft.document.as_str(),
            r#"{"user":{"sub":"u","big":9007199254740993,"name":"Ada"},"tokenSet":{"accessToken":"a"},"internal":{"createdAt":1},"exp":9,"cart":{"items":[1]}}"#
        );
        draft.remove("cart").unwrap();
        draft.remove_claim("name").unwrap();
        assert_eq!(draft.document.as_str(), SESSION);
    }

    #[test]
    fn what_belongs_to_the_login_is_protected() {
        for name in ["user", "tokenSet", "internal", "accessTokens", "connectionTokenSets", "exp", "nbf"] {
            assert_eq!(draft().set(name, &1), Err(SessionChangeError::Protected), "{name}");
            assert_eq!(draft().remove(name), Err(SessionChangeError::Protected), "{name}");
        }
        assert_eq!(draft().set_claim("sub", &"somebody else"), Err(SessionChangeError::Protected));
        assert_eq!(draft().remove_claim("sub"), Err(SessionChangeError::Protected));
    }

    #[test]
    fn members_and_claims_are_read_as_they_are_now() {
        let mut draft = draft();
        draft.set("visits", &1).unwrap();
        draft.set("visits", &2).unwrap();
        assert_eq!(draft.get::<u8>("visits").unwrap(), Some(2));
        assert_eq!(draft.get::<u8>("nothing").unwrap(), None);
        assert_eq!(draft.claim("sub"), Some(json!("u")));
        assert_eq!(draft.id_token_claim("roles"), Some(json!(["a"])));
    }
}
