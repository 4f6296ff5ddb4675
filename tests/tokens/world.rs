//! An application, its provider and browsers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auth_runtime::codec::{KeyRing, Lifetime, RequestCookies, Secret, SessionCodec, Timestamp};
use auth_runtime::store::StoreId;
use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Endpoint, Provider, ProviderBuilder, RunningProvider};
use auth_runtime::{Auth, AuthBuilder};
use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

const ORIGIN: &str = "http://localhost:3000";

/// What the provider's tokens live.
pub(crate) const LIFETIME: u64 = 60;

pub(crate) struct World {
    pub(crate) auth: Auth,
    pub(crate) app: Router,
    pub(crate) provider: Arc<RunningProvider>,
    pub(crate) clock: TestClock,
    pub(crate) secret: String,
}

/// The cookies of one browser.
#[derive(Clone, Default)]
pub(crate) struct Browser(BTreeMap<String, String>);

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl World {
    pub(crate) async fn new(routes: Router<Auth>) -> Self {
        Self::with(routes, |provider| provider, |auth| auth).await
    }

    pub(crate) async fn with(
        routes: Router<Auth>,
        provider: impl FnOnce(ProviderBuilder) -> ProviderBuilder,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let clock = TestClock::now();
        let providers = clock.clone();
        let provider = provider(
            Provider::builder()
                .redirect_uri(format!("{ORIGIN}/auth/callback"))
                .token_lifetime(Duration::from_secs(LIFETIME))
                .clock(move || providers.unix_seconds()),
        );
        let provider = provider.start().await.unwrap();
        let secret = auth_runtime::testing::secret();
        let auth = configure(owner(&secret, &provider, &clock)).build().unwrap();
        let app = routes.merge(auth.routes()).with_state(auth.clone());
        Self { auth, app, provider: Arc::new(provider), clock, secret }
    }

    /// The same application, of the same provider, with an empty memory.
    pub(crate) fn another_process(&self, routes: Router<Auth>) -> Self {
        let auth = owner(&self.secret, &self.provider, &self.clock).build().unwrap();
        let app = routes.merge(auth.routes()).with_state(auth.clone());
        let (provider, clock) = (Arc::clone(&self.provider), self.clock.clone());
        Self { auth, app, provider, clock, secret: self.secret.clone() }
    }

    /// The same application with a new secret. `configure` is told the old one.
    pub(crate) fn with_new_secret(
        &self,
        routes: Router<Auth>,
        configure: impl FnOnce(AuthBuilder, &str) -> AuthBuilder,
    ) -> Self {
        let secret = auth_runtime::testing::secret();
        let auth = configure(owner(&secret, &self.provider, &self.clock), &self.secret).build().unwrap();
        let app = routes.merge(auth.routes()).with_state(auth.clone());
        let (provider, clock) = (Arc::clone(&self.provider), self.clock.clone());
        Self { auth, app, provider, clock, secret }
    }

    /// The application again, configured otherwise.
    pub(crate) fn reconfigured(
        &self,
        routes: Router<Auth>,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let auth = configure(owner(&self.secret, &self.provider, &self.clock)).build().unwrap();
        let app = routes.merge(auth.routes()).with_state(auth.clone());
        let (provider, clock) = (Arc::clone(&self.provider), self.clock.clone());
        Self { auth, app, provider, clock, secret: self.secret.clone() }
    }

    /// A codec that has the secret and nothing else, as the npm package has it.
    pub(crate) fn foreign_codec(&self) -> SessionCodec {
        let keys = KeyRing::new([Secret::new(&*self.secret)]).unwrap();
        SessionCodec::builder(keys).owner(Lifetime::default()).build()
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.clock.unix_seconds())
    }

    /// Another service that reads the same cookies and writes none.
    pub(crate) fn companion(
        &self,
        routes: Router<Auth>,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let auth = configure(Auth::builder().secret(&self.secret).domain(self.provider.issuer()))
            .danger_allow_insecure_requests(true)
            .test_clock(&self.clock)
            .build()
            .unwrap();
        let app = routes.with_state(auth.clone());
        let (provider, clock) = (Arc::clone(&self.provider), self.clock.clone());
        Self { auth, app, provider, clock, secret: self.secret.clone() }
    }

    /// From now on nothing listens at the issuer's address, which is given back.
    pub(crate) async fn stop_provider(&mut self) -> String {
        let issuer = self.provider.issuer().to_owned();
        self.provider = Arc::new(Provider::builder().start().await.unwrap());
        issuer
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Browser {
        let mut browser = Browser::default();
        let back = self.sign_in_again(&mut browser, email).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
        browser
    }

    /// With the cookies that the browser has.
    pub(crate) async fn sign_in_again(&self, browser: &mut Browser, email: &str) -> Answer {
        let login = self.get(browser, "/auth/login").await;
        let callback = self.provider.sign_in(login.headers[LOCATION].to_str().unwrap(), email).unwrap();
        self.get(browser, callback.strip_prefix(ORIGIN).unwrap()).await
    }

    /// What the browser's cookie names in a session store.
    pub(crate) fn store_id(&self, browser: &Browser) -> StoreId {
        let (header, codec) = (browser.header(), self.auth.codec());
        let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
        codec.read_store_id(&cookies, Timestamp::from_unix(self.clock.unix_seconds())).unwrap()
    }

    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> Answer {
        let answer = self.peek(browser, path).await;
        browser.keep(&answer);
        answer
    }

    /// As [`get`](Self::get), but the browser never sees the answer.
    pub(crate) async fn peek(&self, browser: &Browser, path: &str) -> Answer {
        let request = Request::builder().method(Method::GET).uri(path).header(COOKIE, browser.header());
        let request = request.header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap();
        self.answer(request).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A form that a page of the application posts. The browser never sees the answer.
    pub(crate) async fn post(&self, browser: &Browser, path: &str, form: String) -> Answer {
        let request = Request::builder().method(Method::POST).uri(path).header(COOKIE, browser.header());
        let request = request
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        self.answer(request).await
    }

    /// How many token requests there were since the sign-ins.
    pub(crate) fn token_requests(&self) -> usize {
        self.provider.requests(Endpoint::Token)
    }

    /// The JSON of the session that the browser holds, where there is no store.
    pub(crate) fn session(&self, browser: &Browser) -> Value {
        let header = browser.header();
        let cookies = RequestCookies::scan([header.as_bytes()], self.auth.codec().cookie_name());
        let now = self.now();
        serde_json::from_str(self.auth.codec().read(&cookies, now).unwrap().document().as_str()).unwrap()
    }
}

fn owner(secret: &str, provider: &RunningProvider, clock: &TestClock) -> AuthBuilder {
    Auth::builder()
        .secret(secret)
        .domain(provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(provider.client_id())
        .client_secret(provider.client_secret())
        .base_url(ORIGIN)
        .test_clock(clock)
}

impl Browser {
    /// A browser with this cookie alone.
    pub(crate) fn with(name: &str, value: String) -> Self {
        Self([(name.to_owned(), value)].into())
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    pub(crate) fn header(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        &self.0[name]
    }

    /// Another host, or another user of this browser, has left a cookie.
    pub(crate) fn plant(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
