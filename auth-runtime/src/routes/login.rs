//! `GET /auth/login`: begins a sign-in (RFC 6749 §4.1.1 with PKCE, OpenID Connect Core 1.0 §3.1.2.1).
//!
//! ```text
//! query -> place to return to -> transaction -> authorization request -> cookie
//! ```

use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;

use super::failure::Failure;
use super::login_parameters::LoginParameters;
use super::respond::{self, Failed, Redirect};
use super::return_to::ReturnTo;
use super::transaction;
use crate::auth::Auth;
use crate::oidc::{AuthorizationRequest, LoginTransaction};

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let begun = begin(auth, request.uri.query().unwrap_or_default(), &request.headers).await;
    respond::redirect(begun, auth, &request.headers)
}

async fn begin(auth: &Auth, query: &str, headers: &HeaderMap) -> Result<Redirect, Failed> {
    // Without an owner this route is not registered.
    let owner = auth.owner().ok_or(Failure::InvalidState)?;
    let asked = LoginParameters::parse(query)?;
    let organization = asked.organization.as_deref().or(owner.sign_in.organization.as_deref());
    let extra = asked.merged_with(&owner.sign_in.parameters, organization);

    let return_to = ReturnTo::parse(asked.return_to.as_deref(), auth, owner);
    let request = AuthorizationRequest {
        client_id: owner.client.client_id(),
        redirect_uri: owner.redirect_uri(),
        scope: &owner.scope,
        audience: owner.audience.as_deref(),
        extra: &extra,
    };
    let mut login = LoginTransaction::begin(return_to.relative().to_owned(), asked.max_age)
        .map_err(|_| Failure::NoRandomness)?;
    let mut cookie = transaction::remember(&login, &request, organization, auth)?;
    if !transaction::fits(&cookie) {
        // Browsers would drop the cookie, and the callback would find no transaction. With a shorter place to return to
        // the cookie fits, so this sign-in ends at the application's root.
        let root = ReturnTo::parse(None, auth, owner).with_mark_of(&login.return_to);
        root.relative().clone_into(&mut login.return_to);
        cookie = transaction::remember(&login, &request, organization, auth)?;
    }
    let is_pushed = owner.sign_in.pushed_authorization_requests;
    let location = owner.client.begin_authorization(&request, &login, is_pushed).await;
    let location = location.map_err(|error| Failed {
        return_to: Some(return_to.relative().to_owned()),
        ..Failed::from(Failure::from(error))
    })?;
    let mut cookies = transaction::make_room(&cookie, headers, auth);
    cookies.push(cookie);
    Ok(Redirect { location: location.into(), cookies })
}
