//! `GET /auth/callback`: takes the provider's answer and begins the session.
//!
//! ```text
//! state -> transaction -> issuer -> error? -> code for tokens -> ID token -> organization -> `on_login` -> session
//! ```

use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;
use secrecy::ExposeSecret;
use url::form_urlencoded;

use super::failure::Failure;
use super::organization::is_of_organization;
use super::respond::{self, Failed, Redirect};
use super::return_to::ReturnTo;
use super::transaction::{self, Remembered};
use crate::auth::Auth;
use crate::config::{Decision, NewLogin, Owner};
use crate::oidc::{Occasion, ProviderError};
use crate::request::Caller;
use crate::session::{SessionDraft, SignIn};
use crate::store::SaveError;
use crate::time::Timestamp;

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let query = request.uri.query().unwrap_or_default();
    respond::redirect(complete(auth, query, &request.headers).await, auth, &request.headers)
}

async fn complete(auth: &Auth, query: &str, headers: &HeaderMap) -> Result<Redirect, Failed> {
    let owner = auth.owner().ok_or(Failure::InvalidState)?;
    let answer = Answer::parse(query)?;
    let Some(remembered) = transaction::recall(&answer.state, headers, auth) else {
        return Err(without_transaction(auth, headers).await.into());
    };
    let forget = transaction::forget(&answer.state, auth);
    let return_to = ReturnTo::parse(Some(&remembered.return_to), auth, owner);

    match begin_session(auth, owner, &answer, &remembered, &return_to, headers).await {
        Ok(mut redirect) => {
            redirect.cookies.push(forget);
            Ok(redirect)
        }
        // The transaction is over after a failure, too.
        Err(failure) => {
            let return_to = Some(return_to.relative().to_owned());
            Err(Failed { failure, cookies: vec![forget], return_to })
        }
    }
}

/// Returns the failure of a callback that has no transaction. Where the user is signed in, the callback most likely
/// came out of the browser's history.
async fn without_transaction(auth: &Auth, headers: &HeaderMap) -> Failure {
    match auth.callers().load(headers, auth.now()).await {
        Ok(Caller::SignedIn(_)) => Failure::AlreadySignedIn,
        Ok(Caller::Anonymous(_)) | Err(_) => Failure::InvalidState,
    }
}

async fn begin_session(
    auth: &Auth,
    owner: &Owner,
    answer: &Answer,
    remembered: &Remembered,
    return_to: &ReturnTo,
    headers: &HeaderMap,
) -> Result<Redirect, Failure> {
    check_issuer(owner, answer.iss.as_deref()).await?;
    let code = match (&answer.code, &answer.error) {
        (Some(code), None) => code,
        (None, Some(error)) => return Err(Failure::authorization_error(error)),
        (Some(_), Some(_)) => return Err(Failure::InvalidCallback("both a code and an error")),
        (None, None) => return Err(Failure::InvalidCallback("neither a code nor an error")),
    };
    let now = auth.now();
    // Noted before the code is sent: if the provider or the user ends the session from here on, `begin` below does not
    // start it.
    let under_way = auth.sessions().sign_in_under_way(now).await.map_err(SaveError::from)?;
    let login = redeem(owner, code, remembered, return_to, now).await?;
    let Decision::Begin { session, place } = owner.on_login.decide(login).await else {
        return Err(Failure::Denied);
    };
    let document = auth.hooks().before_save(session).await.into_document();
    // A new session takes nothing over: `begin` removes whatever session the browser had before.
    let begun = auth.sessions().begin(&document, headers, now, under_way).await?;
    let cookies = begun.ok_or(Failure::SessionExpired)?;
    // A place of the hook's choice may be, or lead to, the page that sent the browser here.
    let choose =
        |place: String| ReturnTo::parse(Some(&place), auth, owner).with_mark_of(return_to.relative());
    let place = place.map(choose);
    let location = place.as_ref().unwrap_or(return_to).as_str().to_owned();
    Ok(Redirect { location, cookies })
}

/// Exchanges the code for tokens, checks the ID token, and returns the session that may begin.
async fn redeem(
    owner: &Owner,
    code: &str,
    remembered: &Remembered,
    return_to: &ReturnTo,
    now: Timestamp,
) -> Result<NewLogin, Failure> {
    let tokens = owner.client.exchange_code(code, &remembered.code_verifier, owner.redirect_uri()).await?;
    owner.client.note_grant(remembered.scope.as_deref().unwrap_or_default(), tokens.scope.as_deref());
    let id_token = tokens.id_token.as_ref().ok_or(Failure::NoIdToken)?;
    let occasion = Occasion::SignIn { nonce: &remembered.nonce, max_age: remembered.max_age };
    let claims =
        owner.client.validate_id_token(id_token, &tokens.access_token, occasion, now.as_unix()).await?;
    let organization = remembered.organization.as_deref();
    if organization.is_some_and(|requested| !is_of_organization(claims.raw().get(), requested)) {
        return Err(Failure::OrganizationMismatch);
    }
    if claims.session_expiry().is_some_and(|end| end <= claims.iat().saturating_add(CEILING_LEEWAY)) {
        return Err(Failure::SessionExpired);
    }
    let session = SignIn {
        claims: claims.raw().get(),
        access_token: tokens.access_token.expose_secret(),
        id_token: id_token.expose_secret(),
        refresh_token: tokens.refresh_token.as_ref().map(ExposeSecret::expose_secret),
        // Where the answer names no scope, the requested one was granted (RFC 6749 §5.1).
        scope: tokens.scope.as_deref().or(remembered.scope.as_deref()),
        requested_scope: remembered.scope.as_deref().unwrap_or_default(),
        audience: remembered.audience.as_deref(),
        expires_at: tokens.expires_at(now.as_unix()),
        sid: claims.sid(),
        session_expiry: claims.session_expiry(),
    };
    let draft = SessionDraft::new(session.into_document(now)?, Some(claims.raw().get()));
    Ok(NewLogin::new(draft, return_to.relative().to_owned(), tokens.refresh_token.is_some()))
}

/// Checks `iss` of the answer (RFC 9207 §2.4). It must be the issuer of the metadata, and must be there if the metadata
/// say that it always is.
async fn check_issuer(owner: &Owner, iss: Option<&str>) -> Result<(), Failure> {
    let metadata = owner.client.metadata().await.map_err(ProviderError::from)?;
    match iss {
        Some(iss) if iss == metadata.issuer => Ok(()),
        None if !metadata.authorization_response_iss_parameter_supported => Ok(()),
        _ => Err(Failure::IssuerMismatch),
    }
}

/// The parameters of the provider's answer (RFC 6749 §4.1.2). Every other parameter, tokens included, is ignored.
struct Answer {
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

impl Answer {
    fn parse(query: &str) -> Result<Self, Failure> {
        let mut found = [const { None::<String> }; 4];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(position) = ["state", "code", "error", "iss"].iter().position(|known| *known == name)
            else {
                continue;
            };
            // RFC 6749 §3.1: no parameter more than once.
            let place = found.get_mut(position).ok_or(Failure::InvalidCallback("unknown"))?;
            if place.replace(value.into_owned()).is_some() {
                return Err(Failure::InvalidCallback("a parameter is there twice"));
            }
        }
        let [state, code, error, iss] = found;
        let state = state.ok_or(Failure::InvalidCallback("no state"))?;
        Ok(Self { state, code, error, iss })
    }
}

/// Seconds before the provider's limit at which a session is over. A session whose limit is nearer than that never
/// begins.
const CEILING_LEEWAY: i64 = 30;
