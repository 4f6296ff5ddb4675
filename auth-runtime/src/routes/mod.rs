//! The endpoints of the sign-in, one file each.
//!
//! | method and path | what it does |
//! |---|---|
//! | `GET /auth/login?returnTo=/path` | begins a sign-in and sends the browser to the provider |
//! | `GET /auth/callback` | takes the provider's answer, begins the session, sends the browser on |
//! | `GET`, `POST /auth/logout` | ends the session here and at the provider |

mod callback;
mod failure;
mod login;
mod logout;
mod respond;
mod return_to;
mod transaction;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use http::{HeaderMap, StatusCode};

use crate::auth::Auth;
use crate::config::LOGIN_PATH as LOGIN;

impl Auth {
    /// The endpoints of the sign-in, to be merged into the application's router. A service that only verifies
    /// sessions has none.
    ///
    /// ```
    /// # fn router(auth: auth_runtime::Auth) {
    /// let app: axum::Router = axum::Router::new().merge(auth.routes()).with_state(auth);
    /// # }
    /// ```
    pub fn routes<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        if self.owner().is_none() {
            return Router::new();
        }
        Router::new()
            .route(LOGIN, get(login).head(method_not_allowed))
            .route(CALLBACK, get(callback).head(method_not_allowed))
            .route(LOGOUT, get(logout).post(logout).head(method_not_allowed))
            .with_state(self.clone())
    }

    /// The path of each of these endpoints, with its methods.
    pub(crate) fn endpoints(&self) -> &'static [(&'static str, &'static [&'static str])] {
        if self.owner().is_none() {
            return &[];
        }
        &[(LOGIN, &["GET"]), (CALLBACK, &["GET"]), (LOGOUT, &["GET", "POST"])]
    }
}

async fn login(State(auth): State<Auth>, RawQuery(query): RawQuery, headers: HeaderMap) -> respond::Reply {
    respond::Reply(login::begin(&auth, query.as_deref().unwrap_or_default(), &headers).await)
}

async fn callback(State(auth): State<Auth>, RawQuery(query): RawQuery, headers: HeaderMap) -> respond::Reply {
    respond::Reply(callback::complete(&auth, query.as_deref().unwrap_or_default(), &headers).await)
}

async fn logout(State(auth): State<Auth>, headers: HeaderMap) -> respond::Reply {
    respond::Reply(logout::sign_out(&auth, &headers).await)
}

/// HEAD is for looking (RFC 9110 §9.2.1), and each of these does something.
async fn method_not_allowed() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

const CALLBACK: &str = "/auth/callback";
const LOGOUT: &str = "/auth/logout";

/// Every path of this room: none of them is a place to return to.
const ALL: [&str; 3] = [LOGIN, CALLBACK, LOGOUT];
