//! An application that hands out access tokens, its provider, and a clock for both.

use std::collections::HashMap;
use std::time::Duration;

use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Endpoint, Provider, ProviderBuilder, RunningProvider, SampleUser};
use auth_runtime::{
    AccessTokenError, Auth, AuthBuilder, Session, SignatureAlgorithm, with_api_auth_required,
};
use auth_tests::{Answer, Browser, ORIGIN};
use axum::Router;
use axum::extract::{FromRef, Query, State};
use axum::routing::get;
use http::{Method, StatusCode, Uri};
use serde::Deserialize;
use tokio::sync::watch;

pub(crate) const ADA: &str = "auth0|ada";
pub(crate) const GRACE: &str = "auth0|grace";
pub(crate) const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

/// How long access tokens live here, in seconds.
pub(crate) const TOKEN_LIFETIME: u64 = 3_600;

pub(crate) struct World {
    pub(crate) provider: RunningProvider,
    pub(crate) clock: TestClock,
    pub(crate) app: Router,
    pub(crate) state: AppState,
}

/// What the handlers share with the test.
#[derive(Clone)]
pub(crate) struct AppState {
    auth: Auth,
    /// How many handlers have begun.
    begun: watch::Sender<usize>,
    /// Whether `/slow` may end.
    gate: watch::Sender<bool>,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[derive(Deserialize)]
struct Wanted {
    audience: Option<String>,
    #[serde(default)]
    fresh: bool,
}

/// Who asks, and the token.
#[with_api_auth_required(state = AppState)]
async fn token(
    session: Session,
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
) -> Result<String, AccessTokenError> {
    state.begun.send_modify(|begun| *begun += 1);
    let mut request = session.access_token();
    if let Some(audience) = wanted.audience {
        request = request.audience(audience);
    }
    if wanted.fresh {
        request = request.force_refresh();
    }
    Ok(format!("{} {}", session.user().sub(), request.await?.as_str()))
}

/// Ends when the test says so.
/// Asks for a token, and answers without it if it does not come soon. Before, keeps a note that is in the query.
#[with_api_auth_required(state = AppState)]
async fn impatient(session: Session, uri: Uri) -> &'static str {
    if let Some(note) = uri.query() {
        session.set("note", &note).unwrap();
    }
    let token = tokio::time::timeout(Duration::from_millis(100), session.access_token()).await;
    if token.is_ok() { "a token" } else { "no token yet" }
}

#[with_api_auth_required(state = AppState)]
async fn slow(State(state): State<AppState>) -> String {
    state.begun.send_modify(|begun| *begun += 1);
    let _ = state.gate.subscribe().wait_for(|is_open| *is_open).await;
    user.sub().into_owned()
}

#[derive(Deserialize)]
struct Note {
    text: Option<String>,
}

/// Writes something into the session, or says what is there.
#[with_api_auth_required(state = AppState)]
async fn note(session: Session, Query(note): Query<Note>) -> String {
    match note.text {
        Some(text) => session.set("note", &text).map(|()| String::new()).unwrap(),
        None => session.get("note").unwrap().unwrap_or_default(),
    }
}

#[with_api_auth_required(state = AppState)]
async fn me() -> String {
    user.sub().into_owned()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|auth| auth).await
    }

    pub(crate) async fn with(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        Self::of(|provider| provider, configure).await
    }

    pub(crate) async fn of(
        of_provider: impl FnOnce(ProviderBuilder) -> ProviderBuilder,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let clock = TestClock::now();
        let now = clock.clone();
        let mut provider = Provider::builder()
            .redirect_uri(format!("{ORIGIN}/auth/callback"))
            // Thousands of tokens are signed.
            .signing_algorithm(SignatureAlgorithm::ES256)
            .clock(move || now.unix_seconds());
        // The tests name a user by the `sub`.
        let users = (0..1_000).map(|number| format!("user-{number}"));
        for user in users.chain([ADA.to_owned(), GRACE.to_owned()]) {
            provider = provider.user(SampleUser::new("A User", &user).subject(&user));
        }
        let provider = of_provider(provider).start().await.unwrap();
        let (app, state) = application(configure(builder(&provider, &clock)));
        Self { provider, clock, app, state }
    }

    /// The same application with an empty memory: another process, or the same one after a while.
    pub(crate) fn another_process(&self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Router {
        application(configure(builder(&self.provider, &self.clock))).0
    }

    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = Browser::default();
        self.sign_in(&mut browser, user).await;
        browser
    }

    pub(crate) async fn sign_in(&self, browser: &mut Browser, user: &str) {
        let login = browser.get(&self.app, "/auth/login").await;
        let back = self.provider.sign_in(login.location(), user).unwrap();
        let answer = browser.get(&self.app, &back).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    /// A browser whose access token has expired.
    pub(crate) async fn with_an_expired_token(&self) -> Browser {
        let browser = self.signed_in(ADA).await;
        self.expire();
        browser
    }

    /// Every access token that there is has expired.
    pub(crate) fn expire(&self) {
        self.clock.advance(TOKEN_LIFETIME + 1);
    }

    /// A request of its own, which goes on while the test does.
    pub(crate) fn spawn(
        &self,
        browser: &Browser,
        method: Method,
        url: &str,
    ) -> tokio::task::JoinHandle<Answer> {
        let (app, browser, url) = (self.app.clone(), browser.clone(), url.to_owned());
        tokio::spawn(async move { browser.ask(&app, method, &url).await })
    }

    pub(crate) async fn ask(&self, browser: &Browser, url: &str) -> Answer {
        browser.ask(&self.app, Method::GET, url).await
    }

    /// Waits until that many handlers have begun.
    pub(crate) async fn begun(&self, count: usize) {
        self.state.begun.subscribe().wait_for(|begun| *begun >= count).await.unwrap();
    }

    pub(crate) fn open_the_gate(&self) {
        self.state.gate.send_replace(true);
    }

    /// The forms with a refresh token that the provider was sent, in order.
    pub(crate) fn refreshes(&self) -> Vec<HashMap<String, String>> {
        let mut forms = self.provider.received(Endpoint::Token);
        forms.retain(|form| form["grant_type"] == "refresh_token");
        forms
    }

    /// Waits until the provider was asked for tokens that often after the sign-ins.
    pub(crate) async fn refreshing(&self, count: usize) {
        let sign_ins = self.provider.requests(Endpoint::Token) - self.refreshes().len();
        self.provider.arrived(Endpoint::Token, sign_ins + count).await;
    }

    /// What must hold after every test: no refresh token was sent twice.
    pub(crate) fn assert_nothing_was_sent_twice(&self) {
        assert_eq!(self.provider.reused_refresh_tokens(), 0, "a spent refresh token was sent again");
        let mut sent: Vec<_> =
            self.refreshes().into_iter().map(|form| form["refresh_token"].clone()).collect();
        let count = sent.len();
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent.len(), count, "a refresh token was sent twice");
    }
}

fn builder(provider: &RunningProvider, clock: &TestClock) -> AuthBuilder {
    Auth::builder()
        .secret(SECRET)
        .provider(provider)
        .id_token_algorithms([SignatureAlgorithm::ES256])
        .base_url(ORIGIN)
        .http_timeout(Duration::from_secs(60))
        .test_clock(clock)
}

fn application(auth: AuthBuilder) -> (Router, AppState) {
    let auth = auth.build().unwrap();
    let state = AppState { auth, begun: watch::Sender::new(0), gate: watch::Sender::new(false) };
    let app = Router::new()
        .route("/token", get(token))
        .route("/impatient", get(impatient))
        .route("/slow", get(slow))
        .route("/me", get(me))
        .route("/note", get(note))
        .merge(state.auth.routes())
        .with_state(state.clone());
    (app, state)
}

/// The token of an answer that must be one.
pub(crate) fn token_of(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body.split_once(' ').unwrap().1
}
