//! What happens to a session, and what this version then writes.

use std::collections::BTreeMap;

use auth_runtime::codec::{RequestCookies, Timestamp};
use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::Noting;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::deployment::{Deployment, INSECURE, ORIGIN, TOKEN_LIFETIME, World};
use crate::recorded::{Case, Recorded};

/// Lets everything happen at a provider at this port, 0 for any.
pub(crate) async fn record(version: &str, port: u16) -> Recorded {
    let world = World::new(port).await;
    let world = &world;
    let cases = [
        ("whole", whole(world).await),
        ("chunked", chunked(world).await),
        ("connection", connection(world).await),
        ("transaction", transaction(world, ORIGIN).await),
        ("transaction of a developer", transaction(world, INSECURE).await),
        ("stored", stored(world, false).await),
        ("stored and sealed", stored(world, true).await),
        ("renewed", renewed(world, 1).await),
        ("renewed thrice", renewed(world, 3).await),
        ("refused", refused(world).await),
        ("unavailable", unavailable(world).await),
        ("signed out", signed_out(world).await),
        ("one revoked", one_revoked(world).await),
        ("user revoked", user_revoked(world).await),
        ("provider's session revoked", sid_revoked(world).await),
    ];
    Recorded {
        about: ABOUT.map(str::to_owned).into(),
        version: version.to_owned(),
        issuer: world.provider.issuer().to_owned(),
        cases: cases.map(|(name, case)| (name.to_owned(), case)).into(),
    }
}

async fn whole(world: &World) -> Case {
    let mut deployment = world.deploy(ORIGIN, |auth| auth);
    world.sign_in(&mut deployment).await;
    deployment.case()
}

async fn chunked(world: &World) -> Case {
    let mut deployment = world.deploy(ORIGIN, |auth| auth);
    world.sign_in(&mut deployment).await;
    assert_eq!(deployment.get("/fill").await.status, StatusCode::NO_CONTENT);
    deployment.case()
}

async fn connection(world: &World) -> Case {
    let mut deployment = world.deploy(ORIGIN, |auth| auth);
    world.sign_in(&mut deployment).await;
    let answer = answer(&mut deployment, "/connection", StatusCode::OK).await;
    Case { answer: Some(answer), ..deployment.case() }
}

async fn transaction(world: &World, origin: &str) -> Case {
    let mut deployment = world.deploy(origin, |auth| auth);
    let login = deployment.get("/auth/login?returnTo=/after").await;
    Case { location: Some(login.location().to_owned()), ..deployment.case() }
}

async fn stored(world: &World, seals: bool) -> Case {
    let store = Noting::default();
    let mut deployment = world.deploy(ORIGIN, |auth| auth.session_store(store.clone()).seal_records(seals));
    world.sign_in(&mut deployment).await;
    let answer = answer(&mut deployment, "/connection", StatusCode::OK).await;
    let mut case = Case { answer: Some(answer), ..deployment.case() };
    case.note(&store.noted());
    case
}

/// A browser that has not heard of the last renewals, which came `times`.
async fn renewed(world: &World, times: usize) -> Case {
    let (mut deployment, store) = with_lease(world).await;
    let before = deployment.browser.cookies.clone();
    let mut last = None;
    for _ in 0..times {
        world.clock.advance(TOKEN_LIFETIME);
        last = Some(answer(&mut deployment, "/token", StatusCode::OK).await);
    }
    let mut case = Case { answer: last, cookies: before, ..deployment.case() };
    case.note(&store.noted());
    case
}

/// The provider takes the refresh token no more.
async fn refused(world: &World) -> Case {
    let (mut deployment, store) = with_lease(world).await;
    world.clock.advance(TOKEN_LIFETIME);
    // Another service with the same cookies and no store in common.
    let mut other = world.deploy(ORIGIN, |auth| auth);
    world.clock.advance(TOKEN_LIFETIME);
    other.browser = deployment.browser.clone();
    answer(&mut other, "/token", StatusCode::OK).await;
    let refusal = deployment.get("/token").await;
    assert!(refusal.status.is_client_error(), "{}", refusal.body);
    let mut case = Case { answer: Some(refusal.body), ..deployment.case() };
    case.note(&store.noted());
    case
}

/// The provider is away.
async fn unavailable(world: &World) -> Case {
    let (mut deployment, store) = with_lease(world).await;
    world.clock.advance(TOKEN_LIFETIME);
    let outage = Fault::error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    world.provider.fault(Endpoint::Token, outage);
    let failure = deployment.get("/token").await;
    world.provider.heal();
    assert!(failure.status.is_server_error(), "{}", failure.body);
    let mut case = deployment.case();
    case.note(&store.noted());
    case
}

/// A browser whose user has signed out in another one with the same session.
async fn signed_out(world: &World) -> Case {
    let (mut deployment, store) = with_lease(world).await;
    world.clock.advance(TOKEN_LIFETIME);
    let before = deployment.browser.clone();
    answer(&mut deployment, "/token", StatusCode::OK).await;
    assert_eq!(deployment.get("/leave").await.status, StatusCode::NO_CONTENT);
    deployment.browser = before;
    let refusal = deployment.get("/token").await;
    assert!(refusal.status.is_client_error(), "{}", refusal.body);
    let mut case = Case { answer: Some(refusal.body), ..deployment.case() };
    case.note(&store.noted());
    case
}

async fn one_revoked(world: &World) -> Case {
    let (mut deployment, store) = with_revocation(world).await;
    let before = deployment.browser.clone();
    assert_eq!(deployment.get("/leave").await.status, StatusCode::NO_CONTENT);
    deployment.browser = before;
    let mut case = deployment.case();
    case.note(&store.noted());
    case
}

async fn user_revoked(world: &World) -> Case {
    let (mut deployment, store) = with_revocation(world).await;
    let sub = answer(&mut deployment, "/me", StatusCode::OK).await;
    deployment.auth.sign_out_everywhere(&sub).await.unwrap();
    let mut case = deployment.case();
    case.note(&store.noted());
    case
}

async fn sid_revoked(world: &World) -> Case {
    let (deployment, store) = with_revocation(world).await;
    let token = world.provider.logout_token(None, Some(&sid(&deployment))).unwrap();
    let request = Request::post("/auth/backchannel-logout")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("logout_token={token}")))
        .unwrap();
    let heard = deployment.app.clone().oneshot(request).await.unwrap();
    assert_eq!(heard.status(), StatusCode::OK);
    let mut case = deployment.case();
    case.note(&store.noted());
    case
}

async fn with_lease(world: &World) -> (Deployment, Noting) {
    let store = Noting::default();
    let mut deployment = world.deploy(ORIGIN, |auth| auth.refresh_lease(store.clone()));
    world.sign_in(&mut deployment).await;
    (deployment, store)
}

async fn with_revocation(world: &World) -> (Deployment, Noting) {
    let store = Noting::default();
    let mut deployment = world.deploy(ORIGIN, |auth| auth.revocation(store.clone()).backchannel_logout(true));
    world.sign_in(&mut deployment).await;
    (deployment, store)
}

/// The provider's name for the browser's session.
fn sid(deployment: &Deployment) -> String {
    let cookies: BTreeMap<_, _> = deployment.browser.cookies.clone();
    let header: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let header = header.join("; ");
    let codec = deployment.auth.codec();
    let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    let session = codec.read(&cookies, Timestamp::from_unix(deployment.clock.unix_seconds())).unwrap();
    let session: Value = serde_json::from_str(session.document().as_str()).unwrap();
    session.pointer("/internal/sid").and_then(Value::as_str).unwrap().to_owned()
}

async fn answer(deployment: &mut Deployment, path: &str, status: StatusCode) -> String {
    let answer = deployment.get(path).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.body);
    answer.body
}

const ABOUT: [&str; 5] = [
    "What one version wrote into browsers and stores: the next version reads it, and goes on writing what that one reads.",
    "Recorded, and never edited, with: cargo run -p auth-tests --example record_version -- VERSION > tests/vectors/previous_version.json",
    "Record again at a release, from the release's own commit, before anything is changed after it; VERSION is its number, or the commit.",
    "What is then written otherwise on purpose is in AMENDMENTS of tests/vectors/rollback.rs; empty that list when recording.",
    "The secret is the one of auth_tests::SECRET; the times are unix seconds.",
];
