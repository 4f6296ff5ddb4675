//! The signed-in user: the claims, as the sign-in stored them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::verified::VerifiedSession;
use crate::json;

/// The signed-in user. `#[with_api_auth_required]` gives it to a handler as `user`.
///
/// The accessors are the standard claims of OpenID Connect Core 1.0 §5.1; [`get`](User::get) and
/// [`claims`](User::claims) reach the rest. Serialised, a user is the claims exactly as stored. Where a claim
/// is there twice, the last one counts; a string cut in the middle of a surrogate pair reads as U+FFFD there.
///
/// A handler's parameter of this type works with and without an attribute. A request that a page of another site may
/// have sent gets 403 in every case. Without `#[with_api_auth_required]` or `#[public]` the answer has no cache
/// headers, unless the layer [`NoStore`](crate::NoStore) adds them.
///
/// ```
/// use axum::Json;
/// use auth_runtime::User;
///
/// async fn me(user: Option<User>) -> Json<Option<User>> {
///     Json(user)
/// }
/// ```
#[derive(Clone)]
pub struct User(Arc<dyn AsRef<VerifiedSession> + Send + Sync>);

impl User {
    pub(crate) fn of(session: Arc<impl AsRef<VerifiedSession> + Send + Sync + 'static>) -> Self {
        Self(session)
    }

    /// Returns the subject: the provider's stable identifier of the user (`sub`).
    pub fn sub(&self) -> Cow<'_, str> {
        // A session without a textual `sub` is no session, so there always is one.
        self.text("sub").unwrap_or_default()
    }

    /// Returns the full name (`name`).
    pub fn name(&self) -> Option<Cow<'_, str>> {
        self.text("name")
    }

    /// Returns the casual name (`nickname`).
    pub fn nickname(&self) -> Option<Cow<'_, str>> {
        self.text("nickname")
    }

    /// Returns the given name or names (`given_name`).
    pub fn given_name(&self) -> Option<Cow<'_, str>> {
        self.text("given_name")
    }

    /// Returns the family name or names (`family_name`).
    pub fn family_name(&self) -> Option<Cow<'_, str>> {
        self.text("family_name")
    }

    /// Returns the address of a picture (`picture`).
    pub fn picture(&self) -> Option<Cow<'_, str>> {
        self.text("picture")
    }

    /// Returns the e-mail address (`email`). See [`email_verified`](User::email_verified) before relying on it.
    pub fn email(&self) -> Option<Cow<'_, str>> {
        self.text("email")
    }

    /// Returns whether the provider has verified that the e-mail address is the user's (`email_verified`).
    pub fn email_verified(&self) -> Option<bool> {
        match self.raw("email_verified")? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Returns the organization that the user signed in to (`org_id`).
    pub fn org_id(&self) -> Option<Cow<'_, str>> {
        self.text("org_id")
    }

    /// Returns the provider's id of the session (`sid`).
    pub fn sid(&self) -> Option<Cow<'_, str>> {
        self.session().sid()
    }

    /// Returns any claim as a JSON value; `None` when it is absent.
    ///
    /// Numbers keep their digits only as far as [`serde_json::Value`] does; [`claims`](User::claims) into a type
    /// of your own has no such limit.
    pub fn get(&self, claim: &str) -> Option<serde_json::Value> {
        serde_json::from_str(&json::without_lone_surrogates(self.raw(claim)?)).ok()
    }

    /// Reads all claims as a type of your own.
    ///
    /// # Errors
    ///
    /// The claims do not fit `T`. As a response, the error is a 403 `claims_mismatch`.
    ///
    /// ```
    /// use auth_runtime::{ClaimsMismatch, User};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Staff {
    ///     #[serde(rename = "https://example.com/department")]
    ///     department: String,
    /// }
    ///
    /// fn department(user: &User) -> Result<String, ClaimsMismatch> {
    ///     Ok(user.claims::<Staff>()?.department)
    /// }
    /// ```
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsMismatch> {
        serde_json::from_str(&json::without_lone_surrogates(self.json())).map_err(ClaimsMismatch)
    }

    /// Returns the claims' JSON as stored.
    pub fn json(&self) -> &str {
        self.session().document().user()
    }

    fn session(&self) -> &VerifiedSession {
        (*self.0).as_ref()
    }

    fn raw(&self, claim: &str) -> Option<&str> {
        json::member(self.json(), claim)
    }

    fn text(&self, claim: &str) -> Option<Cow<'_, str>> {
        self.raw(claim).and_then(json::string)
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.json()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("sub", &self.sub()).finish_non_exhaustive()
    }
}

/// The signed-in user's claims as a type of your own, for a handler's parameter.
///
/// If the claims do not fit `T`, the client gets 403 `claims_mismatch`.
///
/// ```
/// use auth_runtime::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Staff {
///     email: String,
/// }
///
/// async fn handler(Claims(staff): Claims<Staff>) -> String {
///     staff.email
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Claims<T>(pub T);

impl<T> Deref for Claims<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The failure to read the user's claims as the type that the handler asked for. No message shows the claims. As a
/// response it is a 403 `claims_mismatch`.
///
/// ```
/// use std::collections::BTreeMap;
/// use auth_runtime::{ClaimsMismatch, User};
///
/// async fn count_texts(user: User) -> Result<String, ClaimsMismatch> {
///     let texts: BTreeMap<String, String> = user.claims()?;
///     Ok(texts.len().to_string())
/// }
/// ```
#[derive(thiserror::Error)]
#[error("the user's claims do not fit")]
pub struct ClaimsMismatch(serde_json::Error);

impl fmt::Debug for ClaimsMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClaimsMismatch").field(&self.0.classify()).finish()
    }
}
