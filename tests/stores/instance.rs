//! Instances of one application, and browsers of its users.

use std::sync::Arc;

use auth_runtime::codec::{RequestCookies, Timestamp};
use auth_runtime::store::{SessionStore, StoreId};
use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Provider, RunningProvider};
use auth_runtime::{Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, ORIGIN};
use axum::body::{Body, to_bytes};
use axum::routing::get;
use axum::{Extension, Router};
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;

use crate::gate::Gate;

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const GRACE: &str = "grace@example.com";

/// What all instances have in common.
pub(crate) struct World {
    pub(crate) provider: RunningProvider,
    pub(crate) clock: TestClock,
}

#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) auth: Auth,
    pub(crate) app: Router,
    /// Where `/change`, `/linger` and each sign-in can be kept waiting, right before the store is written.
    pub(crate) gate: Gate,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = TestClock::now();
        let now = clock.clone();
        let provider = Provider::builder()
            .redirect_uri(format!("{ORIGIN}/auth/callback"))
            .post_logout_redirect_uri(format!("{ORIGIN}/"))
            .clock(move || now.unix_seconds());
        Self { provider: provider.start().await.unwrap(), clock }
    }

    pub(crate) fn instance(&self, store: impl SessionStore) -> Instance {
        self.configured(store, |auth| auth.secret(SECRET))
    }

    /// One whose secrets are still to be given.
    pub(crate) fn configured(
        &self,
        store: impl SessionStore,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Instance {
        let gate = Gate::default();
        let at_sign_in = gate.clone();
        let builder = Auth::builder()
            .domain(self.provider.issuer())
            .danger_allow_insecure_requests(true)
            .client_id(self.provider.client_id())
            .client_secret(self.provider.client_secret())
            .base_url(ORIGIN)
            .session_store(store)
            .backchannel_logout(true)
            .test_clock(&self.clock)
            .on_login(move |login| {
                let gate = at_sign_in.clone();
                async move {
                    gate.pass().await;
                    login.proceed()
                }
            });
        let auth = configure(builder).build().unwrap();
        let app = routes().layer(Extension(gate.clone())).merge(auth.routes()).with_state(auth.clone());
        Instance { auth, app, gate }
    }

    pub(crate) async fn sign_in(&self, instance: &Instance, email: &str) -> Browser {
        let mut browser = Browser::default();
        let callback = self.begin(instance, &mut browser, email).await;
        let answer = browser.get(&instance.app, &callback).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// From the login route to the URL of the callback.
    pub(crate) async fn begin(&self, instance: &Instance, browser: &mut Browser, email: &str) -> String {
        let login = browser.get(&instance.app, "/auth/login").await;
        assert_eq!(login.status, StatusCode::SEE_OTHER, "{}", login.body);
        self.provider.sign_in(login.location(), email).unwrap()
    }

    /// What the provider sends at the end of one session.
    pub(crate) fn logout_token(&self, sid: &str) -> String {
        self.provider.logout_token(None, Some(sid)).unwrap()
    }

    /// The key of the record that the browser's cookie names.
    pub(crate) fn id(&self, instance: &Instance, browser: &Browser) -> StoreId {
        let header = cookie_header(browser);
        let cookies = RequestCookies::scan([header.as_bytes()], instance.auth.codec().cookie_name());
        let now = Timestamp::from_unix(self.clock.unix_seconds());
        instance.auth.codec().read_store_id(&cookies, now).unwrap()
    }
}

impl Instance {
    pub(crate) async fn get(&self, browser: &mut Browser, path: &str) -> Answer {
        browser.get(&self.app, path).await
    }

    /// As [`get`](Self::get), but the browser never sees the answer.
    pub(crate) async fn peek(&self, browser: &Browser, path: &str) -> Answer {
        browser.ask(&self.app, Method::GET, path).await
    }

    /// Who is signed in; `None` is nobody.
    pub(crate) async fn who(&self, browser: &Browser) -> Option<String> {
        let answer = self.peek(browser, "/me").await;
        match answer.status {
            StatusCode::OK => Some(answer.body),
            StatusCode::UNAUTHORIZED => None,
            status => panic!("{status} {}", answer.body),
        }
    }

    /// The provider's name of the browser's session.
    pub(crate) async fn sid(&self, browser: &Browser) -> String {
        let answer = self.peek(browser, "/sid").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }

    pub(crate) async fn sign_out(&self, browser: &mut Browser) -> Answer {
        browser.send(&self.app, Method::POST, "/auth/logout").await
    }

    /// The provider says that sessions have ended.
    pub(crate) async fn log_out(&self, token: &str) -> Answer {
        let request = Request::post("/auth/backchannel-logout")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("logout_token={token}")))
            .unwrap();
        let (parts, body) = self.app.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

pub(crate) fn cookie_header(browser: &Browser) -> String {
    let pairs: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}

/// A store as several instances in one process share it.
pub(crate) type AnyStore = Arc<dyn SessionStore>;

fn routes() -> Router<Auth> {
    Router::new()
        .route("/me", get(me))
        .route("/front", get(front))
        .route("/sid", get(sid))
        .route("/word", get(word))
        .route("/ends", get(ends))
        .route("/change", get(change))
        .route("/linger", get(linger))
        .route("/token", get(token))
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required(optional)]
async fn front() -> &'static str {
    if user.is_some() { "somebody" } else { "nobody" }
}

#[with_api_auth_required]
async fn sid(session: Session) -> String {
    session.sid().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn word(session: Session) -> String {
    session.get("word").unwrap().unwrap_or_default()
}

#[with_api_auth_required]
async fn ends(session: Session) -> String {
    session.expires_at().unwrap().as_unix().to_string()
}

#[with_api_auth_required]
async fn change(session: Session, Extension(gate): Extension<Gate>) -> &'static str {
    session.set("word", &NEW).unwrap();
    gate.pass().await;
    "changed"
}

/// Changes nothing.
#[with_api_auth_required]
async fn linger(Extension(gate): Extension<Gate>) -> &'static str {
    gate.pass().await;
    "lingered"
}

#[with_api_auth_required]
async fn token(session: Session) -> String {
    session.token_set().access_token().unwrap_or_default().into_owned()
}

/// What `/change` sets and `/word` tells.
pub(crate) const NEW: &str = "a new word";

pub(crate) const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";
