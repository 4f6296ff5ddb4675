//! Connections over TLS, to servers whose certificate only those trust who are told to.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use auth_runtime::store::{PostgresStore, RedisStore};
use auth_tests::Browser;
use auth_tests::servers::{Postgres, Redis, free_port};
use http::StatusCode;
use tempfile::TempDir;

use crate::instance::{ADA, instance, who, world};

/// Which authorities a process trusts, it is told when it starts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_over_tls_is_used_if_its_certificate_is_trusted_and_else_not_at_all() {
    let files = Certificates::new();
    let port = free_port().to_string();
    let (certificate, key) = (files.path("own.pem"), files.path("own.key"));
    let server = Redis::start_with(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &certificate,
        "--tls-auth-clients",
        "no",
    ])
    .await;
    let plain = server.port().to_string();
    for (authority, port, status) in [("own", &port, 303), ("other", &port, 503), ("own", &plain, 503)] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "tls::signs_in_over_tls", "--ignored", "--nocapture"]);
        child.env("SSL_CERT_FILE", files.path(&format!("{authority}.pem")));
        child.env(URL, format!("rediss://127.0.0.1:{port}"));
        let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let expected = format!("the sign-in was answered with {status}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains(&expected), "{expected}\n{text}{errors}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the test above starts it, in a process of its own"]
async fn signs_in_over_tls() {
    let url = std::env::var_os(URL).unwrap();
    let world = world().await;
    let instance = instance(&world, RedisStore::new(url.to_str().unwrap()).unwrap());
    let mut browser = Browser::default();
    let callback = instance.begin_with(&mut browser, "/auth/login", ADA).await;
    let status = browser.get(&instance, &callback).await.status;
    println!("the sign-in was answered with {}", status.as_u16());
    if status == StatusCode::SEE_OTHER {
        assert_eq!(who(&instance, &browser).await.as_deref(), Some(ADA));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_over_tls_is_used_if_its_certificate_is_trusted_and_else_not_at_all() {
    let files = Certificates::new();
    let file = |option: &str, name: &str| format!("{option}={}", files.path(name));
    let (certificate, key) = (file("ssl_cert_file", "own.pem"), file("ssl_key_file", "own.key"));
    let server = Postgres::start_with(&["-c", "ssl=on", "-c", &certificate, "-c", &key]).await;
    let without = Postgres::start().await;
    let url = |server: &Postgres, authority: &str| {
        format!("{}?sslmode=verify-full&sslrootcert={}", server.url(), files.path(authority))
    };

    for (url, reason) in [
        (url(&server, "other.pem"), "invalid peer certificate"),
        (url(&without, "own.pem"), "no connection over TLS could be made"),
    ] {
        let error = PostgresStore::connect(&url).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let world = world().await;
    let instance = instance(&world, PostgresStore::connect(&url(&server, "own.pem")).await.unwrap());
    let browser = instance.signed_in(ADA).await;
    assert_eq!(who(&instance, &browser).await.as_deref(), Some(ADA));
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'auth-runtime'";
    assert_eq!(server.sql(encrypted).await, "t");
}

/// Two certificates for 127.0.0.1, each its own authority, with their keys.
struct Certificates(TempDir);

impl Certificates {
    fn new() -> Self {
        let files = Self(TempDir::new().unwrap());
        set_permissions(files.0.path(), Permissions::from_mode(0o755)).unwrap();
        for name in ["own", "other"] {
            let mut openssl = Command::new("openssl");
            openssl
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
                .args(["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"])
                .args(["-addext", "basicConstraints=critical,CA:FALSE"])
                .args(["-keyout", &files.path(&format!("{name}.key"))])
                .args(["-out", &files.path(&format!("{name}.pem"))]);
            run(openssl, "install openssl (Debian: openssl)");
        }
        if rustix::process::geteuid().is_root() {
            // PostgreSQL does not run as root, and takes a key only of its own.
            let mut chown = Command::new("chown");
            chown.args(["postgres", &files.path("own.key")]);
            run(chown, "install PostgreSQL's server (Debian: postgresql)");
        }
        files
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

fn run(mut command: Command, advice: &str) {
    let name = command.get_program().display().to_string();
    let output = command.output().unwrap_or_else(|error| panic!("{name} does not start ({error}); {advice}"));
    assert!(output.status.success(), "{name}: {}; {advice}", String::from_utf8_lossy(&output.stderr));
}

const URL: &str = "AUTH_TESTS_TLS_URL";
