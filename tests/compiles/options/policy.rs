//! Policies of one's own: for one state, for any state, several at once, in another module.

use std::io;

use auth_runtime::policy::{Decided, Decision, Loads, Policy};
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

impl Loads for Members {
    type Value = ();
}

impl Policy<AppState> for Members {
    async fn decide(session: &Session, request: &mut Parts, state: &AppState) -> Decided {
        if request.uri.path().is_empty() {
            return Err(io::Error::other("no path").into());
        }
        let _: u64 = "7".parse()?;
        Ok(Decision::allow_if(state.members.iter().any(|member| *member == session.user().sub())))
    }
}

mod policies {
    use super::*;

    pub struct Everybody;

    impl Loads for Everybody {
        type Value = ();
    }

    impl<S: Sync> Policy<S> for Everybody {
        async fn decide(_: &Session, _: &mut Parts, _: &S) -> Decided {
            Ok(Decision::Allow(()))
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
