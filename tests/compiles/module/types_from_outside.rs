//! Types in the options of a module are those that are in scope where they are written, also in modules further in.

use auth_runtime::policy::{Decision, Policy, PolicyError};
use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::extract::FromRef;
use axum::http::request::Parts;
use axum::{Router, routing::get};

#[derive(Clone)]
struct AppState {
    auth: Auth,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

struct Owner;

impl Policy<AppState> for Owner {
    async fn decide(_: &Session, _: &Parts, _: &AppState) -> Result<Decision, PolicyError> {
        Ok(Decision::Deny)
    }
}

#[with_api_auth_required(policy = Owner, state = AppState)]
mod api {
    pub mod notes {
        /// Another one of that name, which is no policy at all.
        pub struct Owner;

        #[with_api_auth_required(policy = Editor)]
        pub mod drafts {
            pub async fn list() {}
        }

        pub struct Editor;

        impl<S: Sync> auth_runtime::policy::Policy<S> for Editor {
            async fn decide(
                _: &auth_runtime::Session,
                _: &axum::http::request::Parts,
                _: &S,
            ) -> Result<auth_runtime::policy::Decision, auth_runtime::policy::PolicyError> {
                Ok(auth_runtime::policy::Decision::Allow)
            }
        }

        pub async fn list(_owner: Option<axum::Extension<u8>>) {
            let _ = Owner;
        }
    }
}

#[test]
fn compiles() {
    let _: Router<AppState> =
        Router::new().route("/", get(api::notes::list)).route("/drafts", get(api::notes::drafts::list));
}
