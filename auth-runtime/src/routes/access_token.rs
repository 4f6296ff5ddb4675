//! `GET /auth/access-token`: gives a page of this application an access token.

use axum::response::Response;
use http::request::Parts;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::origin::is_foreign;
use super::respond;
use crate::auth::Auth;
use crate::config::Owner;
use crate::reject::{JSON, Refusal, RejectionKind, log_store_error};
use crate::request::{Caller, Session};
use crate::store::{SaveError, Saved};
use crate::time::Timestamp;
use crate::tokens::{AccessToken, AccessTokenError};

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let Some(owner) = auth.owner() else { return respond::method_not_allowed(&[]) };
    match token(auth, owner, request).await {
        Ok(Answered { told, saved }) => {
            let response = match told {
                Ok(token) => respond::json(body_of(&token, auth.now().as_unix()).to_string()),
                Err(refusal) => refuse(&refusal, auth),
            };
            respond::finish(response, &saved.into_lines())
        }
        Err(refusal) => respond::finish(refuse(&refusal, auth), &[]),
    }
}

/// The answer to the page, and the result of saving the session.
struct Answered {
    told: Result<AccessToken, Refusal>,
    saved: Saved,
}

async fn token(auth: &Auth, owner: &Owner, request: &Parts) -> Result<Answered, Refusal> {
    let session = match auth.callers().load(&request.headers, auth.now()).await {
        Ok(Caller::SignedIn(session)) => session,
        Ok(Caller::Anonymous(_)) => return Err(missing_session()),
        Err(error) => {
            log_store_error(&error, auth.now());
            return Err(RejectionKind::SessionStoreUnavailable.into());
        }
    };
    // After the session, as in the guard: a request without a session gets its 401 whatever page sent it.
    if is_foreign(&request.headers, &owner.base_url) {
        return Err(RejectionKind::CrossSiteRequest.into());
    }
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let asking_auth = auth.clone();
    // The next request needs a renewed token, and a session that is over has to be removed. The task of its own saves
    // both even if the page disconnects meanwhile.
    let asked = tokio::spawn(async move {
        let outcome = query.ask(&session).await;
        (outcome, asking_auth.callers().commit(session).await)
    });
    let (outcome, saved) = asked.await.map_err(|_| RejectionKind::SessionNotSaved)?;
    let saved = saved.map_err(|error| not_saved(&error, auth.now()))?;
    let told = match (outcome, &saved) {
        (Ok(token), Saved::Kept(_)) => Ok(token),
        // Another request ended the session while its token was renewed.
        (Ok(_), Saved::Over(_)) => Err(missing_session()),
        (Err(AccessTokenError::SessionOver), _) => {
            Err(Refusal::from(&AccessTokenError::SessionOver).with_code("session_expired"))
        }
        (Err(error), _) => Err(Refusal::from(&error)),
    };
    Ok(Answered { told, saved })
}

fn not_saved(error: &SaveError, now: Timestamp) -> Refusal {
    match error {
        SaveError::Store(error) => log_store_error(error, now),
        SaveError::Write(error) => {
            tracing::error!(%error, "the session with the new token could not be saved");
        }
    }
    Refusal::from(error)
}

/// Returns the refusal in the words of the npm package.
fn missing_session() -> Refusal {
    let (kind, description) = (RejectionKind::NotAuthenticated, "The user does not have an active session.");
    Refusal::new(kind, kind.status(), "missing_session", description)
}

/// Writes the refusal in the shapes that the npm package's browser code reads. The shapes are a protocol, so the
/// application's `on_rejection` hook is not called.
fn refuse(refusal: &Refusal, auth: &Auth) -> Response {
    let body = if refusal.cause() == Some(MFA_REQUIRED) {
        // The package reads this error from a flat object.
        json!({ "error": MFA_REQUIRED, "error_description": "Multi-factor authentication is required" })
    } else {
        json!({ "error": { "message": refusal.description(), "code": refusal.code() } })
    };
    refusal.respond(&auth.rejections().realm, JSON, body.to_string())
}

/// The parameters of the query.
struct Query {
    audience: Option<String>,
    scope: Option<String>,
    /// True unless `mergeScopes` is `false`.
    merges_scopes: bool,
}

impl Query {
    fn parse(query: &str) -> Self {
        let mut found = Self { audience: None, scope: None, merges_scopes: true };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "audience" => found.audience = Some(value).filter(|value| !value.is_empty()),
                "scope" => found.scope = Some(value).filter(|value| !value.is_empty()),
                "mergeScopes" => found.merges_scopes = value != "false",
                _ => {}
            }
        }
        found
    }

    async fn ask(self, session: &Session) -> Result<AccessToken, AccessTokenError> {
        let mut request = session.access_token().merge_scopes(self.merges_scopes);
        if let Some(audience) = self.audience {
            request = request.audience(audience);
        }
        if let Some(scope) = self.scope {
            request = request.scope(scope);
        }
        request.await
    }
}

fn body_of(token: &AccessToken, now: i64) -> Value {
    let expires_at = token.expires_at().map_or(0, Timestamp::as_unix);
    let mut body = json!({ "token": token.as_str() });
    let mut add = |name: &str, value: Option<Value>| {
        if let (Some(body), Some(value)) = (body.as_object_mut(), value) {
            body.insert(name.to_owned(), value);
        }
    };
    // An unknown `scope` or `token_type` is left out. An unknown expiry is 0.
    add("scope", token.scope().map(Value::from));
    add("expires_at", Some(expires_at.into()));
    add("expires_in", Some(expires_at.saturating_sub(now).max(0).into()));
    add("token_type", token.token_type().map(Value::from));
    body
}

const MFA_REQUIRED: &str = "mfa_required";
