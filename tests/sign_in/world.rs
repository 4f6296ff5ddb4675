//! An application, its provider and one browser.

use std::collections::BTreeMap;

use auth_runtime::codec::{RequestCookies, Timestamp};
use auth_runtime::testing::provider::{Provider, ProviderBuilder, RunningProvider};
use auth_runtime::{Auth, AuthBuilder, with_api_auth_required};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get as get_route;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const ORIGIN: &str = "http://localhost:3000";

/// What a browser says of a link that somebody follows.
pub(crate) const NAVIGATION: [(&str, &str); 2] =
    [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

pub(crate) struct World {
    pub(crate) app: Router,
    pub(crate) provider: RunningProvider,
    pub(crate) jar: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

/// For what matters more.
#[with_api_auth_required(max_age = "5m")]
async fn transfer() -> &'static str {
    "transferred"
}

/// A page for a user who was authenticated lately.
#[with_api_auth_required(login, max_age = "5m")]
async fn account() -> String {
    user.email().unwrap_or_default().into_owned()
}

/// A page for a user who was authenticated strongly.
#[with_api_auth_required(login, acr("phrh", "phr"))]
async fn vault() -> String {
    user.email().unwrap_or_default().into_owned()
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers[LOCATION].to_str().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Provider::builder()).await
    }

    pub(crate) async fn with(provider: ProviderBuilder) -> Self {
        Self::configured(provider, |builder| builder).await
    }

    pub(crate) async fn configured(
        provider: ProviderBuilder,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let provider = provider
            .redirect_uri(format!("{ORIGIN}/auth/callback"))
            .post_logout_redirect_uri(format!("{ORIGIN}/"))
            .start()
            .await
            .unwrap();
        let auth = configure(builder(&provider)).build().unwrap();
        Self { app: app(auth), provider, jar: BTreeMap::new() }
    }

    /// The same browser and provider with another application.
    pub(crate) fn reconfigure(&mut self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) {
        self.app = app(configure(builder(&self.provider)).build().unwrap());
    }

    /// The JSON of the session that the browser holds.
    pub(crate) fn session(&self) -> Value {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let header = cookies.join("; ");
        let auth = builder(&self.provider).build().unwrap();
        let cookies = RequestCookies::scan([header.as_bytes()], auth.codec().cookie_name());
        let session = auth.codec().read(&cookies, Timestamp::now()).unwrap();
        serde_json::from_str(session.document().as_str()).unwrap()
    }

    /// Sends a request with the browser's cookies and keeps those that come back.
    pub(crate) async fn send_with(&mut self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_body(method, path, headers, Body::empty()).await
    }

    pub(crate) async fn send_body(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = path.strip_prefix(ORIGIN).unwrap_or(path);
        let mut request = Request::builder().method(method).uri(path).header(COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str) -> Answer {
        self.send_with(method, path, &[]).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    /// Somebody follows a link.
    pub(crate) async fn visit(&mut self, path: &str) -> Answer {
        self.send_with(Method::GET, path, &NAVIGATION).await
    }

    /// Begins a sign-in and gives the URL with which the provider sends the browser back.
    pub(crate) async fn begin(&mut self, login: &str, email: &str) -> String {
        let answer = self.get(login).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.provider.sign_in(answer.location(), email).unwrap()
    }

    pub(crate) async fn sign_in(&mut self, email: &str) -> Answer {
        let callback = self.begin("/auth/login", email).await;
        self.get(&callback).await
    }

    /// A form of the application posts to the sign-out.
    pub(crate) async fn sign_out(&mut self, path: &str) -> Answer {
        self.send_with(Method::POST, path, &[("sec-fetch-site", "same-origin"), ("origin", ORIGIN)]).await
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.jar.keys().map(String::as_str).collect()
    }
}

pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// In a query, so that exactly this arrives.
pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn builder(provider: &RunningProvider) -> AuthBuilder {
    Auth::builder()
        .secret("c4e19b7250fd83a6e8b1d70f42956acb")
        .domain(provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .base_url(ORIGIN)
}

fn app(auth: Auth) -> Router {
    Router::new()
        .route("/me", get_route(me))
        .route("/transfer", get_route(transfer))
        .route("/account", get_route(account))
        .route("/vault", get_route(vault))
        .merge(auth.routes())
        .with_state(auth)
}
