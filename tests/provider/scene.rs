//! The application with a port of its own, the provider's process, and a tab in front of both.

use auth_runtime::testing::TestClock;
use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::World;
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::process::ProviderProcess;
use crate::tab::{Page, Tab};

pub(crate) struct Scene {
    pub(crate) world: World<ProviderProcess>,
    pub(crate) tab: Tab,
}

impl Scene {
    /// With these settings of the provider.
    pub(crate) async fn new(settings: Value) -> Self {
        Self::configured(settings, |auth| auth).await
    }

    pub(crate) async fn configured(
        settings: Value,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let (listener, origin) = listen().await;
        let provider = ProviderProcess::start(&origin, &settings);
        let world = World::at(provider, TestClock::now(), &origin, routes(), configure);
        serve(listener, world.app.clone());
        Self { world, tab: Tab::default() }
    }

    /// The same application in another process: the same secrets, and nothing in memory.
    pub(crate) async fn second_instance(&self) -> String {
        let (listener, address) = listen().await;
        serve(listener, self.world.another(|auth| auth).app);
        address
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.tab.get(&format!("{}{path}", self.world.origin)).await
    }

    /// Signs in with both forms of the provider.
    pub(crate) async fn sign_in(&mut self, name: &str) -> Page {
        let page = self.get("/auth/login?returnTo=/me").await;
        let page = self.log_in(&page, name).await;
        self.consent(&page).await
    }

    pub(crate) async fn log_in(&mut self, page: &Page, name: &str) -> Page {
        assert!(page.body.contains("<h1>Sign in</h1>"), "no sign-in form: {page:#?}");
        self.tab.submit(page, &[("name", name), ("password", "any")]).await
    }

    pub(crate) async fn consent(&mut self, page: &Page) -> Page {
        assert!(page.body.contains("<h1>Allow access</h1>"), "no consent form: {page:#?}");
        self.tab.submit(page, &[]).await
    }

    /// Signs Ada in and forgets what the provider's log says of it.
    pub(crate) async fn signed_in(&mut self) {
        let page = self.sign_in("ada").await;
        assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, "ada@example.com"));
        self.world.provider.control("reset", &Value::Null).await;
    }

    /// The access token that a handler gets.
    pub(crate) async fn token(&mut self) -> Result<String, Page> {
        let page = self.get("/token").await;
        if page.status == StatusCode::OK { Ok(page.body) } else { Err(page) }
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    (listener, origin)
}

fn serve(listener: TcpListener, app: Router) {
    // It ends with the test's runtime.
    tokio::spawn(async move { axum::serve(listener, app).await });
}

fn routes() -> Router<Auth> {
    Router::new()
        .route("/", get(async || "home"))
        .route("/me", get(me))
        .route("/claims", get(claims))
        .route("/token", get(token))
        .route("/transfer", get(transfer))
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn claims() -> axum::Json<auth_runtime::User> {
    axum::Json(user)
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

#[with_api_auth_required(max_age = "5m")]
async fn transfer() -> &'static str {
    "transferred"
}
