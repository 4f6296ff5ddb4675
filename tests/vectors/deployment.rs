//! An application, its provider and a browser, at a time that stands still.

use std::collections::BTreeMap;
use std::time::Duration;

use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Provider, RunningProvider};
use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, NOW, SECRET};
use axum::Router;
use axum::routing::get;
use http::{Method, StatusCode};

use crate::recorded::Case;

pub(crate) const ADA: &str = "ada@example.com";

/// The application's own origin, in production.
pub(crate) const ORIGIN: &str = "https://app.example.com";

/// And on the machine of a developer.
pub(crate) const INSECURE: &str = auth_tests::ORIGIN;

/// How long access tokens live, in seconds.
pub(crate) const TOKEN_LIFETIME: u64 = 60;

const CLIENT: (&str, &str) = ("rolling", "a client secret of the recorded version");

/// A provider whose clock can be set.
pub(crate) struct World {
    pub(crate) provider: RunningProvider,
    pub(crate) clock: TestClock,
}

/// One instance of the application, and the browser that uses it.
pub(crate) struct Deployment {
    pub(crate) auth: Auth,
    pub(crate) app: Router,
    pub(crate) clock: TestClock,
    pub(crate) browser: Browser,
    attributes: BTreeMap<String, String>,
}

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

/// Puts more into the session than one cookie holds.
#[with_api_auth_required]
async fn fill(session: Session) -> StatusCode {
    session.set("cart", &"item ".repeat(900)).map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn cart(session: Session) -> String {
    session.get::<String>("cart").ok().flatten().unwrap_or_default()
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn connection(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token_for_connection("google-oauth2").await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

impl World {
    /// A provider at this port, 0 for any.
    pub(crate) async fn new(port: u16) -> Self {
        let mut attempts = 0;
        loop {
            let clock = TestClock::at(NOW);
            let shown = clock.clone();
            let provider = Provider::builder()
                .port(port)
                .client(CLIENT.0, CLIENT.1)
                .redirect_uri(format!("{ORIGIN}/auth/callback"))
                .redirect_uri(format!("{INSECURE}/auth/callback"))
                .token_lifetime(Duration::from_secs(TOKEN_LIFETIME))
                .clock(move || shown.unix_seconds());
            match provider.start().await {
                Ok(provider) => return Self { provider, clock },
                // Another one of these tests has it for a moment.
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && attempts < 300 => {
                    attempts += 1;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// An application at this origin, beginning at the recorded time.
    pub(crate) fn deploy(
        &self,
        origin: &str,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Deployment {
        self.clock.set(NOW);
        Deployment::new(self.provider.issuer(), origin, &self.clock, configure)
    }

    /// Where the provider sends the user's browser back.
    pub(crate) fn agree(&self, authorization_url: &str) -> String {
        let back = self.provider.sign_in(authorization_url, ADA).unwrap();
        let (_, query) = back.split_once('?').unwrap();
        format!("/auth/callback?{query}")
    }

    pub(crate) async fn sign_in(&self, deployment: &mut Deployment) {
        let login = deployment.get("/auth/login").await;
        let back = deployment.get(&self.agree(login.location())).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    }
}

impl Deployment {
    pub(crate) fn new(
        issuer: &str,
        origin: &str,
        clock: &TestClock,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let builder = Auth::builder()
            .secret(SECRET)
            .domain(issuer)
            .danger_allow_insecure_requests(true)
            .client_id(CLIENT.0)
            .client_secret(CLIENT.1)
            .base_url(origin)
            .test_clock(clock);
        let auth = configure(builder).build().unwrap();
        let app = Router::new()
            .route("/me", get(me))
            .route("/fill", get(fill))
            .route("/cart", get(cart))
            .route("/token", get(token))
            .route("/connection", get(connection))
            .route("/leave", get(leave))
            .merge(auth.routes())
            .with_state(auth.clone());
        let (browser, attributes) = (Browser::default(), BTreeMap::new());
        Self { auth, app, clock: clock.clone(), browser, attributes }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let answer = self.browser.send(&self.app, Method::GET, path).await;
        for line in answer.set_cookies().filter(|line| !line.contains("Max-Age=0")) {
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, _) = pair.split_once('=').unwrap();
            self.attributes.insert(name.to_owned(), attributes.to_owned());
        }
        answer
    }

    /// What the browser holds, with how it was told to hold that.
    pub(crate) fn case(&self) -> Case {
        Case {
            now: self.clock.unix_seconds(),
            cookies: self.browser.cookies.clone(),
            attributes: self.attributes.clone(),
            ..Case::default()
        }
    }
}
