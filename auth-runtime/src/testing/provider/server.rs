//! The provider's routes, and the headers of all its answers.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extract;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use url::{Url, form_urlencoded};

use super::builder::Clock;
use super::client::Credentials;
use super::endpoint::Endpoint;
use super::exchange::{EXCHANGE_GRANT, FEDERATED_GRANT};
use super::fault::{Faults, intercept};
use super::keys::ProviderKey;
use super::state::State;
use super::users::SampleUser;
use super::{authorize, logout, pushed, token, userinfo};

/// The provider's configuration and state, which all requests share.
pub(super) struct Shared {
    pub(super) issuer: String,
    /// The URLs that the metadata name in the place of the provider's own.
    pub(super) endpoint_urls: HashMap<Endpoint, String>,
    pub(super) client_id: String,
    pub(super) credentials: Credentials,
    pub(super) users: Vec<SampleUser>,
    pub(super) token_lifetime: i64,
    pub(super) rotates_refresh_tokens: bool,
    pub(super) requires_pushed_requests: bool,
    /// The origins of front ends to which the application leads the browser after the sign-in.
    pub(super) front_ends: Vec<String>,
    /// The authentication context classes in which the provider can authenticate a user.
    pub(super) acr_values: Vec<String>,
    /// Seconds from the user's authentication to the sign-in.
    pub(super) authenticated_ago: i64,
    pub(super) key: Mutex<Arc<ProviderKey>>,
    /// The client for the logout tokens that the provider sends.
    pub(super) http: reqwest::Client,
    pub(super) clock: Clock,
    pub(super) state: State,
    pub(super) faults: watch::Sender<Faults>,
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(Endpoint::Metadata.path(), get(metadata))
        .route(Endpoint::Keys.path(), get(jwks))
        .route(Endpoint::Authorization.path(), get(authorize::show))
        .route("/authorize/decision", post(authorize::submit))
        .route(Endpoint::Token.path(), post(token::token))
        .route(Endpoint::PushedRequest.path(), post(pushed::push))
        .route(Endpoint::Revocation.path(), post(token::revoke))
        .route(Endpoint::UserInfo.path(), get(userinfo::userinfo).post(userinfo::userinfo))
        .route(Endpoint::Logout.path(), get(logout::logout))
        .route_layer(from_fn_with_state(Arc::clone(&shared), intercept))
        .with_state(shared)
}

impl Shared {
    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    fn url(&self, endpoint: Endpoint) -> String {
        let own = || format!("{}{}", self.issuer, endpoint.path());
        self.endpoint_urls.get(&endpoint).cloned().unwrap_or_else(own)
    }

    /// Returns the origins that the browser may be redirected to after the sign-in page: those of the registered
    /// redirect URIs, and the front ends.
    pub(super) fn origins_after_sign_in(&self) -> BTreeSet<String> {
        let memory = self.state.lock();
        let registered = memory.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok());
        let registered = registered.map(|url| url.origin().ascii_serialization());
        registered.chain(self.front_ends.iter().cloned()).collect()
    }

    /// Returns the present signing key.
    pub(super) fn key(&self) -> Arc<ProviderKey> {
        Arc::clone(&self.key.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn replace_key(&self, key: ProviderKey) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
    }
}

/// Answers with the provider's metadata (`OpenID` Connect Discovery 1.0 section 3).
async fn metadata(Extract(shared): Extract<Arc<Shared>>) -> Response {
    let document = json!({
        "issuer": shared.issuer,
        "authorization_endpoint": shared.url(Endpoint::Authorization),
        "token_endpoint": shared.url(Endpoint::Token),
        "userinfo_endpoint": shared.url(Endpoint::UserInfo),
        "jwks_uri": shared.url(Endpoint::Keys),
        "end_session_endpoint": shared.url(Endpoint::Logout),
        "revocation_endpoint": shared.url(Endpoint::Revocation),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "pushed_authorization_request_endpoint": shared.url(Endpoint::PushedRequest),
        "require_pushed_authorization_requests": shared.requires_pushed_requests,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "grant_types_supported": ["authorization_code", "refresh_token", EXCHANGE_GRANT, FEDERATED_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [shared.key().algorithm().name()],
        "token_endpoint_auth_methods_supported": shared.credentials.methods(),
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    });
    json_answer(StatusCode::OK, &document)
}

async fn jwks(Extract(shared): Extract<Arc<Shared>>) -> Response {
    json_answer(StatusCode::OK, &json!({ "keys": [shared.key().jwk()] }))
}

pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    answer(status, &[(CONTENT_TYPE, "application/json")], body.to_string())
}

/// Returns an error answer in JSON (RFC 6749 section 5.2).
pub(super) fn oauth_error(status: StatusCode, code: &str, description: &str) -> Response {
    json_answer(status, &json!({"error": code, "error_description": description}))
}

/// Returns a redirect with status 303, so that the browser does not post its form to the application again (RFC 9700
/// section 4.12).
pub(super) fn see_other(location: &str) -> Response {
    answer(StatusCode::SEE_OTHER, &[(LOCATION, location)], "")
}

/// Returns an answer that no cache keeps, and whose URL the browser does not send to the next site.
pub(super) fn answer(
    status: StatusCode,
    headers: &[(http::HeaderName, &str)],
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    for (name, value) in headers {
        // A value that cannot be a header is left out: the test that expects the header fails.
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Parses the parameters of a query or a form. `None` if one occurs twice (RFC 6749 section 3.1).
pub(super) fn parameters(encoded: &[u8]) -> Option<HashMap<String, String>> {
    let mut parameters = HashMap::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    // An empty parameter counts as absent (same section).
    parameters.retain(|_, value| !value.is_empty());
    Some(parameters)
}
