//! `/auth/logout`: ends the session here and sends the browser to end it at the provider
//! (OpenID Connect RP-Initiated Logout 1.0).

use http::HeaderMap;
use secrecy::SecretString;

use super::failure::Failure;
use super::respond::{Failed, Redirect};
use crate::auth::Auth;
use crate::oidc::{LogoutRequest, ProviderError, logout_url};
use crate::session::Session;
use crate::store::{End, SaveError};

pub(super) async fn sign_out(auth: &Auth, headers: &HeaderMap) -> Result<Redirect, Failed> {
    let owner = auth.owner().ok_or(Failure::InvalidState)?;
    let now = auth.now();
    let session = auth.sessions().load(headers, now).await.ok();
    let End { lines: cleared, failure } = auth.sessions().end(headers, now).await;
    if let Some(session) = &session {
        crate::tokens::forget(session);
    }
    if let Some(error) = failure {
        return Err(Failed { failure: SaveError::from(error).into(), cookies: cleared });
    }

    // The session here ends even when the provider cannot be reached.
    let metadata = match owner.client.metadata().await {
        Ok(metadata) => metadata,
        Err(error) => return Err(Failed { failure: ProviderError::from(error).into(), cookies: cleared }),
    };
    let id_token = session.as_ref().and_then(|session| session.token_set().id_token());
    let id_token = id_token.map(|token| SecretString::from(token.into_owned()));
    let sid = session.as_ref().and_then(Session::sid);
    let request = LogoutRequest {
        client_id: owner.client.client_id(),
        post_logout_redirect_uri: owner.base_url.as_str(),
        state: None,
        logout_hint: sid.as_deref(),
        id_token_hint: id_token.as_ref(),
        federated: false,
    };
    let location = logout_url(&metadata, owner.client.issuer(), &request).to_string();
    Ok(Redirect { location, cookies: cleared })
}
