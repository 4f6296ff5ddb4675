//! The session is extracted like anything else.

use auth_runtime::{Auth, Session, User, with_api_auth_required};
use axum::Router;
use axum::extract::State;
use axum::routing::post;

#[with_api_auth_required]
async fn both(State(_auth): State<Auth>, session: Session, user: User, body: String) -> String {
    drop(session);
    format!("{} {body}", user.sub())
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/both", post(both));
}
