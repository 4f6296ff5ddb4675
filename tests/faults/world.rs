//! An application, its faulty provider, and somebody who is signed in already.

use std::time::Duration;

use auth_runtime::testing::TestClock;
use auth_runtime::{AccessTokenError, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, ORIGIN};
use axum::Router;
use axum::routing::get;
use http::StatusCode;

use crate::table::LONG;
use crate::upstream::Upstream;

/// Who is signed in before anything is faulty.
pub(crate) const GRACE: &str = "auth0|grace";
/// Who signs in while something is.
pub(crate) const ADA: &str = "auth0|ada";

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

/// The world of these tests: its provider can be made to misbehave.
pub(crate) type World = auth_tests::World<Upstream>;

/// An application that knows its provider's metadata and keys, and in whose browser Grace is signed in.
pub(crate) async fn world() -> World {
    let clock = TestClock::now();
    let now = clock.clone();
    let upstream = Upstream::start(move || now.unix_seconds()).await;
    let routes = Router::new().route("/me", get(me)).route("/token", get(token));
    let mut world = World::at(upstream, clock, ORIGIN, routes, |auth| waiting(auth, LONG));
    let answer = sign_in(&world.provider, &world.app, &mut world.browser, GRACE).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    world
}

/// Another instance of the application, which has not asked the provider for anything yet.
pub(crate) fn fresh_app(world: &World, timeout: Duration) -> Router {
    world.another(|auth| waiting(auth, timeout)).app
}

fn waiting(auth: AuthBuilder, timeout: Duration) -> AuthBuilder {
    auth.http_timeout(timeout).access_token_endpoint(true)
}

/// Ada begins to sign in where Grace is signed in; the URL is that of the callback.
pub(crate) async fn begin(world: &World, browser: &mut Browser) -> String {
    let login = browser.get(world, "/auth/login").await;
    assert_eq!(login.status, StatusCode::SEE_OTHER, "{}", login.body);
    world.provider.sign_in(login.location(), ADA)
}

/// From the login route through a healthy provider to the callback's answer.
pub(crate) async fn sign_in(upstream: &Upstream, app: &Router, browser: &mut Browser, user: &str) -> Answer {
    let login = browser.get(app, "/auth/login").await;
    if login.status != StatusCode::SEE_OTHER {
        return login;
    }
    let back = upstream.sign_in(login.location(), user);
    browser.get(app, &back).await
}

/// Who the application says is signed in.
pub(crate) async fn who(app: &Router, browser: &Browser) -> Option<String> {
    let answer = browser.ask(app, http::Method::GET, "/me").await;
    (answer.status == StatusCode::OK).then_some(answer.body)
}
