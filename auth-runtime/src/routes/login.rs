//! `GET /auth/login`: begins a sign-in (RFC 6749 §4.1.1 with PKCE, OpenID Connect Core 1.0 §3.1.2.1).
//!
//! ```text
//! query -> place to return to -> transaction -> authorization request -> cookie
//! ```

use axum::response::Response;
use http::request::Parts;

use super::failure::Failure;
use super::login_parameters::LoginParameters;
use super::respond::{self, Failed, Redirect};
use super::return_to::ReturnTo;
use super::transaction;
use crate::auth::Auth;
use crate::config::Owner;
use crate::oidc::{AuthorizationRequest, LoginTransaction};

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let begun = begin(auth, request).await;
    respond::redirect(begun, auth, &request.headers)
}

async fn begin(auth: &Auth, request: &Parts) -> Result<Redirect, Failed> {
    // Without an owner these routes are not there.
    let owner = auth.owner().ok_or(Failure::InvalidState)?;
    let asked = LoginParameters::parse(request.uri.query().unwrap_or_default())?;
    let organization = asked.organization.as_deref().or(owner.sign_in.organization.as_deref());
    let extra = asked.merged_with(&owner.sign_in.parameters, organization);

    let return_to = ReturnTo::parse(asked.return_to.as_deref(), auth, owner);
    let login = LoginTransaction::begin(return_to.relative().to_owned(), asked.max_age)
        .map_err(|_| Failure::NoRandomness)?;
    let location = authorization_location(owner, &extra, &login).await;
    let location = location.map_err(|failure| Failed {
        return_to: Some(return_to.relative().to_owned()),
        ..Failed::from(failure)
    })?;
    let cookie = transaction::remember(&login, &owner.scope, organization, auth)?;
    let mut cookies = transaction::make_room(&cookie, &request.headers, auth);
    cookies.push(cookie);
    Ok(Redirect { location, cookies })
}

/// Where the browser is sent.
async fn authorization_location(
    owner: &Owner,
    extra: &[(String, String)],
    login: &LoginTransaction,
) -> Result<String, Failure> {
    let request = AuthorizationRequest {
        client_id: owner.client.client_id(),
        redirect_uri: owner.redirect_uri(),
        scope: &owner.scope,
        audience: owner.audience.as_deref(),
        extra,
    };
    let is_pushed = owner.sign_in.pushed_authorization_requests;
    Ok(owner.client.begin_authorization(&request, login, is_pushed).await?.into())
}
