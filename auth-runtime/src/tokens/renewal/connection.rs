//! `session.access_token_for_connection()`: tokens of an identity provider behind the provider.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::Value;
use zeroize::Zeroizing;

use super::super::access_token::AccessToken;
use super::super::error::AccessTokenError;
use super::super::limits::Limits;
use super::merge::is_over;
use super::renew::{fail, holder, keep_refresh_token};
use crate::json::{self, ObjectWriter};
use crate::refresh::{self, Connection, Exchanged, Refresher, Renewed};
use crate::request::Session;
use crate::session::{ExpiresAt, TokenSet, keep_newest};
use crate::time::Timestamp;

impl Session {
    /// Begins a request for the user's access token at the identity provider that `connection` names, such as
    /// `google-oauth2`, through which the user signed in at Auth0. Await it.
    ///
    /// If the session holds a token that is good, the request yields it. Otherwise the service exchanges the refresh
    /// token for one, once for all requests that want the same at that time, and keeps it beside the session, with at
    /// most fifteen others.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::{AccessTokenError, Session, with_api_auth_required};
    ///
    /// #[with_api_auth_required]
    /// async fn calendar(session: Session) -> Result<String, AccessTokenError> {
    ///     let token = session.access_token_for_connection("google-oauth2").await?;
    ///     Ok(format!("a token of {} characters", token.as_str().len()))
    /// }
    /// # }
    /// ```
    pub fn access_token_for_connection(&self, connection: impl Into<String>) -> ConnectionTokenRequest {
        let connection = Connection { name: connection.into(), login_hint: None };
        ConnectionTokenRequest { session: self.clone(), connection }
    }
}

/// A request for a token of a federated connection, to be awaited.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::{AccessTokenError, Session, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn calendar(session: Session) -> Result<String, AccessTokenError> {
///     let request = session.access_token_for_connection("google-oauth2");
///     let token = request.login_hint("ada@example.com").await?;
///     Ok(format!("a token of {} characters", token.as_str().len()))
/// }
/// # }
/// ```
#[must_use = "a request for a token does nothing unless awaited"]
pub struct ConnectionTokenRequest {
    session: Session,
    connection: Connection,
}

impl ConnectionTokenRequest {
    /// Names one of the user's accounts at the identity provider, where the user has several.
    pub fn login_hint(mut self, login_hint: impl Into<String>) -> Self {
        self.connection.login_hint = Some(login_hint.into());
        self
    }

    async fn resolve(self) -> Result<AccessToken, AccessTokenError> {
        let Self { session, connection } = self;
        let limits = Limits::default().name("connection", Some(&connection.name));
        limits.name("login_hint", connection.login_hint.as_deref()).check()?;
        let refresher = session.refresher().cloned();
        let now = refresher.as_ref().map_or(session.verified().read_at(), |refresher| refresher.now());
        let connections = session.connections();
        let held = connections.iter().find(|raw| is_of(raw, &connection)).and_then(|raw| token(raw));
        match (held, refresher) {
            // A token whose end is not known is fetched anew.
            (Some(token), _) if token.expires_at.is_some_and(|end| end > now) => Ok(token),
            (held, None) => {
                Err(if held.is_some() { AccessTokenError::Expired } else { AccessTokenError::Missing })
            }
            (_, Some(refresher)) => exchange(&session, connection, &refresher, now).await,
        }
    }
}

async fn exchange(
    session: &Session,
    connection: Connection,
    refresher: &Arc<Refresher>,
    now: Timestamp,
) -> Result<AccessToken, AccessTokenError> {
    let holder = session.with_current(holder).ok_or(AccessTokenError::MissingRefreshToken)?;
    // The session could not keep the token, nor the next refresh token.
    if !session.is_open() {
        return Err(AccessTokenError::Expired);
    }
    let wanted = refresh::Wanted { connection: Some(connection.clone()), ..refresh::Wanted::default() };
    session.begin_exchange();
    let Exchanged { outcome, refresh_token, .. } = refresher.renew(holder, wanted).await;
    session.end_exchange();
    let renewed = outcome.map_err(|error| fail(session, &error, now))?;
    // The exchange may have been made with a newer refresh token than the session has, or have brought one.
    keep_refresh_token(session, refresh_token.expose_secret())?;
    let raw = element(&renewed, &connection);
    let mut connections = session.connections();
    connections.retain(|other| !is_of(other, &connection) && !is_over(&TokenSet::new(other), now));
    connections.push(raw.clone());
    keep_newest(&mut connections, |raw| raw.len());
    session.note(|changes| changes.connections = Some(connections));
    token(&raw).ok_or(AccessTokenError::InvalidResponse)
}

/// Returns the token set as the wire has it:
/// `{"accessToken":…,"expiresAt":…,"scope":…,"connection":…,"loginHint":…}`.
fn element(renewed: &Renewed, connection: &Connection) -> Zeroizing<String> {
    let text = |text: &str| Zeroizing::new(Value::from(text).to_string());
    let mut raw = Zeroizing::new(String::new());
    let mut object = ObjectWriter::begin(&mut raw);
    object.member("accessToken", Some(&text(renewed.access_token.expose_secret())));
    object.member("expiresAt", renewed.expires_at.map(|end| end.as_unix().to_string()).as_deref());
    object.member("scope", renewed.scope.as_deref().map(text).as_ref().map(|scope| scope.as_str()));
    object.member("connection", Some(&text(&connection.name)));
    let login_hint = connection.login_hint.as_deref().map(text);
    object.member("loginHint", login_hint.as_ref().map(|hint| hint.as_str()));
    object.end();
    raw
}

/// Returns whether a token set is of this connection and this account. Without a hint only a token fits that was
/// requested without one.
fn is_of(raw: &str, connection: &Connection) -> bool {
    let text = |name| json::member(raw, name).and_then(json::string);
    text("connection").is_some_and(|name| name == connection.name)
        && text("loginHint").as_deref() == connection.login_hint.as_deref()
}

/// Returns the access token of a token set.
fn token(raw: &str) -> Option<AccessToken> {
    let token_set = TokenSet::new(raw);
    let token = token_set.access_token().filter(|token| !token.is_empty())?;
    Some(AccessToken {
        token: Zeroizing::new(token.into_owned()),
        expires_at: match token_set.expires_at() {
            ExpiresAt::At(time) => Some(time),
            ExpiresAt::Invalid | ExpiresAt::Unknown => None,
        },
        scope: token_set.scope().map(std::borrow::Cow::into_owned),
        audience: None,
        token_type: token_set.token_type().map(std::borrow::Cow::into_owned),
    })
}

impl IntoFuture for ConnectionTokenRequest {
    type Output = Result<AccessToken, AccessTokenError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.resolve())
    }
}

impl fmt::Debug for ConnectionTokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionTokenRequest")
            .field("connection", &self.connection.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(login_hint: Option<&str>) -> Connection {
        Connection { name: "google".to_owned(), login_hint: login_hint.map(str::to_owned) }
    }

    #[test]
    fn a_token_is_of_one_account_of_one_connection() {
        let without = r#"{"accessToken":"a","connection":"google"}"#;
        let with = r#"{"accessToken":"b","connection":"google","loginHint":"ada"}"#;
        assert!(is_of(without, &connection(None)) && !is_of(without, &connection(Some("ada"))));
        assert!(is_of(with, &connection(Some("ada"))) && !is_of(with, &connection(None)));
        assert!(!is_of(r#"{"connection":"github"}"#, &connection(None)));
    }

    #[test]
    fn what_is_kept_has_the_members_of_the_wire() {
        let renewed = Renewed {
            access_token: "a".into(),
            expires_at: Some(Timestamp::from_unix(7)),
            scope: Some("mail".to_owned()),
            id_token: None,
        };
        assert_eq!(
            element(&renewed, &connection(Some("ada"))).as_str(),
            r#"{"accessToken":"a","expiresAt":7,"scope":"mail","connection":"google","loginHint":"ada"}"#
        );
    }
}
