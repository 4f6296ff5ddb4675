//! An application, its provider, a browser, and the time of all of them.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use auth_runtime::codec::{KeyRing, Lifetime, RequestCookies, Secret, SessionCodec, Timestamp};
use auth_runtime::store::StoreId;
use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Endpoint, Provider, ProviderBuilder, RunningProvider};
use auth_runtime::{Auth, AuthBuilder};
use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::browser::NAVIGATION;
use crate::site::{Lost, Site};
use crate::{Answer, Browser, SECRET};

/// A provider as an application knows it.
pub trait Issuer: Send + Sync {
    /// The issuer's URL.
    fn issuer(&self) -> &str;
    /// The application's client id and client secret there.
    fn client(&self) -> (&str, &str);
}

impl Issuer for RunningProvider {
    fn issuer(&self) -> &str {
        self.issuer()
    }

    fn client(&self) -> (&str, &str) {
        (self.client_id(), self.client_secret())
    }
}

/// One instance of an application, its provider, and a browser.
///
/// Other instances and companions are worlds too. They have the provider and the clock in common, and nothing else that
/// is in memory.
#[derive(Debug)]
pub struct World<P = RunningProvider> {
    /// The provider.
    pub provider: Arc<P>,
    /// The time of the application and of the provider. It stands still unless the test moves it.
    pub clock: TestClock,
    /// The application's own origin.
    pub origin: String,
    /// The application's current secret.
    pub secret: String,
    /// The handlers of the suite.
    pub routes: Router<Auth>,
    /// The configuration.
    pub auth: Auth,
    /// The handlers with the routes of the sign-in.
    pub app: Router,
    /// The browser that [`get`](Self::get) and its like send with.
    pub browser: Browser,
}

impl World {
    /// Starts a provider, and an application with these handlers.
    pub async fn new(routes: Router<Auth>) -> Self {
        Self::configured(routes, |auth| auth).await
    }

    /// As [`new`](Self::new), with more configuration of the application.
    pub async fn configured(routes: Router<Auth>, auth: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        Self::with_provider(routes, |provider| provider, auth).await
    }

    /// As [`configured`](Self::configured), with more configuration of the provider.
    pub async fn with_provider(
        routes: Router<Auth>,
        provider: impl Fn(ProviderBuilder) -> ProviderBuilder,
        auth: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let clock = TestClock::now();
        for _ in 0..300 {
            let now = clock.clone();
            let builder = Provider::builder()
                .redirect_uri(format!("{ORIGIN}/auth/callback"))
                .post_logout_redirect_uri(format!("{ORIGIN}/"))
                .token_lifetime(Duration::from_secs(TOKEN_LIFETIME))
                .clock(move || now.unix_seconds());
            match provider(builder).start().await {
                // Another test has the port for a moment.
                Err(error) if error.kind() == ErrorKind::AddrInUse => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                started => return Self::at(started.unwrap(), clock, ORIGIN, routes, auth),
            }
        }
        panic!("the provider's port stays in use");
    }

    /// Begins a sign-in and gives the URL with which the provider sends the browser back.
    pub async fn begin(&mut self, login: &str, email: &str) -> String {
        let mut browser = std::mem::take(&mut self.browser);
        let callback = self.begin_with(&mut browser, login, email).await;
        self.browser = browser;
        callback
    }

    /// As [`begin`](Self::begin), in another browser than the world's own.
    pub async fn begin_with(&self, browser: &mut Browser, login: &str, email: &str) -> String {
        let answer = browser.get(self, login).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.provider.sign_in(answer.location(), email).unwrap()
    }

    /// Signs a user in and gives the answer of the callback.
    pub async fn sign_in(&mut self, email: &str) -> Answer {
        let callback = self.begin("/auth/login", email).await;
        self.get(&callback).await
    }

    /// As [`sign_in`](Self::sign_in), in another browser than the world's own.
    pub async fn sign_in_with(&self, browser: &mut Browser, email: &str) -> Answer {
        let callback = self.begin_with(browser, "/auth/login", email).await;
        browser.get(self, &callback).await
    }

    /// A new browser in which the user is signed in.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = Browser::default();
        let answer = self.sign_in_with(&mut browser, email).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// The number of requests for tokens that the provider got, those of sign-ins included.
    pub fn token_requests(&self) -> usize {
        self.provider.requests(Endpoint::Token)
    }
}

impl<P: Issuer> World<P> {
    /// An application at this origin, of a provider that is there already.
    pub fn at(
        provider: P,
        clock: TestClock,
        origin: &str,
        routes: Router<Auth>,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let auth = configure(owner(&provider, &clock, origin, SECRET)).build().unwrap();
        let app = routes.clone().merge(auth.routes()).with_state(auth.clone());
        let (origin, secret) = (origin.to_owned(), SECRET.to_owned());
        Self {
            provider: Arc::new(provider),
            clock,
            origin,
            secret,
            routes,
            auth,
            app,
            browser: Browser::default(),
        }
    }

    /// Another instance with the same secret, an empty memory, and a browser of its own.
    #[must_use]
    pub fn another(&self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        let mut world = self.clone();
        world.reconfigure(configure);
        world.browser = Browser::default();
        world
    }

    /// Another instance with a new secret. `configure` is told the old one.
    #[must_use]
    pub fn with_new_secret(&self, configure: impl FnOnce(AuthBuilder, &str) -> AuthBuilder) -> Self {
        let new = Self { secret: auth_runtime::testing::secret(), ..self.clone() };
        new.another(|auth| configure(auth, &self.secret))
    }

    /// Another service that reads the same cookies and writes none.
    #[must_use]
    pub fn companion(&self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        let builder = Auth::builder().secret(&self.secret).domain(self.provider.issuer());
        let builder = configure(builder).danger_allow_insecure_requests(true).test_clock(&self.clock);
        let auth = builder.build().unwrap();
        let app = self.routes.clone().with_state(auth.clone());
        Self { auth, app, browser: Browser::default(), ..self.clone() }
    }

    /// Replaces the instance by another one. The browser stays as it is.
    pub fn reconfigure(&mut self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) {
        let builder = owner(&*self.provider, &self.clock, &self.origin, &self.secret);
        self.auth = configure(builder).build().unwrap();
        self.app = self.routes.clone().merge(self.auth.routes()).with_state(self.auth.clone());
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.clock.unix_seconds())
    }

    /// The JSON of the session that a browser holds, where sessions are in cookies.
    pub fn session(&self, browser: &Browser) -> Value {
        let (header, codec) = (browser.header(), self.auth.codec());
        let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
        serde_json::from_str(codec.read(&cookies, self.now()).unwrap().document().as_str()).unwrap()
    }

    /// The key of the record that a browser's cookie names, where sessions are in a store.
    pub fn store_id(&self, browser: &Browser) -> StoreId {
        self.find_store_id(browser).unwrap()
    }

    /// As [`store_id`](Self::store_id), where sessions may be in cookies.
    pub fn find_store_id(&self, browser: &Browser) -> Option<StoreId> {
        let (header, codec) = (browser.header(), self.auth.codec());
        let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
        codec.read_store_id(&cookies, self.now()).ok()
    }

    /// A codec that has the secret and nothing else, as the npm package has it.
    pub fn foreign_codec(&self) -> SessionCodec {
        let keys = KeyRing::new([Secret::new(&*self.secret)]).unwrap();
        SessionCodec::builder(keys).owner(Lifetime::default()).build()
    }

    /// Sends a GET request.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    /// Sends a request.
    pub async fn send(&mut self, method: Method, path: &str) -> Answer {
        self.send_with(method, path, &[]).await
    }

    /// Sends a request with these headers.
    pub async fn send_with(&mut self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_body(method, path, headers, Body::empty()).await
    }

    /// Sends a request with these headers and this body.
    pub async fn send_body(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.browser.send_with(&self.app, method, path, headers, body).await
    }

    /// Follows a link.
    pub async fn visit(&mut self, path: &str) -> Answer {
        self.send_with(Method::GET, path, &NAVIGATION).await
    }

    /// Posts to the sign-out, as a form of the application does.
    pub async fn sign_out(&mut self, path: &str) -> Answer {
        let origin = self.origin.clone();
        self.send_with(Method::POST, path, &[("sec-fetch-site", "same-origin"), ("origin", &origin)]).await
    }
}

impl<P: Issuer> Site for World<P> {
    async fn serve(&self, request: Request<Body>) -> Result<Answer, Lost> {
        self.app.serve(request).await
    }
}

impl<P> Clone for World<P> {
    fn clone(&self) -> Self {
        Self {
            provider: Arc::clone(&self.provider),
            clock: self.clock.clone(),
            origin: self.origin.clone(),
            secret: self.secret.clone(),
            routes: self.routes.clone(),
            auth: self.auth.clone(),
            app: self.app.clone(),
            browser: self.browser.clone(),
        }
    }
}

/// The configuration of an application that owns its sessions. `AuthBuilder::provider` would refuse, in a release build,
/// the public origins that some suites configure.
fn owner(provider: &impl Issuer, clock: &TestClock, origin: &str, secret: &str) -> AuthBuilder {
    let (client_id, client_secret) = provider.client();
    Auth::builder()
        .secret(secret)
        .domain(provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(client_id)
        .client_secret(client_secret)
        .base_url(origin)
        .test_clock(clock)
}

/// Posts a logout token to a site's address for it, as a provider does.
pub async fn post_logout_token(site: &impl Site, origin: &str, token: &str) -> Answer {
    let url = format!("{origin}/auth/backchannel-logout");
    let form = format!("logout_token={}", encoded(token));
    Browser::without_fetch_metadata().post(site, &url, form).await
}

/// The value of a parameter in the query of a URL.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// The text as it has to stand in a query, so that exactly this text arrives.
pub fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// The application's own origin.
pub const ORIGIN: &str = "http://localhost:3000";

/// How long the provider's tokens live, in seconds.
pub const TOKEN_LIFETIME: u64 = 60;
