//! `/auth/logout`: ends the session here and sends the browser to end it at the provider
//! (OpenID Connect RP-Initiated Logout 1.0).
//!
//! ```text
//! origin of the request -> session ended, cookies removed -> URL at the provider, or a page that says what is left
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
        // A script reads the refusal. A person gets a page to confirm the sign-out: a browser may hide which page
        // posts.
        if !is_navigation(headers) {
            return respond::explain(&Failure::CrossSite.into(), auth, headers);
        }
        return ask(auth, owner, &asked, StatusCode::FORBIDDEN).await;
    }
    if is_own_step(headers) {
        return respond::redirect(sign_out(auth, owner, &asked, headers).await, auth, headers);
    }
    // A link of another site must not sign the user out without a question.
    ask(auth, owner, &asked, StatusCode::OK).await
}

/// The parameters of a sign-out.
struct LogoutParameters {
    /// URL to return to: of this application, or a configured one. `None` for the application's root.
    return_to: Option<String>,
    /// `state`, which comes back with the user; at most [`MAX_STATE_BYTES`] long.
    state: Option<String>,
    /// True if the user signs out at the identity provider behind the provider too.
    federated: bool,
}

impl LogoutParameters {
    fn parse(query: &str, auth: &Auth, owner: &Owner) -> Self {
        let mut found = Self { return_to: None, state: None, federated: false };
        let mut return_to = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                // The last value counts, and only that one is resolved: a query can have thousands.
                "returnTo" => return_to = Some(value),
                "state" if value.len() <= MAX_STATE_BYTES => found.state = Some(value.into_owned()),
                "federated" => found.federated = true,
                _ => {}
            }
        }
        found.return_to = return_to.and_then(|requested| permitted(&requested, auth, owner));
        found
    }

    /// Returns path and query of a request with these parameters, for the button of the page that asks.
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

/// Returns the URL to return to, if it is configured or of this application: a sign-out must not send users to an
/// attacker's page.
fn permitted(requested: &str, auth: &Auth, owner: &Owner) -> Option<String> {
    let url = Url::parse(requested).ok();
    let configured = url.and_then(|url| owner.sign_out.return_to.iter().find(|known| known.url == url));
    match configured {
        Some(known) => Some(known.text.clone()),
        None => ReturnTo::parse_own(requested, auth, owner).map(|place| place.as_str().to_owned()),
    }
}

/// Returns a page that asks, with a button. It is for a link of another site, and for browsers that do not say where a
/// request comes from.
async fn ask(auth: &Auth, owner: &Owner, asked: &LogoutParameters, status: StatusCode) -> Response {
    // Browsers apply the page's `form-action` to every redirect of the answer, so each origin on the way is named.
    let mut leads_to: Vec<String> = vec![owner.client.issuer().url().origin().ascii_serialization()];
    if let Ok(Ok(metadata)) = metadata_in_time(owner).await {
        let endpoint = metadata.end_session_endpoint.as_ref();
        leads_to.extend(endpoint.map(|url| url.origin().ascii_serialization()));
    }
    leads_to.extend(owner.sign_out.return_to.iter().map(|known| known.url.origin().ascii_serialization()));
    if asked.federated {
        // The way leads through an identity provider whose origin only the provider knows.
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
    // Loaded before its end, because its tokens and its `sid` are needed below.
    let session = auth.callers().load(headers, now).await.ok().and_then(|caller| caller.into_session().ok());
    let End { lines: mut cleared, failure } = auth.sessions().end(headers, now).await;
    cleared.extend(transaction::forget_all(headers, auth));
    let refresh_token = match &session {
        Some(session) => session.forget_tokens().await,
        None => None,
    };
    let location = provider_location(owner, asked, session.as_ref()).await;
    // Without the metadata the revocation endpoint is unknown, and asking for them once more would only take longer.
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

/// Asks the provider to revoke the refresh token (RFC 7009). The sign-out waits for [`REVOCATION_BUDGET`] at most: the
/// request goes on in its own task, and a failure changes nothing about the sign-out.
async fn revoke(owner: &Owner, token: SecretString) {
    let client = Arc::clone(&owner.client);
    let revocation = tokio::spawn(async move {
        if let Err(error) = client.revoke(&token).await {
            let issuer = client.issuer().as_str();
            tracing::debug!(code = error.code(), provider = issuer, "a refresh token was not revoked");
        }
    });
    let _ = timeout(REVOCATION_BUDGET, revocation).await;
}

/// Returns the provider's metadata. If newer ones do not arrive within [`DISCOVERY_BUDGET`], returns those at hand.
async fn metadata_in_time(owner: &Owner) -> Result<Result<Arc<Metadata>, DiscoveryError>, Elapsed> {
    let metadata = timeout(DISCOVERY_BUDGET, owner.client.metadata()).await;
    metadata.or_else(|elapsed| owner.client.known_metadata().map(Ok).ok_or(elapsed))
}

/// Returns the URL at which the browser signs out at the provider; the URL to return to, if the strategy is `Local`.
async fn provider_location(
    owner: &Owner,
    asked: &LogoutParameters,
    session: Option<&Session>,
) -> Result<String, Failure> {
    let shown = session.filter(|_| owner.sign_out.id_token_hint);
    let id_token = shown.and_then(|session| session.token_set().id_token().map(Cow::into_owned));
    // With a longer ID token the URL would not arrive. The provider's own session id (`logout_hint`) names the session
    // as well.
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

/// Time that a sign-out waits for the provider's metadata, which are nearly always at hand.
const DISCOVERY_BUDGET: Duration = Duration::from_secs(3);

/// Time that a sign-out waits for the revocation of the refresh token.
const REVOCATION_BUDGET: Duration = Duration::from_secs(2);

/// Bytes of the longest `id_token_hint`. A URL of 8 kB arrives nearly everywhere.
const MAX_HINT_BYTES: usize = 6_000;

/// Bytes of the longest `state`; a longer one is ignored.
const MAX_STATE_BYTES: usize = 512;
