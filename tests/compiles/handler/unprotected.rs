//! Every extractor also stands in a handler without the attribute: what it does there is decided by the request.

use auth_runtime::{Auth, Claims, Session, User};
use axum::Router;
use axum::routing::get;
use serde::Deserialize;

#[derive(Deserialize)]
struct Plan {
    plan: String,
}

async fn session(session: Session) -> &'static str {
    drop(session);
    "refused while it runs: only the attribute's guard provides the session"
}

async fn user(user: User) -> String {
    user.sub().to_string()
}

async fn perhaps(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_string(), |user| user.sub().to_string())
}

async fn claims(Claims(plan): Claims<Plan>) -> String {
    plan.plan
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/session", get(session))
        .route("/user", get(user))
        .route("/perhaps", get(perhaps))
        .route("/claims", get(claims));
}
