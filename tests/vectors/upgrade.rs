//! What the version before wrote, read by this one: an upgrade signs nobody out.

use std::time::Duration;

use auth_runtime::AuthBuilder;
use auth_runtime::store::{KeyValueStore as _, Record, RecordIndex, SessionStore as _, StoreId};
use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::{Answer, Issuer, Noting, World, time};
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::deployment::{ADA as EMAIL, CLIENT, INSECURE, ORIGIN, deploy, routes, world};
use crate::recorded::{Case, Kept, Recorded, Value};

/// The user that every case is about.
const ADA: &str = "sample|ada";

pub(crate) fn recorded() -> Recorded {
    serde_json::from_str(include_str!("previous_version.json")).unwrap()
}

fn case(name: &str) -> Case {
    recorded().cases.remove(name).unwrap()
}

/// This version, in the place of the one that was recorded. A test that sends anything to the issuer holds its address with
/// [`recorded_provider`]; what listens there meanwhile is another test's.
fn upgraded(case: &Case, configure: impl FnOnce(AuthBuilder) -> AuthBuilder) -> World<Away> {
    let (issuer, clock) = (Away(recorded().issuer), TestClock::at(case.now));
    let mut deployment = World::at(issuer, clock, ORIGIN, routes(), configure);
    deployment.browser.cookies.clone_from(&case.cookies);
    deployment
}

/// A provider of which nothing is known but the issuer's URL.
struct Away(String);

impl Issuer for Away {
    fn issuer(&self) -> &str {
        &self.0
    }

    fn client(&self) -> (&str, &str) {
        CLIENT
    }
}

/// A store that holds what the case's store held.
async fn holding(case: &Case) -> Noting {
    let store = Noting::default();
    for (key, kept) in &case.records {
        let Kept { text, expires_at, written_at, iss, sub, sid } = kept.clone();
        let record = Record::new(text, time(expires_at), time(written_at));
        let record = record.with_index(RecordIndex { iss, sub, sid });
        store.create(&StoreId::from_store(key), record).await.unwrap();
    }
    for (key, value) in &case.values {
        put(&store, key, value).await;
    }
    store
}

/// Puts a value where there is none.
async fn put(store: &Noting, key: &str, value: &Value) {
    let ttl = Duration::from_secs(value.seconds);
    assert!(store.compare_and_swap(key, None, Some(&value.text), ttl).await.unwrap(), "{key}");
}

/// Signed in, and nothing was changed in the browser.
fn assert_body(answer: &Answer, body: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, body));
    assert!(!answer.headers.contains_key(SET_COOKIE), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_session_in_one_cookie_goes_on() {
    let case = case("whole");
    let mut deployment = upgraded(&case, |auth| auth);
    assert_body(&deployment.get("/me").await, ADA);
    // And can be changed.
    assert_eq!(deployment.get("/fill").await.status, StatusCode::NO_CONTENT);
    assert_eq!(deployment.get("/cart").await.body.len(), 4_500);
}

#[tokio::test]
async fn a_session_in_several_cookies_goes_on() {
    let case = case("chunked");
    assert!(case.cookies.contains_key("__session__1"), "{:?}", case.cookies.keys());
    let mut deployment = upgraded(&case, |auth| auth);
    assert_body(&deployment.get("/me").await, ADA);
    assert_body(&deployment.get("/cart").await, &"item ".repeat(900));
}

/// The version before did not bind it to its session. It is fetched again, and the session goes on; beside Next.js, which
/// does not bind it either, it is still there.
#[tokio::test]
async fn the_token_of_a_connection_is_fetched_again_and_is_still_there_beside_next_js() {
    let case = case("connection");
    assert!(case.cookies.contains_key("__FC_0"), "{:?}", case.cookies.keys());
    let world = recorded_provider().await;
    let outage = Fault::error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    world.provider.fault(Endpoint::Token, outage);
    let mut deployment = upgraded(&case, |auth| auth);
    assert_eq!(deployment.get("/connection").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.provider.requests(Endpoint::Token), 1, "it is asked for another one");
    assert_body(&deployment.get("/me").await, ADA);

    let mut deployment = upgraded(&case, |auth| auth.shared_with_nextjs(true));
    assert_body(&deployment.get("/me").await, ADA);
    assert_body(&deployment.get("/connection").await, case.answer.as_deref().unwrap());
    assert_eq!(world.provider.requests(Endpoint::Token), 1, "and here nobody is");
}

/// A provider at the recorded issuer's address.
async fn recorded_provider() -> World {
    let issuer = recorded().issuer;
    let world = world(issuer.rsplit_once(':').unwrap().1.parse().unwrap()).await;
    assert_eq!(world.provider.issuer(), issuer);
    world
}

/// Over TLS the name of its cookie is another one now, which a host beside this one cannot set. Reading the old name for a
/// while would keep that attack for the while.
#[tokio::test]
async fn a_sign_in_that_is_under_way_comes_to_its_end_or_begins_again() {
    let world = recorded_provider().await;
    let case_of_tls = case("transaction");
    let mut deployment = deploy(&world, ORIGIN, |auth| auth);
    deployment.browser.cookies.clone_from(&case_of_tls.cookies);
    let back = world.provider.sign_in(case_of_tls.location.as_deref().unwrap(), EMAIL).unwrap();
    let back = deployment.get(&back).await;
    assert_eq!(back.status, StatusCode::BAD_REQUEST, "{}", back.body);
    assert!(back.body.contains("invalid_state"), "{}", back.body);
    assert!(!back.headers.contains_key(SET_COOKIE), "{:?}", back.headers);

    let case = case("transaction of a developer");
    let mut deployment = deploy(&world, INSECURE, |auth| auth);
    deployment.browser.cookies.clone_from(&case.cookies);
    let back = world.provider.sign_in(case.location.as_deref().unwrap(), EMAIL).unwrap();
    let back = deployment.get(&back).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert_eq!(back.location(), format!("{INSECURE}/after"));
    assert_body(&deployment.get("/me").await, ADA);
}

#[tokio::test]
async fn a_session_in_a_store_goes_on() {
    for (name, seals) in [("stored", false), ("stored and sealed", true)] {
        let case = case(name);
        let store = holding(&case).await;
        let configure = |auth: AuthBuilder| auth.session_store(store.clone()).seal_records(seals);
        let mut deployment = upgraded(&case, configure);
        assert_body(&deployment.get("/me").await, ADA);
        assert_body(&deployment.get("/connection").await, case.answer.as_deref().unwrap());
        assert_eq!(deployment.get("/fill").await.status, StatusCode::NO_CONTENT, "{name}");
        assert_eq!(deployment.get("/cart").await.body.len(), 4_500, "{name}");
        // It is also found by whose it is. The provider is asked for the name that it gives itself.
        let _provider = recorded_provider().await;
        assert_eq!(deployment.auth.sign_out_everywhere(ADA).await.unwrap(), Some(1), "{name}");
        assert_eq!(deployment.get("/me").await.status, StatusCode::UNAUTHORIZED, "{name}");
    }
}

#[tokio::test]
async fn what_an_older_instance_renewed_is_found_and_no_refresh_token_is_sent_again() {
    for name in ["renewed", "renewed thrice"] {
        let case = case(name);
        let store = holding(&case).await;
        let mut deployment = upgraded(&case, |auth| auth.refresh_lease(store));
        let answer = deployment.get("/token").await;
        assert_eq!((answer.status, Some(answer.body)), (StatusCode::OK, case.answer), "{name}");
        assert_eq!(deployment.get("/me").await.body, ADA, "{name}");
    }
}

#[tokio::test]
async fn an_older_instance_that_is_sending_a_refresh_token_is_waited_for() {
    let case = case("renewed");
    let store = Noting::default();
    let (lease_key, lease) = case.leases.iter().next().unwrap();
    put(&store, lease_key, lease).await;
    let mut deployment = upgraded(&case, |auth| auth.refresh_lease(store.clone()));
    let (answer, ()) = tokio::join!(deployment.get("/token"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        for (key, value) in &case.values {
            put(&store, key, value).await;
        }
        assert!(store.compare_and_swap(lease_key, Some(&lease.text), None, Duration::ZERO).await.unwrap());
    });
    assert_eq!((answer.status, Some(&answer.body)), (StatusCode::OK, case.answer.as_ref()));
}

#[tokio::test]
async fn what_an_older_instance_knows_to_be_over_stays_over() {
    for name in ["refused", "signed out"] {
        let case = case(name);
        let store = holding(&case).await;
        let mut deployment = upgraded(&case, |auth| auth.refresh_lease(store));
        let answer = deployment.get("/token").await;
        assert_eq!((answer.status, Some(answer.body)), (StatusCode::UNAUTHORIZED, case.answer), "{name}");
    }
}

#[tokio::test]
async fn what_an_older_instance_revoked_stays_revoked() {
    for name in ["one revoked", "user revoked", "provider's session revoked"] {
        let case = case(name);
        let store = holding(&case).await;
        let mut deployment = upgraded(&case, |auth| auth.revocation(store));
        assert_eq!(deployment.get("/me").await.status, StatusCode::UNAUTHORIZED, "{name}");
        let mut elsewhere = upgraded(&case, |auth| auth.revocation(Noting::default()));
        assert_body(&elsewhere.get("/me").await, ADA);
    }
}
