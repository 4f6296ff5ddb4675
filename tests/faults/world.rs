//! An application, its faulty provider, and somebody who is signed in already.

use std::time::Duration;

use auth_runtime::testing::TestClock;
use auth_runtime::{AccessTokenError, Auth, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, ORIGIN};
use axum::Router;
use axum::routing::get;
use http::StatusCode;

use crate::table::LONG;
use crate::upstream::{CLIENT_ID, CLIENT_SECRET, Upstream};

/// Who is signed in before anything is faulty.
pub(crate) const GRACE: &str = "auth0|grace";
/// Who signs in while something is.
pub(crate) const ADA: &str = "auth0|ada";

pub(crate) struct World {
    pub(crate) upstream: Upstream,
    pub(crate) clock: TestClock,
    /// Grace's.
    pub(crate) browser: Browser,
    /// It knows the provider's metadata and keys.
    pub(crate) app: Router,
}

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = TestClock::now();
        let now = clock.clone();
        let upstream = Upstream::start(move || now.unix_seconds()).await;
        let app = app(&upstream, &clock, LONG);
        let mut browser = Browser::default();
        let answer = sign_in(&upstream, &app, &mut browser, GRACE).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        Self { upstream, clock, browser, app }
    }

    /// Another instance of the application, which has not asked the provider for anything yet.
    pub(crate) fn fresh_app(&self, timeout: Duration) -> Router {
        app(&self.upstream, &self.clock, timeout)
    }

    /// Ada begins to sign in where Grace is signed in; the URL is that of the callback.
    pub(crate) async fn begin(&self, browser: &mut Browser) -> String {
        let login = browser.get(&self.app, "/auth/login").await;
        assert_eq!(login.status, StatusCode::SEE_OTHER, "{}", login.body);
        self.upstream.sign_in(login.location(), ADA)
    }
}

/// From the login route through a healthy provider to the callback's answer.
pub(crate) async fn sign_in(upstream: &Upstream, app: &Router, browser: &mut Browser, user: &str) -> Answer {
    let login = browser.get(app, "/auth/login").await;
    if login.status != StatusCode::SEE_OTHER {
        return login;
    }
    let back = upstream.sign_in(login.location(), user);
    browser.get(app, &back).await
}

/// Who the application says is signed in.
pub(crate) async fn who(app: &Router, browser: &Browser) -> Option<String> {
    let answer = browser.ask(app, http::Method::GET, "/me").await;
    (answer.status == StatusCode::OK).then_some(answer.body)
}

fn app(upstream: &Upstream, clock: &TestClock, timeout: Duration) -> Router {
    let auth = Auth::builder()
        .secret("c4e19b7250fd83a6e8b1d70f42956acb")
        .domain(upstream.issuer())
        .danger_allow_insecure_requests(true)
        .client_id(CLIENT_ID)
        .client_secret(CLIENT_SECRET)
        .base_url(ORIGIN)
        .http_timeout(timeout)
        .access_token_endpoint(true)
        .test_clock(clock)
        .build()
        .unwrap();
    Router::new().route("/me", get(me)).route("/token", get(token)).merge(auth.routes()).with_state(auth)
}
