//! Three processes of the quickstart with one secret, one provider and what they share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use auth_runtime::codec::Timestamp;
use auth_tests::servers::{ServerProcess, free_port};
use auth_tests::upstream::{CLIENT_ID, CLIENT_SECRET, Endpoint, TokenRequest, Upstream};
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
const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

pub(crate) struct Deployment {
    pub(crate) upstream: Upstream,
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
        let upstream = Upstream::start(now).await;
        let balancer = Balancer::start().await;
        let origin = format!("http://localhost:{}", balancer.port);
        let api = external_api().await;
        let issuer = upstream.issuer();
        let common = [
            ("AUTH0_SECRET", SECRET),
            ("AUTH0_DOMAIN", &issuer),
            ("AUTH0_CLIENT_ID", CLIENT_ID),
            ("AUTH0_CLIENT_SECRET", CLIENT_SECRET),
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
        Self { upstream, network: Network::default(), balancer, instances, origin }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Through the one address: each step of the sign-in may be another instance's.
    pub(crate) async fn signed_in(&self, user: &str) -> Browser {
        let mut browser = Browser::default();
        let login = browser.get(&self.network, &self.url("/auth/login")).await;
        let back = self.upstream.provider().sign_in(login.location(), user);
        let answer = browser.get(&self.network, &back).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// A browser whose access token has expired. From then on tokens live for an hour.
    pub(crate) async fn with_an_expired_token(&self) -> Browser {
        self.upstream.provider().set_lifetime(1);
        let browser = self.signed_in(ADA).await;
        self.upstream.provider().set_lifetime(3_600);
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        browser
    }

    /// The refresh tokens that the provider took, in order.
    pub(crate) fn refreshes(&self) -> Vec<TokenRequest> {
        let mut requests = self.upstream.provider().token_requests();
        requests.retain(|request| request.grant_type == "refresh_token");
        requests
    }

    /// Waits until a refresh token has arrived at the provider beside those of before.
    pub(crate) async fn another_arrives(&self, before: usize) {
        let arrival = self.upstream.arrived(Endpoint::Token, before + 1);
        tokio::time::timeout(Duration::from_secs(30), arrival).await.unwrap();
    }

    pub(crate) fn assert_nothing_was_sent_twice(&self) {
        assert_eq!(self.upstream.provider().reused(), 0, "a spent refresh token was sent again");
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

/// The clock of the instances.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_unix()
}

const INSTANCES: usize = 3;
