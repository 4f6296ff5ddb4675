//! `/auth/logout`: ends the session here and sends the browser to end it at the provider
//! (OpenID Connect RP-Initiated Logout 1.0).
//!
//! ```text
//! whose wish? -> cookies removed -> address at the provider, or a page that says how far it went
//! ```

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use secrecy::SecretString;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use super::failure::Failure;
use super::origin::is_own_step;
use super::page::{self, Link};
use super::respond::{self, Failed, Redirect};
use super::return_to::ReturnTo;
use super::transaction;
use crate::auth::Auth;
use crate::config::{Endpoint, LogoutStrategy, Owner};
use crate::guard::{is_cross_site, is_navigation};
use crate::oidc::{
    DiscoveryError, LogoutRequest, Metadata, ProviderError, auth0_logout_url, end_session_url, logout_url,
};
use crate::request::Session;
use crate::store::End;

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let headers = &request.headers;
    let Some(owner) = auth.owner() else { return respond::method_not_allowed(&[]) };
    let asked = LogoutParameters::parse(request.uri.query().unwrap_or_default(), auth, owner);
    if request.method == Method::POST {
        if !is_cross_site(request, auth) {
            return respond::redirect(sign_out(auth, owner, &asked, headers).await, auth, headers);
        }
        if !is_navigation(headers) {
            return respond::explain(&Failure::CrossSite.into(), auth, headers);
        }
        return ask(auth, owner, &asked, StatusCode::FORBIDDEN).await;
    }
    if is_own_step(headers) {
        return respond::redirect(sign_out(auth, owner, &asked, headers).await, auth, headers);
    }
    ask(auth, owner, &asked, StatusCode::OK).await
}

/// What a sign-out may be told.
struct LogoutParameters {
    /// A place of this application or one of those configured; none for the application's root.
    return_to: Option<String>,
    state: Option<String>,
    federated: bool,
}

impl LogoutParameters {
    fn parse(query: &str, auth: &Auth, owner: &Owner) -> Self {
        let mut found = Self { return_to: None, state: None, federated: false };
        let mut return_to = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                // The last one counts, and it alone is resolved: a stranger can send thousands.
                "returnTo" => return_to = Some(value),
                "state" if value.len() <= MAX_STATE_BYTES => found.state = Some(value.into_owned()),
                "federated" => found.federated = true,
                _ => {}
            }
        }
        found.return_to = return_to.and_then(|requested| permitted(&requested, auth, owner));
        found
    }

    /// The same wish once more, for the button of the page that asks.
    fn to_target(&self, path: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("returnTo", &self.return_to), ("state", &self.state)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if self.federated {
            query.append_pair("federated", "");
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

/// A sign-out must not send people where a stranger wants them.
fn permitted(requested: &str, auth: &Auth, owner: &Owner) -> Option<String> {
    let url = Url::parse(requested).ok();
    let configured = url.and_then(|url| owner.sign_out.return_to.iter().find(|known| known.url == url));
    match configured {
        Some(known) => Some(known.text.clone()),
        None => ReturnTo::parse_own(requested, auth, owner).map(|place| place.as_str().to_owned()),
    }
}

/// A page with a button, for a link of another site and for browsers that do not say where a step comes from.
async fn ask(auth: &Auth, owner: &Owner, asked: &LogoutParameters, status: StatusCode) -> Response {
    let mut leads_to: Vec<String> = vec![owner.client.issuer().url().origin().ascii_serialization()];
    if let Ok(Ok(metadata)) = metadata_in_time(owner).await {
        let endpoint = metadata.end_session_endpoint.as_ref();
        leads_to.extend(endpoint.map(|url| url.origin().ascii_serialization()));
    }
    leads_to.extend(owner.sign_out.return_to.iter().map(|known| known.url.origin().ascii_serialization()));
    if asked.federated {
        // By way of an identity provider that only the provider knows.
        leads_to.push("https:".to_owned());
    }
    leads_to.sort();
    leads_to.dedup();
    let link = Link { text: "Stay signed in", target: owner.root.path().to_owned() };
    let mut response = page::question(
        "Sign out?",
        "You are about to be signed out of this application.",
        "Sign out",
        &asked.to_target(auth.paths().of(Endpoint::Logout)),
        &leads_to.join(" "),
        &link,
    );
    *response.status_mut() = status;
    respond::finish(response, &[])
}

async fn sign_out(
    auth: &Auth,
    owner: &Owner,
    asked: &LogoutParameters,
    headers: &HeaderMap,
) -> Result<Redirect, Failed> {
    let now = auth.now();
    let session = auth.callers().load(headers, now).await.ok().and_then(|caller| caller.into_session().ok());
    let End { lines: mut cleared, failure } = auth.sessions().end(headers, now).await;
    cleared.extend(transaction::forget_all(headers, auth));
    let refresh_token = match &session {
        Some(session) => session.forget_tokens().await,
        None => None,
    };
    let location = provider_location(owner, asked, session.as_ref()).await;
    // Without metadata nobody knows where to revoke, and asking for them once more would only take longer.
    let has_metadata = !matches!(location, Err(Failure::SignOutUnfinished(_)));
    if let Some(token) = refresh_token.filter(|_| has_metadata) {
        revoke(owner, token).await;
    }
    if let Some(error) = failure {
        return Err(Failed { failure: Failure::SessionNotEnded(error), cookies: cleared, return_to: None });
    }
    // The session here ends even when the provider cannot be reached.
    match location {
        Ok(location) => Ok(Redirect { location, cookies: cleared }),
        Err(failure) => Err(Failed { failure, cookies: cleared, return_to: None }),
    }
}

/// Asks the provider to forget the refresh token (RFC 7009). Nobody waits for it long: it goes on by itself, and a
/// failure changes nothing about the sign-out.
async fn revoke(owner: &Owner, token: SecretString) {
    let client = Arc::clone(&owner.client);
    let revocation = tokio::spawn(async move {
        if let Err(error) = client.revoke(&token).await {
            tracing::debug!(code = error.code(), "a refresh token was not revoked");
        }
    });
    let _ = timeout(REVOCATION_BUDGET, revocation).await;
}

/// The provider's metadata, those at hand if newer ones keep somebody waiting for too long.
async fn metadata_in_time(owner: &Owner) -> Result<Result<Arc<Metadata>, DiscoveryError>, Elapsed> {
    let metadata = timeout(DISCOVERY_BUDGET, owner.client.metadata()).await;
    metadata.or_else(|elapsed| owner.client.known_metadata().map(Ok).ok_or(elapsed))
}

/// Where the browser signs out at the provider.
async fn provider_location(
    owner: &Owner,
    asked: &LogoutParameters,
    session: Option<&Session>,
) -> Result<String, Failure> {
    let shown = session.filter(|_| owner.sign_out.id_token_hint);
    let id_token = shown.and_then(|session| session.token_set().id_token().map(Cow::into_owned));
    // In a longer one the URL would not arrive, and the provider's own session id says the same.
    let id_token = id_token.filter(|token| token.len() <= MAX_HINT_BYTES).map(SecretString::from);
    let sid = session.and_then(Session::sid);
    let request = LogoutRequest {
        client_id: owner.client.client_id(),
        post_logout_redirect_uri: asked.return_to.as_deref().unwrap_or(owner.root.as_str()),
        state: asked.state.as_deref(),
        logout_hint: sid.as_deref(),
        id_token_hint: id_token.as_ref(),
        federated: asked.federated,
    };
    let issuer = owner.client.issuer();
    let strategy = owner.sign_out.strategy;
    match strategy {
        LogoutStrategy::Local => return Ok(request.post_logout_redirect_uri.to_owned()),
        LogoutStrategy::V2 => return Ok(auth0_logout_url(issuer, &request).into()),
        LogoutStrategy::Auto | LogoutStrategy::Oidc => {}
    }
    let metadata = metadata_in_time(owner).await;
    let metadata = metadata.map_err(|_| Failure::SignOutUnfinished(None))?;
    let metadata = metadata.map_err(|error| Failure::SignOutUnfinished(Some(ProviderError::from(error))))?;
    if strategy == LogoutStrategy::Auto {
        return Ok(logout_url(&metadata, issuer, &request).into());
    }
    let endpoint = metadata.end_session_endpoint.as_ref().ok_or(Failure::NoEndSessionEndpoint)?;
    Ok(end_session_url(endpoint, &request).into())
}

/// How long somebody who signs out waits for the provider's metadata, which are nearly always at hand.
const DISCOVERY_BUDGET: Duration = Duration::from_secs(3);

/// How long they wait for the provider to forget the refresh token.
const REVOCATION_BUDGET: Duration = Duration::from_secs(2);

/// A URL of 8 kB arrives nearly everywhere.
const MAX_HINT_BYTES: usize = 6_000;

const MAX_STATE_BYTES: usize = 512;
