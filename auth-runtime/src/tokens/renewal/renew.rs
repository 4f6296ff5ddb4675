//! The decision to renew a token, and its consequences for the session.

use std::sync::Arc;

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::super::access_token::AccessToken;
use super::super::error::{AccessTokenError, ProviderRefusal};
use super::super::request::{AccessTokenRequest, good_or_expired};
use super::super::select::{Held, Wanted, union};
use super::merge::{Renewal, merge};
use crate::json;
use crate::oidc::{IdTokenError, ProviderError, TokenError};
use crate::refresh::{self, Exchanged, Holder, Refresher};
use crate::request::Session;
use crate::session::{JwtPayload, SessionChangeError, SessionDocument, TokenSet};
use crate::time::Timestamp;

/// Completes what is wanted with the audience and the scopes that sign-in asks for.
pub(in crate::tokens) fn complete(wanted: Wanted, request: &AccessTokenRequest) -> Wanted {
    let Some(refresher) = request.session.refresher() else { return wanted };
    let settings = refresher.settings();
    let configured_scope = if request.merge_scopes { settings.scope.clone() } else { String::new() };
    Wanted { configured_audience: settings.audience.clone(), configured_scope, ..wanted }
}

/// Returns the token at hand if it is good enough. Otherwise fetches one and writes it into the session.
pub(in crate::tokens) async fn renew(
    request: &AccessTokenRequest,
    wanted: &Wanted,
    held: Held,
    refresher: &Arc<Refresher>,
) -> Result<AccessToken, AccessTokenError> {
    let (session, now) = (&request.session, refresher.now());
    // Without a refresh token no token can be fetched.
    let Some(holder) = session.with_current(holder) else {
        return good_or_expired(held, now).map_err(|_| AccessTokenError::MissingRefreshToken);
    };
    let need = Need::of(&held, request.force_refresh, refresher.settings().early.as_secs(), now);
    // A closed session could not keep the token, nor the next refresh token.
    if need == Need::None || !session.is_open() {
        return good_or_expired(held, now);
    }
    // A token is renewed with all the scopes that it was requested with before.
    let scope = (!request.scope.is_empty()).then(|| match &held.requested_scope {
        Some(requested) => union(requested, &wanted.scope()),
        None => wanted.scope(),
    });
    let exchange = refresh::Wanted {
        audience: request.audience.clone(),
        scope: scope.clone(),
        connection: None,
        fresh: request.force_refresh,
    };
    session.begin_exchange();
    let Exchanged { outcome, refresh_token, .. } = refresher.renew(holder, exchange).await;
    session.end_exchange();
    match outcome {
        Ok(tokens) => {
            // Without a scope the grant is to be that of the sign-in (RFC 6749 §6).
            let asked = scope.clone().unwrap_or_else(|| session.with_current(scope_of_sign_in));
            refresher.provider().note_grant(&asked, tokens.scope.as_deref());
            let renewal = Renewal {
                tokens: &tokens,
                refresh_token: refresh_token.expose_secret(),
                wanted,
                sent_scope: scope.as_deref(),
                now: refresher.now(),
            };
            write(session, &renewal)
        }
        Err(error) => {
            let error = fail(session, &error, now);
            match held.token {
                // The token at hand will do, unless the session has ended.
                Some(token) if need == Need::Early && error != AccessTokenError::SessionOver => Ok(token),
                _ => Err(error),
            }
        }
    }
}

/// Returns the handler's error for a failed exchange. Ends the session if the tokens are another user's or another
/// provider's.
pub(super) fn fail(session: &Session, error: &ProviderError, now: Timestamp) -> AccessTokenError {
    let provider = session.refresher().map(|refresher| refresher.provider().issuer().as_str());
    if matches!(error, ProviderError::IdToken(IdTokenError::SubjectChanged | IdTokenError::IssuerChanged)) {
        tracing::error!(
            target: "auth_runtime::security",
            detail = error.code(),
            provider,
            "the provider answered a refresh token with tokens of another user or another issuer, so the session ends"
        );
        return session.end().map_or_else(AccessTokenError::from, |()| AccessTokenError::SessionOver);
    }
    tracing::warn!(detail = error.code(), provider, "an access token could not be renewed");
    AccessTokenError::of(error, now)
}

impl AccessTokenError {
    /// Returns the handler's error for a failed exchange.
    pub(crate) fn of(error: &ProviderError, now: Timestamp) -> Self {
        match error {
            ProviderError::Token(TokenError::InvalidGrant) => {
                Self::Refused(ProviderRefusal::new("invalid_grant".to_owned(), None))
            }
            ProviderError::Token(TokenError::Refused { code, description }) => {
                Self::Refused(ProviderRefusal::new(code.as_str().to_owned(), description.clone()))
            }
            ProviderError::Token(TokenError::Unavailable { retry_after, .. }) => {
                Self::Unavailable { retry_after: retry_after.map(|after| after.seconds(now.as_unix())) }
            }
            ProviderError::Token(TokenError::Invalid) | ProviderError::IdToken(_) => Self::InvalidResponse,
            _ => Self::Unavailable { retry_after: None },
        }
    }
}

/// Makes `newest` the session's refresh token, if it is not yet.
pub(super) fn keep_refresh_token(session: &Session, newest: &str) -> Result<(), SessionChangeError> {
    let own = session.with_current(SessionDocument::refresh_token);
    if own.is_some_and(|own| own.expose_secret() == newest) {
        return Ok(());
    }
    session.change(|document| document.with_refresh_token(newest).map_err(SessionChangeError::from))
}

/// The need to fetch a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    None,
    /// The token at hand will do if no other can be had.
    Early,
    /// There is no token at hand, or it has expired, or the handler does not want it.
    Now,
}

impl Need {
    fn of(held: &Held, is_forced: bool, early: u64, now: Timestamp) -> Self {
        let Some(token) = &held.token else { return Self::Now };
        match token.expires_at {
            _ if is_forced || held.has_nonsense_expiry => Self::Now,
            Some(end) if end <= now => Self::Now,
            Some(end) if end > now.saturating_add(early) => Self::None,
            // The end is not known, or it is near.
            Some(_) | None => Self::Early,
        }
    }
}

/// Writes renewed tokens into the session, and returns the access token.
fn write(session: &Session, renewal: &Renewal<'_>) -> Result<AccessToken, AccessTokenError> {
    let mut granted = None;
    session.change(|document| {
        let (merged, scope) = merge(document, renewal).map_err(SessionChangeError::from)?;
        granted = scope;
        Ok::<_, SessionChangeError>(merged)
    })?;
    session.note(|changes| {
        changes.has_new_tokens = true;
        if let Some(id_token) = &renewal.tokens.id_token {
            changes.new_claims = Some(Zeroizing::new(id_token.claims.get().to_owned()));
        }
    });
    Ok(AccessToken {
        token: Zeroizing::new(renewal.tokens.access_token.expose_secret().to_owned()),
        expires_at: renewal.tokens.expires_at,
        scope: granted,
        audience: renewal.wanted.audience().map(str::to_owned),
        token_type: Some("bearer".to_owned()),
    })
}

/// Returns all scopes that the sign-in asked for and was granted.
fn scope_of_sign_in(session: &SessionDocument) -> String {
    let token_set = TokenSet::of(session);
    let [asked, granted] = [token_set.requested_scope(), token_set.scope()].map(Option::unwrap_or_default);
    union(&asked, &granted)
}

/// Returns the holder of the session's refresh token; `None` without a refresh token.
pub(super) fn holder(session: &SessionDocument) -> Option<Holder> {
    let refresh_token = session.refresh_token()?;
    let payload = JwtPayload::read(TokenSet::of(session).id_token().as_deref());
    let claim = |name| match &payload {
        JwtPayload::Claims(claims) => json::member(claims, name),
        JwtPayload::Absent | JwtPayload::Unreadable => None,
    };
    let text = |name| claim(name).and_then(json::string).map(std::borrow::Cow::into_owned);
    let subject = json::member(session.user(), "sub").and_then(json::string).unwrap_or_default();
    Some(Holder {
        refresh_token,
        subject: subject.into_owned(),
        issuer: text("iss"),
        auth_time: claim("auth_time").and_then(json::integer),
        nonce: text("nonce"),
    })
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
        let held = Held { token: Some(token), has_nonsense_expiry: false, requested_scope: None };
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

    #[test]
    fn tok_16_what_the_provider_said_becomes_the_refusal() {
        let said = |error: TokenError| AccessTokenError::of(&error.into(), Timestamp::from_unix(0));
        let code = crate::oidc::ErrorCode::parse("mfa_required").unwrap();
        let description = Some("because".to_owned());
        let refused = ProviderRefusal::new("mfa_required".to_owned(), description.clone());
        assert_eq!(said(TokenError::Refused { code, description }), AccessTokenError::Refused(refused));
        assert_eq!(said(TokenError::InvalidGrant).provider_refusal().unwrap().error(), "invalid_grant");
        assert_eq!(said(TokenError::Invalid), AccessTokenError::InvalidResponse);
        let unavailable = TokenError::Unavailable { retry_after: None, code: None };
        assert_eq!(said(unavailable), AccessTokenError::Unavailable { retry_after: None });
    }
}
