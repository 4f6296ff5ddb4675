//! Instances of an application in production, at the recorded time.

use auth_runtime::{AccessTokenError, Auth, AuthBuilder, Session, with_api_auth_required};
use auth_tests::{NOW, World};
use axum::Router;
use axum::routing::get;
use http::StatusCode;

use crate::recorded::Case;

pub(crate) const ADA: &str = "ada@example.com";

/// The application's own origin, in production.
pub(crate) const ORIGIN: &str = "https://app.example.com";

/// And on the machine of a developer.
pub(crate) const INSECURE: &str = auth_tests::ORIGIN;

pub(crate) const CLIENT: (&str, &str) = ("rolling", "a client secret of the recorded version");

/// A world whose provider is at this port, 0 for any.
pub(crate) async fn world(port: u16) -> World {
    let mut world = World::with_provider(
        routes(),
        |provider| {
            provider.port(port).client(CLIENT.0, CLIENT.1).redirect_uri(format!("{ORIGIN}/auth/callback"))
        },
        |auth| auth,
    )
    .await;
    ORIGIN.clone_into(&mut world.origin);
    world
}

/// An application at this origin, beginning at the recorded time.
pub(crate) fn deploy(
    world: &World,
    origin: &str,
    configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
) -> World {
    world.clock.set(NOW);
    world.another(|auth| configure(auth.base_url(origin)))
}

/// What the browser holds, with how it was told to hold that.
pub(crate) fn case(world: &World) -> Case {
    Case {
        now: world.clock.unix_seconds(),
        cookies: world.browser.cookies.clone(),
        attributes: world.browser.attributes.clone(),
        ..Case::default()
    }
}

pub(crate) fn routes() -> Router<Auth> {
    Router::new()
        .route("/me", get(me))
        .route("/fill", get(fill))
        .route("/cart", get(cart))
        .route("/token", get(token))
        .route("/connection", get(connection))
        .route("/leave", get(leave))
}

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

/// Puts more into the session than one cookie holds.
#[with_api_auth_required]
async fn fill(session: Session) -> StatusCode {
    session.set("cart", &"item ".repeat(900)).map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn cart(session: Session) -> String {
    session.get::<String>("cart").ok().flatten().unwrap_or_default()
}

#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token().await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn connection(session: Session) -> Result<String, AccessTokenError> {
    Ok(session.access_token_for_connection("google-oauth2").await?.as_str().to_owned())
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}
