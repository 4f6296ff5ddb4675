//! What happens to a session, and what this version then writes.

use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::{Noting, TOKEN_LIFETIME, World, post_logout_token};
use http::StatusCode;
use serde_json::Value;

use crate::deployment::{ADA, INSECURE, ORIGIN, case, deploy, world};
use crate::recorded::{Case, Recorded};

/// Lets everything happen at a provider at this port, 0 for any.
pub(crate) async fn record(version: &str, port: u16) -> Recorded {
    let world = world(port).await;
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
    let mut deployment = deploy(world, ORIGIN, |auth| auth);
    sign_in(&mut deployment).await;
    case(&deployment)
}

async fn chunked(world: &World) -> Case {
    let mut deployment = deploy(world, ORIGIN, |auth| auth);
    sign_in(&mut deployment).await;
    assert_eq!(deployment.get("/fill").await.status, StatusCode::NO_CONTENT);
    case(&deployment)
}

async fn connection(world: &World) -> Case {
    let mut deployment = deploy(world, ORIGIN, |auth| auth);
    sign_in(&mut deployment).await;
    let answer = answer(&mut deployment, "/connection", StatusCode::OK).await;
    Case { answer: Some(answer), ..case(&deployment) }
}

async fn transaction(world: &World, origin: &str) -> Case {
    let mut deployment = deploy(world, origin, |auth| auth);
    let login = deployment.get("/auth/login?returnTo=/after").await;
    Case { location: Some(login.location().to_owned()), ..case(&deployment) }
}

async fn stored(world: &World, seals: bool) -> Case {
    let store = Noting::default();
    let mut deployment = deploy(world, ORIGIN, |auth| auth.session_store(store.clone()).seal_records(seals));
    sign_in(&mut deployment).await;
    let answer = answer(&mut deployment, "/connection", StatusCode::OK).await;
    let mut noted = Case { answer: Some(answer), ..case(&deployment) };
    noted.note(&store.noted());
    noted
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
    let mut noted = Case { answer: last, cookies: before, ..case(&deployment) };
    noted.note(&store.noted());
    noted
}

/// The provider takes the refresh token no more.
async fn refused(world: &World) -> Case {
    let (mut deployment, store) = with_lease(world).await;
    world.clock.advance(TOKEN_LIFETIME);
    // Another service with the same cookies and no store in common.
    let mut other = deploy(world, ORIGIN, |auth| auth);
    world.clock.advance(TOKEN_LIFETIME);
    other.browser = deployment.browser.clone();
    answer(&mut other, "/token", StatusCode::OK).await;
    let refusal = deployment.get("/token").await;
    assert!(refusal.status.is_client_error(), "{}", refusal.body);
    let mut noted = Case { answer: Some(refusal.body), ..case(&deployment) };
    noted.note(&store.noted());
    noted
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
    let mut noted = case(&deployment);
    noted.note(&store.noted());
    noted
}

/// A browser whose user has signed out in another one with the same session.
async fn signed_out(world: &World) -> Case {
    let (mut deployment, store) = with_lease(world).await;
    world.clock.advance(TOKEN_LIFETIME);
    let before = deployment.browser.cookies.clone();
    answer(&mut deployment, "/token", StatusCode::OK).await;
    assert_eq!(deployment.get("/leave").await.status, StatusCode::NO_CONTENT);
    deployment.browser.cookies = before;
    let refusal = deployment.get("/token").await;
    assert!(refusal.status.is_client_error(), "{}", refusal.body);
    let mut noted = Case { answer: Some(refusal.body), ..case(&deployment) };
    noted.note(&store.noted());
    noted
}

async fn one_revoked(world: &World) -> Case {
    let (mut deployment, store) = with_revocation(world).await;
    let before = deployment.browser.cookies.clone();
    assert_eq!(deployment.get("/leave").await.status, StatusCode::NO_CONTENT);
    deployment.browser.cookies = before;
    let mut noted = case(&deployment);
    noted.note(&store.noted());
    noted
}

async fn user_revoked(world: &World) -> Case {
    let (mut deployment, store) = with_revocation(world).await;
    let sub = answer(&mut deployment, "/me", StatusCode::OK).await;
    deployment.auth.sign_out_everywhere(&sub).await.unwrap();
    let mut noted = case(&deployment);
    noted.note(&store.noted());
    noted
}

async fn sid_revoked(world: &World) -> Case {
    let (deployment, store) = with_revocation(world).await;
    let session = deployment.session(&deployment.browser);
    let sid = session.pointer("/internal/sid").and_then(Value::as_str).unwrap();
    let token = world.provider.logout_token(None, Some(sid)).unwrap();
    let heard = post_logout_token(&deployment, ORIGIN, &token).await;
    assert_eq!(heard.status, StatusCode::OK);
    let mut noted = case(&deployment);
    noted.note(&store.noted());
    noted
}

async fn with_lease(world: &World) -> (World, Noting) {
    let store = Noting::default();
    let mut deployment = deploy(world, ORIGIN, |auth| auth.refresh_lease(store.clone()));
    sign_in(&mut deployment).await;
    (deployment, store)
}

async fn with_revocation(world: &World) -> (World, Noting) {
    let store = Noting::default();
    let mut deployment =
        deploy(world, ORIGIN, |auth| auth.revocation(store.clone()).backchannel_logout(true));
    sign_in(&mut deployment).await;
    (deployment, store)
}

async fn sign_in(deployment: &mut World) {
    let back = deployment.sign_in(ADA).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
}

async fn answer(deployment: &mut World, path: &str, status: StatusCode) -> String {
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
