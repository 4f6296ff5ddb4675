//! The provider's process and its control.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use auth_tests::Issuer;
use serde_json::{Value, json};

/// A provider that runs until this is dropped. It ends with its standard input too, so that none outlives a run.
pub(crate) struct ProviderProcess {
    pub(crate) issuer: String,
    client_id: String,
    client_secret: String,
    child: Child,
    _stdin: ChildStdin,
    control: reqwest::Client,
}

impl ProviderProcess {
    /// Starts one for the application at `origin`, on a free port. `settings` are those of `settings.mjs`.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub(crate) fn start(origin: &str, settings: &Value) -> Self {
        let mut all = json!({ "port": 0, "apps": [origin], "ends_with_input": true });
        for (name, value) in settings.as_object().unwrap() {
            all[name] = value.clone();
        }
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let packages = std::env::var_os("PROVIDER_PACKAGES")
            .map_or_else(|| workspace.join("target/provider"), PathBuf::from);
        let mut child = Command::new("node")
            .arg(workspace.join("tests/provider/oidc_provider.mjs"))
            .arg(all.to_string())
            .env("PROVIDER_PACKAGES", packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node does not start ({error}); {ADVICE}"));
        let stdin = child.stdin.take().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let about: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("the provider does not start; {ADVICE}"));
        let text = |name: &str| about[name].as_str().unwrap().to_owned();
        Self {
            issuer: text("issuer"),
            client_id: text("client_id"),
            client_secret: text("client_secret"),
            child,
            _stdin: stdin,
            control: reqwest::Client::new(),
        }
    }

    /// What `control.mjs` offers by POST.
    pub(crate) async fn control(&self, name: &str, input: &Value) -> Value {
        let url = format!("{}/_control/{name}", self.issuer);
        let response = self.control.post(url).body(input.to_string()).send().await.unwrap();
        assert!(response.status().is_success(), "{name}: {}", response.text().await.unwrap());
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    /// Everything since the last reset.
    pub(crate) async fn log(&self) -> Vec<Value> {
        let response = self.control.get(format!("{}/_control/log", self.issuer)).send().await.unwrap();
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    /// How many requests for `path` came in.
    pub(crate) async fn requests(&self, path: &str) -> usize {
        self.log().await.iter().filter(|entry| entry["path"] == path && entry["method"].is_string()).count()
    }

    /// How many grants of this type were given.
    pub(crate) async fn grants(&self, grant_type: &str) -> usize {
        let is_grant =
            |entry: &&Value| entry["event"] == "grant.success" && entry["grant_type"] == grant_type;
        self.log().await.iter().filter(is_grant).count()
    }
}

impl Issuer for ProviderProcess {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn client(&self) -> (&str, &str) {
        (&self.client_id, &self.client_secret)
    }
}

impl Drop for ProviderProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const ADVICE: &str = "`cargo xtask test` installs what these tests need and runs them";
