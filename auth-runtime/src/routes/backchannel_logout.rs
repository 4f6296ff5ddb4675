//! `POST /auth/backchannel-logout`: the provider ends sessions (OpenID Connect Back-Channel Logout 1.0 §2.5).
//!
//! ```text
//! form -> logout token, checked -> not used before -> sessions deleted -> token noted as used -> 200
//! ```

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;
use url::form_urlencoded;

use super::respond;
use crate::auth::Auth;
use crate::oidc::{LogoutToken, LogoutTokenError, ProviderClient, ProviderError};
use crate::reject::{log_refused_logout_token, log_store_error, log_unchecked_logout_token};
use crate::store::SessionFilter;
use crate::time::Timestamp;

pub(super) async fn answer(auth: &Auth, request: &Parts, body: Body) -> Response {
    let response = match end_sessions(auth, &request.headers, body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => refusal.into_response(),
    };
    respond::finish(response, &[])
}

async fn end_sessions(auth: &Auth, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let owner = auth.owner().ok_or(Refusal::Unavailable)?;
    let token = logout_token(headers, body).await?;
    let token = match owner.client.validate_logout_token(&token, auth.now().as_unix()).await {
        Ok(token) => token,
        Err(error @ ProviderError::LogoutToken(_)) => {
            log_refused_logout_token(error.code(), auth.now());
            return Err(Refusal::InvalidToken);
        }
        Err(error) => {
            log_unchecked_logout_token(error.code(), auth.now());
            return Err(Refusal::Unavailable);
        }
    };
    let name = token.name(owner.client.client_id());
    match auth.sessions().is_token_used(&name).await {
        Ok(false) => {}
        Ok(true) => {
            log_refused_logout_token(LogoutTokenError::Replayed.code(), auth.now());
            return Err(Refusal::InvalidToken);
        }
        Err(error) => {
            log_store_error(&error, auth.now());
            return Err(Refusal::Unavailable);
        }
    }
    // In a task of its own, so that a provider that disconnects does not interrupt the deletion.
    let ending = tokio::spawn(delete(auth.clone(), Arc::clone(&owner.client), token, name));
    ending.await.unwrap_or(Err(Refusal::Unavailable))
}

/// Ends the sessions that the token names, and then notes the token as used.
///
/// The order matters: if the deletion fails, the provider sends the same token again, and it must be accepted. Two
/// requests with the same token at the same time do no harm.
async fn delete(
    auth: Auth,
    client: Arc<ProviderClient>,
    token: LogoutToken,
    name: String,
) -> Result<(), Refusal> {
    let scope = SessionFilter { iss: token.iss.clone(), sub: token.sub.clone(), sid: token.sid.clone() };
    let (asked_at, now) = (Timestamp::from_unix(token.issued_at()), auth.now());
    match auth.sessions().end_covered(&scope, asked_at, now).await {
        Some(Ok(sessions)) => {
            client.note_logout_token(&token, now.as_unix());
            let seconds = Timestamp::from_unix(token.too_old_at()).seconds_since(now);
            if let Err(error) = auth.sessions().note_used_token(&name, seconds).await {
                // The sessions are gone, so the answer is a success. The token, sent again, ends no session that began
                // clearly later.
                log_store_error(&error, now);
            }
            tracing::info!(sessions, "the provider ended sessions");
            Ok(())
        }
        Some(Err(error)) => {
            log_store_error(&error, auth.now());
            Err(Refusal::Unavailable)
        }
        // Without a store and without revocations this endpoint is not registered.
        None => Err(Refusal::Unavailable),
    }
}

/// Reads `logout_token`, which the form must have exactly once. Other fields are ignored (§2.5).
async fn logout_token(headers: &HeaderMap, body: Body) -> Result<String, Refusal> {
    if !is_form(headers) {
        return Err(Refusal::MediaType);
    }
    let body = timeout(BODY_BUDGET, to_bytes(body, MAX_BODY_BYTES)).await.map_err(|_| Refusal::TooSlow)?;
    let body = body.map_err(|_| Refusal::TooLarge)?;
    let mut tokens = form_urlencoded::parse(&body).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) if !token.is_empty() => Ok(token.into_owned()),
        _ => Err(Refusal::InvalidRequest),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The reason why no session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// The form has no logout token, an empty one, or several.
    InvalidRequest,
    /// The logout token failed a check, or was used before.
    InvalidToken,
    /// The body is not a form.
    MediaType,
    /// The body is longer than [`MAX_BODY_BYTES`], or could not be read.
    TooLarge,
    /// The body did not arrive within [`BODY_BUDGET`].
    TooSlow,
    /// The provider should try again: this instance could not check the token, or not reach the store.
    Unavailable,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, description) = match self {
            Self::InvalidRequest => {
                (StatusCode::BAD_REQUEST, "invalid_request", "exactly one logout_token is needed")
            }
            Self::InvalidToken => {
                (StatusCode::BAD_REQUEST, "invalid_request", "the logout token is not valid")
            }
            Self::MediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", "the body must be a form")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the body is too large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "invalid_request", "the body came too slowly"),
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "try again in a moment")
            }
        };
        // Both texts are constants without a character that JSON escapes.
        let body = format!(r#"{{"error":"{code}","error_description":"{description}"}}"#);
        (status, respond::json(body)).into_response()
    }
}

/// Bytes of the largest body. A logout token has about a kilobyte.
const MAX_BODY_BYTES: usize = 64 * 1_024;

/// Time for the body to arrive: one small body, from one server to another.
const BODY_BUDGET: Duration = Duration::from_secs(5);
