//! `GET /auth/login`: begins a sign-in (RFC 6749 §4.1.1 with PKCE, OpenID Connect Core 1.0 §3.1.2.1).

use http::HeaderMap;
use url::form_urlencoded;

use super::respond::{Failed, Redirect};
use super::return_to::ReturnTo;
use super::{failure::Failure, transaction};
use crate::auth::Auth;
use crate::oidc::{AuthorizationRequest, LoginTransaction, ProviderError, authorization_url};

pub(super) async fn begin(auth: &Auth, query: &str, headers: &HeaderMap) -> Result<Redirect, Failed> {
    // Without an owner these routes are not there.
    let owner = auth.owner().ok_or(Failure::InvalidState)?;
    let requested = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "returnTo").last();
    let return_to = ReturnTo::parse(requested.as_ref().map(|(_, value)| &**value), &owner.base_url);

    let metadata = owner.client.metadata().await.map_err(ProviderError::from)?;
    let login =
        LoginTransaction::begin(return_to.relative().to_owned(), None).map_err(|_| Failure::NoRandomness)?;
    let request = AuthorizationRequest {
        client_id: owner.client.client_id(),
        redirect_uri: &owner.redirect_uri(),
        scope: &owner.scope,
        audience: owner.audience.as_deref(),
        extra: &[],
    };
    let location = authorization_url(&metadata, &request, &login).to_string();
    let mut cookies = transaction::forget_surplus(headers, auth);
    cookies.push(transaction::remember(&login, &owner.scope, auth)?);
    Ok(Redirect { location, cookies })
}
