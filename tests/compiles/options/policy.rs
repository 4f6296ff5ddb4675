//! Policies of one's own: for one state, for any state, several at once, in another module.

use std::io;

use auth_runtime::policy::{Decision, Policy, PolicyError};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::extract::FromRef;
use axum::http::request::Parts;
use axum::{Router, routing::get};

#[derive(Clone)]
struct AppState {
    auth: Auth,
    members: Vec<String>,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

struct Members;

impl Policy<AppState> for Members {
    async fn decide(session: &Session, request: &Parts, state: &AppState) -> Result<Decision, PolicyError> {
        if request.uri.path().is_empty() {
            return Err(io::Error::other("no path").into());
        }
        let _: u64 = "7".parse()?;
        Ok(if state.members.iter().any(|member| *member == session.user().sub()) {
            Decision::Allow
        } else {
            Decision::Deny
        })
    }
}

mod policies {
    use super::*;

    pub struct Everybody;

    impl<S: Sync> Policy<S> for Everybody {
        async fn decide(_: &Session, _: &Parts, _: &S) -> Result<Decision, PolicyError> {
            Ok(Decision::Allow)
        }
    }
}

#[with_api_auth_required(policy = Members, state = AppState)]
async fn one() {}

#[with_api_auth_required(policy = self::policies::Everybody, policy = Members, scopes("a"))]
async fn several() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required(policy = policies::Everybody)]
async fn any_state() {}

#[test]
fn compiles() {
    let _: Router<AppState> = Router::new().route("/one", get(one)).route("/several", get(several));
    let _: Router<Auth> = Router::new().route("/any", get(any_state));
}
