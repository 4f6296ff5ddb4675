//! The authorization endpoint: it checks the client's request, and lets the user choose a sample user (RFC 6749 section
//! 4.1).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use http::{StatusCode, Uri};
use url::Url;

use super::keys::random_text;
use super::page;
use super::server::{Shared, parameters, see_other};
use super::state::Grant;

/// An authorization request that has been checked.
struct Request {
    /// The reference of a pushed request, which is valid for one sign-in.
    reference: Option<String>,
    /// The redirect URI as registered. The token request has to repeat it byte for byte.
    registered_uri: String,
    redirect_uri: Url,
    state: Option<String>,
    code_challenge: String,
    scope: String,
    audience: Option<String>,
    nonce: Option<String>,
    /// The class in which the user will be authenticated.
    acr: Option<String>,
}

/// The refusal of an authorization request.
enum Refusal {
    /// A page with this reason. The redirect URI is not known to be the client's, so nothing is sent there.
    Page(&'static str),
    /// The page that names the redirect URI that was sent, and those that are registered.
    NotRegistered { sent: String, registered: Vec<String> },
    /// A redirect to the client, with the error.
    Redirect(Url),
}

/// Answers `GET /authorize` with the sign-in page.
pub(super) async fn show(Extract(shared): Extract<Arc<Shared>>, uri: Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    match check(&shared, query) {
        Ok(request) => {
            page::sign_in(&shared.users, query, &request.redirect_uri, &shared.origins_after_sign_in())
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Answers `POST /authorize/decision`, after the user has chosen a sample user. The request comes from the browser
/// again, so it is checked again.
pub(super) async fn submit(Extract(shared): Extract<Arc<Shared>>, body: Bytes) -> Response {
    let Some(form) = parameters(&body) else {
        return page::error(StatusCode::BAD_REQUEST, "The form contains a field twice.");
    };
    let query = form.get("request").map_or("", String::as_str);
    let user = form.get("user").and_then(|index| index.parse::<usize>().ok());
    let Some(user) = user.filter(|index| *index < shared.users.len()) else {
        return page::error(StatusCode::BAD_REQUEST, "There is no such user.");
    };
    match check(&shared, query).and_then(|request| grant(&shared, request, user)) {
        Ok(location) => see_other(location.as_str()),
        Err(refusal) => refusal.into_response(),
    }
}

/// Does both steps at once, for tests without a browser. Returns the URL that the browser is redirected to, or `None`
/// where it would see an error page.
pub(super) fn decide(shared: &Shared, query: &str, user: usize) -> Option<String> {
    match check(shared, query).and_then(|request| grant(shared, request, user)) {
        Ok(location) | Err(Refusal::Redirect(location)) => Some(location.into()),
        Err(Refusal::Page(_) | Refusal::NotRegistered { .. }) => None,
    }
}

/// Returns whether a request would get as far as the sign-in page.
pub(super) fn is_acceptable(shared: &Shared, parameters: HashMap<String, String>) -> bool {
    check_parameters(shared, parameters).is_ok()
}

fn check(shared: &Shared, query: &str) -> Result<Request, Refusal> {
    let parameters =
        parameters(query.as_bytes()).ok_or(Refusal::Page("The request contains a parameter twice."))?;
    if parameters.get("client_id") != Some(&shared.client_id) {
        return Err(Refusal::Page("The request is from a client that this provider does not know."));
    }
    // RFC 9126 section 4: the pushed parameters count, and the parameters beside the reference do not.
    if let Some(request_uri) = parameters.get("request_uri").filter(|uri| uri.starts_with("urn:")) {
        let pushed = shared.state.lock().pushed(request_uri, shared.now());
        let pushed = pushed.ok_or(Refusal::Page("The request is unknown, expired or spent."))?;
        let request = check_parameters(shared, pushed)?;
        return Ok(Request { reference: Some(request_uri.clone()), ..request });
    }
    if shared.requires_pushed_requests {
        return Err(Refusal::Page("The request has to be pushed."));
    }
    check_parameters(shared, parameters)
}

fn check_parameters(shared: &Shared, mut parameters: HashMap<String, String>) -> Result<Request, Refusal> {
    if parameters.get("client_id") != Some(&shared.client_id) {
        return Err(Refusal::Page("The request is from a client that this provider does not know."));
    }
    let registered_uri = parameters.remove("redirect_uri").unwrap_or_default();
    let registered = shared.state.lock().redirect_uris.clone();
    if !registered.contains(&registered_uri) {
        return Err(Refusal::NotRegistered { sent: registered_uri, registered });
    }
    let redirect_uri = Url::parse(&registered_uri)
        .map_err(|_| Refusal::Page("The registered redirect URI is not a URL."))?;
    // The redirect URI is the client's, so from here on a refusal goes to the client.
    let state = parameters.remove("state");
    let refuse = |code: &str, description: &str| {
        let mut url = redirect_uri.clone();
        url.query_pairs_mut().append_pair("error", code).append_pair("error_description", description);
        Err(Refusal::Redirect(finish(url, state.as_deref(), shared)))
    };
    if parameters.contains_key("request") || parameters.contains_key("request_uri") {
        return refuse("request_not_supported", "request objects are not supported");
    }
    if parameters.get("response_type").is_none_or(|value| value != "code") {
        return refuse("unsupported_response_type", "response_type has to be code");
    }
    if parameters.get("response_mode").is_some_and(|value| value != "query") {
        return refuse("invalid_request", "response_mode has to be query");
    }
    // RFC 7636 section 4.4.1. `plain` shows the verifier to a reader of the request.
    if parameters.get("code_challenge_method").is_none_or(|value| value != "S256") {
        return refuse("invalid_request", "code_challenge_method has to be S256");
    }
    let Some(code_challenge) = parameters.remove("code_challenge").filter(|value| value.len() == 43) else {
        return refuse("invalid_request", "code_challenge is missing or not of SHA-256");
    };
    let scope = parameters.remove("scope").unwrap_or_default();
    if !scope.split(' ').any(|token| token == "openid") {
        return refuse("invalid_scope", "scope has to contain openid");
    }
    // OpenID Connect Core 1.0 section 3.1.2.6. No user stays signed in at this provider.
    if parameters.get("prompt").is_some_and(|value| value == "none") {
        return refuse("login_required", "nobody is signed in");
    }
    Ok(Request {
        reference: None,
        registered_uri,
        redirect_uri,
        state,
        code_challenge,
        scope,
        audience: parameters.remove("audience"),
        nonce: parameters.remove("nonce"),
        acr: parameters.get("acr_values").and_then(|wanted| first_offered(wanted, &shared.acr_values)),
    })
}

fn grant(shared: &Shared, request: Request, user: usize) -> Result<Url, Refusal> {
    let no_randomness = || Refusal::Page("There is no source of random bytes.");
    let code = random_text().ok_or_else(no_randomness)?;
    let family = random_text().ok_or_else(no_randomness)?;
    let now = shared.now();
    let Request {
        reference,
        registered_uri,
        redirect_uri: mut url,
        state,
        code_challenge,
        scope,
        audience,
        nonce,
        acr,
    } = request;
    // A second sign-in with one reference is refused, also if both came to the sign-in page.
    if reference.is_some_and(|reference| !shared.state.lock().spend_pushed(&reference)) {
        return Err(Refusal::Page("The request is unknown, expired or spent."));
    }
    let auth_time = now.saturating_sub(shared.authenticated_ago);
    let grant = Grant { family, user, scope, audience, nonce, auth_time, acr };
    url.query_pairs_mut().append_pair("code", &code);
    shared.state.lock().add_code(code, grant, registered_uri, code_challenge, now);
    Ok(finish(url, state.as_deref(), shared))
}

/// Returns the first of the wanted classes that the provider offers. The client names the preferred one first.
fn first_offered(wanted: &str, offered: &[String]) -> Option<String> {
    wanted.split(' ').find(|class| offered.iter().any(|own| own == class)).map(str::to_owned)
}

/// Adds the request's `state` to the URL, and `iss`, the provider that answers (RFC 9207).
fn finish(mut url: Url, state: Option<&str>, shared: &Shared) -> Url {
    if let Some(state) = state {
        url.query_pairs_mut().append_pair("state", state);
    }
    url.query_pairs_mut().append_pair("iss", &shared.issuer);
    url
}

impl Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Page(reason) => page::error(StatusCode::BAD_REQUEST, reason),
            Self::NotRegistered { sent, registered } => {
                page::not_registered(&page::REDIRECT_URI, &sent, &registered)
            }
            Self::Redirect(url) => see_other(url.as_str()),
        }
    }
}
