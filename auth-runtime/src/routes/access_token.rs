//! `GET /auth/access-token`: gives a page of this application an access token.

use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::origin::is_foreign;
use super::respond;
use crate::auth::Auth;
use crate::config::Owner;
use crate::reject::log_store_error;
use crate::request::{Caller, Session};
use crate::store::{SaveError, Saved};
use crate::time::Timestamp;
use crate::tokens::{AccessToken, AccessTokenError};

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let Some(owner) = auth.owner() else { return respond::method_not_allowed(&[]) };
    let answered = token(auth, owner, request).await;
    let Answered { mut response, saved } = answered.unwrap_or_else(Answered::from);
    if response.status() == StatusCode::UNAUTHORIZED {
        // RFC 9110 §15.5.2.
        response.headers_mut().insert(WWW_AUTHENTICATE, auth.rejections().realm.challenge());
    }
    respond::finish(response, &saved.into_lines())
}

/// The answer, and what became of the session.
struct Answered {
    response: Response,
    saved: Saved,
}

async fn token(auth: &Auth, owner: &Owner, request: &Parts) -> Result<Answered, Refusal> {
    let session = match auth.callers().load(&request.headers, auth.now()).await {
        Ok(Caller::SignedIn(session)) => session,
        Ok(Caller::Anonymous(_)) => return Err(MISSING_SESSION),
        Err(error) => {
            log_store_error(&error, auth.now());
            return Err(STORE_UNAVAILABLE);
        }
    };
    if is_foreign(&request.headers, &owner.base_url) {
        return Err(CROSS_SITE);
    }
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let asking_auth = auth.clone();
    // A renewed token is worth nothing to the next request unless it is kept, and a session that is over has to go; also
    // when the page has left meanwhile, so in a task of its own.
    let asked = tokio::spawn(async move {
        let outcome = query.ask(&session).await;
        (outcome, asking_auth.callers().commit(session).await)
    });
    let (outcome, saved) = asked.await.map_err(|_| NOT_SAVED)?;
    let saved = saved.map_err(|error| not_saved(&error, auth.now()))?;
    let response = match (outcome, &saved) {
        (Ok(token), Saved::Kept(_)) => respond::json(body_of(&token, auth.now().as_unix()).to_string()),
        // It was ended while its token was renewed.
        (Ok(_), Saved::Over(_)) => MISSING_SESSION.into_response(),
        (Err(error), _) => refuse(&error),
    };
    Ok(Answered { response, saved })
}

fn not_saved(error: &SaveError, now: Timestamp) -> Refusal {
    match error {
        SaveError::Store(error) => log_store_error(error, now),
        SaveError::Write(error) => {
            tracing::error!(%error, "the session with the new token could not be saved");
        }
    }
    Refusal { status: error.status(), ..NOT_SAVED }
}

/// What the page asks for.
struct Query {
    audience: Option<String>,
    scope: Option<String>,
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
    add("scope", token.scope().map(Value::from));
    add("expires_at", Some(expires_at.into()));
    add("expires_in", Some(expires_at.saturating_sub(now).max(0).into()));
    add("token_type", token.token_type().map(Value::from));
    body
}

fn refuse(error: &AccessTokenError) -> Response {
    let needs_mfa = error.provider_refusal().is_some_and(|refusal| refusal.error() == MFA_REQUIRED);
    let mut response = if needs_mfa {
        // This one is flat, as the packages that read it expect.
        let body =
            json!({ "error": MFA_REQUIRED, "error_description": "Multi-factor authentication is required" });
        (error.status(), respond::json(body.to_string())).into_response()
    } else {
        let code = match error {
            AccessTokenError::SessionOver => "session_expired",
            error => error.code(),
        };
        nested(error.status(), &error.to_string(), code)
    };
    if let AccessTokenError::Unavailable { retry_after: Some(seconds) } = error {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// A refusal that depends on nothing.
struct Refusal {
    status: StatusCode,
    message: &'static str,
    code: &'static str,
}

impl From<Refusal> for Answered {
    fn from(refusal: Refusal) -> Self {
        Self { response: refusal.into_response(), saved: Saved::Kept(Vec::new()) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        nested(self.status, self.message, self.code)
    }
}

/// The shape that the npm package's browser code reads.
fn nested(status: StatusCode, message: &str, code: &str) -> Response {
    let body = json!({ "error": { "message": message, "code": code } });
    (status, respond::json(body.to_string())).into_response()
}

const MISSING_SESSION: Refusal = Refusal {
    status: StatusCode::UNAUTHORIZED,
    message: "The user does not have an active session.",
    code: "missing_session",
};

const CROSS_SITE: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    message: "Only pages of this application get a token.",
    code: "cross_site_request",
};

const STORE_UNAVAILABLE: Refusal = Refusal {
    status: StatusCode::SERVICE_UNAVAILABLE,
    message: "Whether the user is signed in cannot be told at the moment.",
    code: "session_store_unavailable",
};

const NOT_SAVED: Refusal = Refusal {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    message: "The session could not be saved.",
    code: "session_not_saved",
};

const MFA_REQUIRED: &str = "mfa_required";
