//! The application of these tests: it hands out access tokens, and says how far its handlers are.

use std::collections::HashMap;
use std::ops::Deref;
use std::time::Duration;

use auth_runtime::testing::provider::{Endpoint, ProviderBuilder, SampleUser};
use auth_runtime::{AccessTokenError, AuthBuilder, Session, SignatureAlgorithm, with_api_auth_required};
use auth_tests::{Answer, Browser, World};
use axum::extract::Query;
use axum::routing::get;
use axum::{Extension, Router};
use http::{Method, StatusCode, Uri};
use serde::Deserialize;
use tokio::sync::watch;

pub(crate) const ADA: &str = "auth0|ada";
pub(crate) const GRACE: &str = "auth0|grace";

/// How long access tokens live here, in seconds.
pub(crate) const TOKEN_LIFETIME: u64 = 3_600;

/// The world of these tests.
pub(crate) struct Load {
    world: World,
    progress: Progress,
}

impl Deref for Load {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// What the handlers share with the test.
#[derive(Clone)]
struct Progress {
    /// How many handlers have begun.
    begun: watch::Sender<usize>,
    /// Whether `/slow` may end.
    gate: watch::Sender<bool>,
}

#[derive(Deserialize)]
struct Wanted {
    audience: Option<String>,
    #[serde(default)]
    fresh: bool,
}

/// Who asks, and the token.
#[with_api_auth_required]
async fn token(
    session: Session,
    Extension(progress): Extension<Progress>,
    Query(wanted): Query<Wanted>,
) -> Result<String, AccessTokenError> {
    progress.begun.send_modify(|begun| *begun += 1);
    let mut request = session.access_token();
    if let Some(audience) = wanted.audience {
        request = request.audience(audience);
    }
    if wanted.fresh {
        request = request.force_refresh();
    }
    Ok(format!("{} {}", session.user().sub(), request.await?.as_str()))
}

/// Asks for a token, and answers without it if it does not come soon. Before, keeps a note that is in the query.
#[with_api_auth_required]
async fn impatient(session: Session, uri: Uri) -> &'static str {
    if let Some(note) = uri.query() {
        session.set("note", &note).unwrap();
    }
    let token = tokio::time::timeout(Duration::from_millis(100), session.access_token()).await;
    if token.is_ok() { "a token" } else { "no token yet" }
}

/// Ends when the test says so.
#[with_api_auth_required]
async fn slow(Extension(progress): Extension<Progress>) -> String {
    progress.begun.send_modify(|begun| *begun += 1);
    let _ = progress.gate.subscribe().wait_for(|is_open| *is_open).await;
    user.sub().into_owned()
}

#[derive(Deserialize)]
struct Note {
    text: Option<String>,
}

/// Writes something into the session, or says what is there.
#[with_api_auth_required]
async fn note(session: Session, Query(note): Query<Note>) -> String {
    match note.text {
        Some(text) => session.set("note", &text).map(|()| String::new()).unwrap(),
        None => session.get("note").unwrap().unwrap_or_default(),
    }
}

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

impl Load {
    pub(crate) async fn new() -> Self {
        Self::with(|auth| auth).await
    }

    pub(crate) async fn with(configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        Self::of(|provider| provider, configure).await
    }

    pub(crate) async fn of(
        of_provider: impl Fn(ProviderBuilder) -> ProviderBuilder,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let provider = |builder: ProviderBuilder| {
            // Thousands of tokens are signed.
            let mut builder = builder
                .signing_algorithm(SignatureAlgorithm::ES256)
                .token_lifetime(Duration::from_secs(TOKEN_LIFETIME));
            // The tests name a user by the `sub`.
            let users = (0..1_000).map(|number| format!("user-{number}"));
            for user in users.chain([ADA.to_owned(), GRACE.to_owned()]) {
                builder = builder.user(SampleUser::new("A User", &user).subject(&user));
            }
            of_provider(builder)
        };
        let progress = Progress { begun: watch::Sender::new(0), gate: watch::Sender::new(false) };
        let routes = routes().layer(Extension(progress.clone()));
        let world = World::with_provider(routes, provider, |auth| configure(patient(auth))).await;
        Self { world, progress }
    }

    /// The same application with an empty memory: another process, or the same one after a while.
    pub(crate) fn another_process(&self, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Router {
        self.another(|auth| configure(patient(auth))).app
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
        self.progress.begun.subscribe().wait_for(|begun| *begun >= count).await.unwrap();
    }

    pub(crate) fn open_the_gate(&self) {
        self.progress.gate.send_replace(true);
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

/// Lets the application wait for the provider longer than a test lasts.
fn patient(auth: AuthBuilder) -> AuthBuilder {
    auth.id_token_algorithms([SignatureAlgorithm::ES256]).http_timeout(Duration::from_secs(60))
}

fn routes() -> Router<auth_runtime::Auth> {
    Router::new()
        .route("/token", get(token))
        .route("/impatient", get(impatient))
        .route("/slow", get(slow))
        .route("/me", get(me))
        .route("/note", get(note))
}

/// The token of an answer that must be one.
pub(crate) fn token_of(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body.split_once(' ').unwrap().1
}
