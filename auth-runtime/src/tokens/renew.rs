//! When a token is renewed, and what then happens to the session.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use zeroize::Zeroizing;

use super::access_token::AccessToken;
use super::error::AccessTokenError;
use super::merge::{granted_scope, merge};
use super::request::{AccessTokenRequest, good_or_expired};
use super::select::{Held, Wanted};
use crate::json;
use crate::oidc::{IdTokenError, ProviderError};
use crate::refresh::{self, Holder, Refresher, Renewed};
use crate::session::{DocumentError, JwtPayload, Session, SessionChangeError, SessionDocument, TokenSet};
use crate::time::Timestamp;

/// What is wanted, with what sign-in asks for where this service signs in.
pub(super) fn complete(wanted: Wanted, request: &AccessTokenRequest) -> Wanted {
    let Some(refresher) = &request.session.request().refresher else { return wanted };
    let settings = refresher.settings();
    let configured_scope = if request.merge_scopes { settings.scope.clone() } else { String::new() };
    Wanted { configured_audience: settings.audience.clone(), configured_scope, ..wanted }
}

/// The token at hand if it is good enough, else one that is fetched and written into the session.
pub(super) async fn renew(
    request: &AccessTokenRequest,
    wanted: &Wanted,
    held: Held,
    refresher: &Arc<Refresher>,
) -> Result<AccessToken, AccessTokenError> {
    let now = refresher.now();
    let Some(holder) = request.session.with_current(holder) else {
        return good_or_expired(held, now).map_err(|_| AccessTokenError::MissingRefreshToken);
    };
    let need = Need::of(&held, request.force_refresh, refresher.settings().early.as_secs(), now);
    if need == Need::None {
        return good_or_expired(held, now);
    }
    let exchange = refresh::Wanted {
        audience: request.audience.clone(),
        scope: (!request.scope.is_empty()).then(|| wanted.scope()),
        connection: None,
        fresh: request.force_refresh,
    };
    match refresher.renew(holder, exchange).await {
        Ok(renewed) => write(&request.session, &renewed, wanted),
        Err(error) if is_somebody_elses(&error) => {
            tracing::error!(
                target: "auth_runtime::security",
                detail = error.code(),
                "a refresh token yielded the tokens of somebody else, so the session ends"
            );
            request.session.sign_out()?;
            Err(AccessTokenError::SessionOver)
        }
        Err(error) => match held.token {
            Some(token) if need == Need::Early => {
                tracing::warn!(
                    detail = error.code(),
                    "an access token could not be renewed before it expires"
                );
                Ok(token)
            }
            _ => Err(AccessTokenError::of(&error, now)),
        },
    }
}

/// Forgets what the session's refresh token was exchanged for: its user has signed out.
pub(crate) fn forget(session: &Session) {
    if let Some(refresher) = &session.request().refresher
        && let Some(token) = session.token_set().refresh_token()
    {
        refresher.forget(&SecretString::from(token.into_owned()));
    }
}

/// Before a session is written: its refresh token may have been exchanged by another request meanwhile. A spent one must
/// not take the place of its successor in the browser.
pub(crate) fn catch_up(session: &Session) {
    let Some(refresher) = &session.request().refresher else { return };
    let own = session.with_current(|document| {
        TokenSet::of(document).refresh_token().map(|token| SecretString::from(token.into_owned()))
    });
    let Some(successor) = own.and_then(|own| refresher.successor(&own)) else { return };
    if let Err(error) = keep_refresh_token(session, successor.expose_secret()) {
        tracing::error!(%error, "a session is written with a refresh token that is spent");
    }
}

/// Makes this the session's refresh token, if it is not.
pub(super) fn keep_refresh_token(session: &Session, newest: &str) -> Result<(), SessionChangeError> {
    let is_kept = session
        .with_current(|document| TokenSet::of(document).refresh_token().is_some_and(|own| own == newest));
    if is_kept {
        return Ok(());
    }
    let raw = Zeroizing::new(Value::from(newest).to_string());
    session.change(|document| {
        let token_set = json::with_member(document.token_set(), "refreshToken", Some(&raw));
        let token_set = token_set.ok_or(DocumentError::of("tokenSet"))?;
        document.with_member("tokenSet", Some(&token_set)).map_err(SessionChangeError::from)
    })
}

/// Why a token is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    None,
    /// The one at hand will do if no other can be had.
    Early,
    /// The one at hand is none, is over, or is not wanted.
    Now,
}

impl Need {
    fn of(held: &Held, is_forced: bool, early: u64, now: Timestamp) -> Self {
        let Some(token) = &held.token else { return Self::Now };
        match token.expires_at {
            _ if is_forced || held.has_nonsense_expiry => Self::Now,
            Some(end) if end <= now => Self::Now,
            Some(end) if end > now.saturating_add(early) => Self::None,
            // Nobody knows when it ends, or it is soon.
            Some(_) | None => Self::Early,
        }
    }
}

fn write(session: &Session, renewed: &Renewed, wanted: &Wanted) -> Result<AccessToken, AccessTokenError> {
    session.change(|document| merge(document, renewed, wanted).map_err(SessionChangeError::from))?;
    session.note(|changes| {
        changes.has_new_tokens = true;
        if let Some(id_token) = &renewed.id_token {
            changes.new_claims = Some(Zeroizing::new(id_token.claims.get().to_owned()));
        }
    });
    let scope = session.with_current(|document| granted_scope(&TokenSet::of(document), renewed, wanted));
    Ok(AccessToken {
        token: Zeroizing::new(renewed.access_token.expose_secret().to_owned()),
        expires_at: renewed.expires_at,
        scope,
        audience: wanted.audience().map(str::to_owned),
        token_type: Some("bearer".to_owned()),
    })
}

/// `None` without a refresh token.
pub(super) fn holder(session: &SessionDocument) -> Option<Holder> {
    let token_set = TokenSet::of(session);
    let refresh_token = token_set.refresh_token().filter(|token| !token.is_empty())?;
    let payload = JwtPayload::read(token_set.id_token().as_deref());
    let claim = |name| match &payload {
        JwtPayload::Claims(claims) => json::member(claims, name),
        JwtPayload::Absent | JwtPayload::Unreadable => None,
    };
    let text = |name| claim(name).and_then(json::string).map(std::borrow::Cow::into_owned);
    let subject = json::member(session.user(), "sub").and_then(json::string).unwrap_or_default();
    Some(Holder {
        refresh_token: SecretString::from(refresh_token.into_owned()),
        subject: subject.into_owned(),
        issuer: text("iss"),
        auth_time: claim("auth_time").and_then(json::integer),
        nonce: text("nonce"),
    })
}

fn is_somebody_elses(error: &ProviderError) -> bool {
    matches!(error, ProviderError::IdToken(IdTokenError::SubjectChanged | IdTokenError::IssuerChanged))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn need(expires_at: Option<i64>, early: u64) -> Need {
        let token = AccessToken {
            token: Zeroizing::new("a".to_owned()),
            expires_at: expires_at.map(Timestamp::from_unix),
            scope: None,
            audience: None,
            token_type: None,
        };
        let held = Held { token: Some(token), has_nonsense_expiry: false };
        Need::of(&held, false, early, NOW)
    }

    #[test]
    fn a_token_is_renewed_when_it_is_over_and_early_if_so_configured() {
        assert_eq!(need(Some(NOW.as_unix()), 0), Need::Now);
        assert_eq!(need(Some(NOW.as_unix() + 1), 0), Need::None);
        assert_eq!(need(Some(NOW.as_unix() + 60), 60), Need::Early);
        assert_eq!(need(Some(NOW.as_unix() + 61), 60), Need::None);
        assert_eq!(need(None, 0), Need::Early);
    }

    #[test]
    fn the_holder_is_who_the_session_says() {
        // {"iss":"i","nonce":"n","auth_time":5}
        let token_set = r#"{"refreshToken":"rt","idToken":"e30.eyJpc3MiOiJpIiwibm9uY2UiOiJuIiwiYXV0aF90aW1lIjo1fQ.c2ln"}"#;
        let text = format!(r#"{{"user":{{"sub":"u"}},"tokenSet":{token_set},"internal":{{"createdAt":1}}}}"#);
        let holder = holder(&SessionDocument::parse(text).unwrap()).unwrap();
        assert_eq!(holder.subject, "u");
        assert_eq!((holder.issuer.as_deref(), holder.nonce.as_deref()), (Some("i"), Some("n")));
        assert_eq!(holder.auth_time, Some(5));
        assert!(!format!("{holder:?}").contains("rt"));
    }
}
