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
    let return_to = ReturnTo::parse(parameter(query, "returnTo").as_deref(), &owner.base_url);
    let StepUp { acr_values, max_age } = StepUp::requested(query)?;

    let metadata = owner.client.metadata().await.map_err(ProviderError::from)?;
    let login = LoginTransaction::begin(return_to.relative().to_owned(), max_age)
        .map_err(|_| Failure::NoRandomness)?;
    let request = AuthorizationRequest {
        client_id: owner.client.client_id(),
        redirect_uri: &owner.redirect_uri(),
        scope: &owner.scope,
        audience: owner.audience.as_deref(),
        extra: &acr_values.map(|values| ("acr_values".to_owned(), values)).into_iter().collect::<Vec<_>>(),
    };
    let location = authorization_url(&metadata, &request, &login).to_string();
    let mut cookies = transaction::forget_surplus(headers, auth);
    cookies.push(transaction::remember(&login, &owner.scope, auth)?);
    Ok(Redirect { location, cookies })
}

/// The sign-in that a challenge asks for (RFC 9470 §4). Asking for a stronger or a fresher one than is needed does no
/// harm, so anybody may.
struct StepUp {
    acr_values: Option<String>,
    max_age: Option<u64>,
}

impl StepUp {
    fn requested(query: &str) -> Result<Self, Failure> {
        let max_age = match parameter(query, "max_age") {
            None => None,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(text.parse().map_err(|_| Failure::InvalidLogin("max_age"))?)
            }
            Some(_) => return Err(Failure::InvalidLogin("max_age")),
        };
        let acr_values = parameter(query, "acr_values");
        let is_list = |values: &String| {
            values.len() <= MAX_ACR_VALUES && values.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        };
        if acr_values.as_ref().is_some_and(|values| !is_list(values)) {
            return Err(Failure::InvalidLogin("acr_values"));
        }
        Ok(Self { acr_values, max_age })
    }
}

/// Of several the last one counts.
fn parameter(query: &str, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(query.as_bytes()).filter(|(other, _)| other == name).last();
    found.map(|(_, value)| value.into_owned())
}

/// As long as the path that a sign-in may return to.
const MAX_ACR_VALUES: usize = 2_048;
