//! Three processes of the quickstart with one secret, one provider and what they share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use auth_runtime::testing::provider::{Endpoint, Fault, Provider, RunningProvider, SampleUser};
use auth_tests::servers::{ServerProcess, free_port};
use auth_tests::{Browser, Network};
use axum::routing::get;
use axum::{Json, Router};
use http::HeaderMap;
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::balancer::Balancer;

pub(crate) const ADA: &str = "auth0|ada";
pub(crate) const GRACE: &str = "auth0|grace";
const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

pub(crate) struct Deployment {
    pub(crate) provider: RunningProvider,
    pub(crate) network: Network,
    pub(crate) balancer: Balancer,
    pub(crate) instances: Vec<Instance>,
    /// The one address, as browsers know it.
    pub(crate) origin: String,
}

pub(crate) struct Instance {
    pub(crate) process: ServerProcess,
    pub(crate) port: u16,
    /// Its own address, which no browser knows.
    pub(crate) origin: String,
}

impl Deployment {
    /// `shared` names the stores, as the quickstart reads them from its environment.
    pub(crate) async fn start(shared: &[(&str, &str)]) -> Self {
        let balancer = Balancer::start().await;
        let origin = format!("http://localhost:{}", balancer.port);
        let mut provider = Provider::builder().redirect_uri(format!("{origin}/auth/callback"));
        // The tests name a user by the `sub`.
        for user in [ADA, GRACE] {
            provider = provider.user(SampleUser::new("A User", user).subject(user));
        }
        let provider = provider.start().await.unwrap();
        let api = external_api().await;
        let common = [
            ("AUTH0_SECRET", SECRET),
            ("AUTH0_DOMAIN", provider.issuer()),
            ("AUTH0_CLIENT_ID", provider.client_id()),
            ("AUTH0_CLIENT_SECRET", provider.client_secret()),
            ("AUTH0_ALLOW_INSECURE_REQUESTS", "true"),
            ("APP_BASE_URL", &origin),
            ("EXTERNAL_API_URL", &api),
        ];
        let mut instances = Vec::new();
        for _ in 0..INSTANCES {
            instances.push(Instance::start(common.iter().chain(shared)));
        }
        for instance in &instances {
            instance.until_it_listens().await;
        }
        balancer.set(instances.iter().map(|instance| instance.port).collect());
        Self { provider, network: Network::default(), balancer, instances, origin }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Through the one address: each step of the sign-in may be another instance's.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = Browser::default();
        let login = browser.get(&self.network, &self.url("/auth/login")).await;
        let back = self.provider.sign_in(login.location(), user).unwrap();
        let answer = browser.get(&self.network, &back).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// A browser whose access token has expired.
    pub(crate) async fn with_an_expired_token(&self) -> Browser {
        self.provider.fault(Endpoint::Token, Fault::change(|answer| answer["expires_in"] = 1.into()));
        let browser = self.signed_in(ADA).await;
        self.provider.heal();
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        browser
    }

    /// How many refresh tokens the provider was sent.
    pub(crate) fn refreshes(&self) -> usize {
        let forms = self.provider.received(Endpoint::Token);
        forms.iter().filter(|form| form["grant_type"] == "refresh_token").count()
    }

    /// Waits until a refresh token has arrived at the provider beside those of before.
    pub(crate) async fn another_arrives(&self, before: usize) {
        let arrival = self.provider.arrived(Endpoint::Token, before + 1);
        tokio::time::timeout(Duration::from_secs(30), arrival).await.unwrap();
    }

    pub(crate) fn assert_nothing_was_sent_twice(&self) {
        assert_eq!(self.provider.reused_refresh_tokens(), 0, "a spent refresh token was sent again");
    }
}

impl Instance {
    fn start<'e>(environment: impl IntoIterator<Item = &'e (&'e str, &'e str)>) -> Self {
        let port = free_port();
        let mut command = Command::new(quickstart());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AUTH0_"))
        {
            command.env_remove(name);
        }
        command.envs(environment.into_iter().copied()).env("PORT", port.to_string());
        let folder = tempfile::tempdir().unwrap();
        let process = ServerProcess::start(command, folder, "`cargo build -p quickstart` makes it");
        Self { process, port, origin: format!("http://localhost:{port}") }
    }

    async fn until_it_listens(&self) {
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            assert!(self.process.is_running(), "an instance ended:\n{}", self.process.log_tail());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("an instance does not listen:\n{}", self.process.log_tail());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// Built once, as `cargo build` would for its user.
fn quickstart() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        // With the features of the test itself, so that nothing is built twice.
        let features = "auth-runtime/testing,quickstart/stores";
        let arguments = ["build", "--workspace", "--features", features, "--bin", "quickstart"];
        let built = Command::new(env!("CARGO")).args(arguments).current_dir(root).status().unwrap();
        assert!(built.success(), "the quickstart does not build");
        // The test is in `deps` of the same folder.
        let test = std::env::current_exe().unwrap();
        test.ancestors().nth(2).unwrap().join("quickstart")
    })
}

/// An API that says which token it was called with.
async fn external_api() -> String {
    async fn echo(headers: HeaderMap) -> Json<Value> {
        Json(json!({ "token": headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) }))
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", get(echo));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

const INSTANCES: usize = 3;
