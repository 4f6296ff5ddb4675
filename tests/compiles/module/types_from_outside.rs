//! Types in the options of a module are those that are in scope where they are written, also in modules further in.

use auth_runtime::policy::{Decided, Decision, Loads, Policy};
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

impl Loads for Owner {
    type Value = ();
}

impl Policy<AppState> for Owner {
    async fn decide(_: &Session, _: &mut Parts, _: &AppState) -> Decided {
        Ok(Decision::Deny)
    }
}

#[with_api_auth_required(policy = Owner, state = AppState)]
mod api {
    pub mod notes {
        /// Another one of that name, which is no policy at all.
        pub struct Owner;

        #[with_api_auth_required(policy = is_editor)]
        pub mod drafts {
            pub async fn list() {}
        }

        #[helper]
        #[auth_runtime::policy::policy]
        pub async fn is_editor() -> auth_runtime::policy::Decision {
            auth_runtime::policy::Decision::Allow(())
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
