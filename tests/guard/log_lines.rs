//! What is in the log whoever makes noise beside it, and what is there from the start.

use std::time::Duration;

use auth_runtime::policy::Protection;
use auth_runtime::store::{KeyValueStore, StoreError, StoreFuture};
use auth_runtime::testing::TestClock;
use auth_runtime::{Auth, AuthBuilder};
use http::StatusCode;

use super::log::Log;
use super::markers::app;
use super::{NOW, SECRET, adas_cookie, get};

marker!(SignedIn, Protection::SIGNED_IN);

/// A store that is gone.
#[derive(Debug)]
struct Gone;

impl KeyValueStore for Gone {
    fn name(&self) -> &'static str {
        "gone"
    }

    fn read<'a>(&'a self, _: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        Box::pin(async { Err(StoreError::new("connection refused")) })
    }

    fn compare_and_swap<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: Option<&'a str>,
        _: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async { Err(StoreError::new("connection refused")) })
    }
}

#[tokio::test]
async fn dos_03_an_error_of_ours_is_in_the_log_however_much_noise_a_stranger_makes() {
    // A second of its own: other tests use up the lines of theirs.
    let clock = TestClock::at(NOW + 7_000);
    let auth = Auth::builder().secret(SECRET).domain("id.example.com").revocation(Gone).test_clock(&clock);
    let auth = auth.build().unwrap();
    let app = app::<SignedIn>(&auth);
    let (log, _listening) = Log::listen();
    for _ in 0..10_000 {
        let answer = get(&app, "/", Some("__session=garbage")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let noise = log.lines();
    // Tests beside this one have other clocks, and each of theirs begins a second anew.
    assert!((1..1_000).contains(&noise.len()), "{} lines", noise.len());
    assert_eq!(get(&app, "/", Some(&adas_cookie(&auth))).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let lines = log.lines();
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    assert!(
        matches!(&errors[..], [line] if line.contains("the store gone failed at read: connection refused")),
        "{errors:?}"
    );
}

#[test]
fn a_service_says_once_at_start_up_which_checks_are_weakened() {
    let builder = || Auth::builder().secret(SECRET);
    let all = |builder: AuthBuilder| {
        builder
            .danger_allow_insecure_requests(true)
            .danger_allow_requests_without_origin(true)
            .danger_allow_untyped_logout_tokens(true)
            .danger_disable_csrf_protection()
            .danger_expose_reasons(true)
    };
    let names = [
        "danger_allow_insecure_requests",
        "danger_allow_requests_without_origin",
        "danger_allow_untyped_logout_tokens",
        "danger_disable_csrf_protection",
        "danger_expose_reasons",
    ];
    let said = |builder: AuthBuilder| {
        let (log, _listening) = Log::listen();
        builder.build().unwrap();
        log.lines()
    };
    let lines = said(all(builder()));
    assert!(matches!(&lines[..], [line] if line.starts_with("WARN")), "{lines:?}");
    for name in names {
        assert!(lines[0].contains(name), "{lines:?}");
    }
    let off = builder().danger_expose_reasons(false).danger_allow_insecure_requests(false);
    assert_eq!(said(off), [""; 0]);
    let variable = |name: &str| (name == "AUTH0_ALLOW_INSECURE_REQUESTS").then(|| "true".to_owned());
    let lines = said(builder().lookup(variable));
    assert!(matches!(&lines[..], [line] if line.contains(": danger_allow_insecure_requests;")), "{lines:?}");
}

#[test]
fn a_service_without_endpoints_says_once_what_they_need() {
    let (log, _listening) = Log::listen();
    let verifier = Auth::builder().secret(SECRET).build().unwrap();
    for _ in 0..3 {
        drop(verifier.clone().routes::<Auth>());
    }
    let lines = log.lines();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.starts_with("WARN auth_runtime"), "{line}");
    for name in ["AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "APP_BASE_URL", "verify_only"] {
        assert!(line.contains(name), "{name}: {line}");
    }
    let owner = Auth::builder()
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com");
    drop(owner.build().unwrap().routes::<Auth>());
    assert_eq!(log.lines().len(), 1);
}
