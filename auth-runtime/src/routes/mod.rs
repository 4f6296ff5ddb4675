//! The endpoints of the sign-in, one file each.
//!
//! | method and path | what it does |
//! |---|---|
//! | `GET /auth/login?returnTo=/path` | begins a sign-in and sends the browser to the provider |
//! | `GET /auth/callback` | takes the provider's answer, begins the session, sends the browser on |
//! | `POST /auth/logout` | ends the session here and at the provider |
//! | `GET /auth/logout` | as `POST` for a step of the user's own, otherwise a page that asks first |
//! | `GET /auth/profile` | the signed-in user as JSON, or 401 |
//! | `GET /auth/access-token` | an access token for a page, if that is switched on |
//! | `POST /auth/backchannel-logout` | ends the sessions that the provider names, if that is switched on |
//!
//! The paths are those of the configuration. No answer is ever cached. HEAD gets a 405: it must change nothing (RFC
//! 9110 §9.2.1), and most of these endpoints do.

mod access_token;
mod backchannel_logout;
mod callback;
mod failure;
#[cfg(fuzzing)]
pub(crate) mod fuzzed;
mod login;
mod login_parameters;
mod logout;
mod organization;
mod origin;
mod page;
mod profile;
mod respond;
mod return_to;
mod transaction;

#[cfg(feature = "testing")]
pub(crate) use self::page::escape;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;

use crate::auth::Auth;
use crate::config::Endpoint;
use crate::guard::is_prefetch;

impl Auth {
    /// Returns the endpoints of the sign-in, to be merged into the application's outermost router. A service that only
    /// verifies sessions has none, and a warning in the log says so.
    ///
    /// | method and path | what it does |
    /// |---|---|
    /// | `GET /auth/login` | sends the browser to the provider. `returnTo` names the page of this application to end at; `login_hint`, `screen_hint`, `ui_locales`, `connection`, `organization`, `invitation`, `acr_values` and `max_age` are passed on, and everything else is dropped |
    /// | `GET /auth/callback` | takes the provider's answer and begins the session |
    /// | `POST /auth/logout` | ends the session here and at the provider, for a page of this application. `returnTo` names the page to end at, `federated` signs out behind the provider too, `state` comes back |
    /// | `GET /auth/logout` | as `POST` where the browser says that the link is the application's own or was typed; otherwise a page that asks |
    /// | `GET /auth/profile` | the user as JSON, or 401 |
    /// | `GET /auth/access-token` | an access token, if that is [switched on](crate::AuthBuilder::access_token_endpoint) |
    /// | `POST /auth/backchannel-logout` | ends the sessions that the provider names, if that is [switched on](crate::AuthBuilder::backchannel_logout) |
    ///
    /// The paths can be [changed](crate::AuthBuilder::base_path). Login, callback and logout answer a failure with a
    /// page for a person and with `{"error":"...","description":"..."}` for a script. No answer of an endpoint is ever
    /// stored. A prefetch begins and ends nothing. A page begins no sign-in by loading it as an image or a frame, and a
    /// page of another origin begins none by a script.
    ///
    /// A page with a button for the sign-out has a form that posts to it. Such a page must not say `Referrer-Policy:
    /// no-referrer`, because browsers then hide which page posts the form. If the page has a `form-action` in its
    /// `Content-Security-Policy`, that has to name the provider's origin, to which the answer leads.
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
            self.say_that_there_are_no_endpoints();
        }
        let mut router = Router::new();
        for endpoint in self.enabled() {
            let handler = move |State(auth): State<Self>, request: Request| answer(endpoint, auth, request);
            router = router.route(self.paths().of(endpoint), any(handler));
        }
        router.with_state(self.clone())
    }

    /// Returns the path of each enabled endpoint, with its methods.
    pub(crate) fn endpoints(&self) -> Vec<(String, &'static [&'static str])> {
        let endpoints = self.enabled().into_iter();
        endpoints.map(|endpoint| (self.paths().of(endpoint).to_owned(), methods(endpoint))).collect()
    }

    /// Returns the endpoints that the configuration switches on. A service that only verifies sessions has none.
    fn enabled(&self) -> Vec<Endpoint> {
        let Some(owner) = self.owner() else { return Vec::new() };
        let mut enabled = vec![Endpoint::Login, Endpoint::Callback, Endpoint::Logout, Endpoint::Profile];
        enabled.extend(owner.switches.access_token_endpoint.then_some(Endpoint::AccessToken));
        enabled.extend(owner.switches.backchannel_logout.then_some(Endpoint::BackchannelLogout));
        enabled
    }
}

fn methods(endpoint: Endpoint) -> &'static [&'static str] {
    match endpoint {
        Endpoint::AccessToken | Endpoint::Callback | Endpoint::Login | Endpoint::Profile => &["GET"],
        Endpoint::BackchannelLogout => &["POST"],
        Endpoint::Logout => &["GET", "POST"],
    }
}

async fn answer(endpoint: Endpoint, auth: Auth, request: Request) -> Response {
    let methods = methods(endpoint);
    if !methods.contains(&request.method().as_str()) {
        return respond::method_not_allowed(methods);
    }
    // A prefetch is no decision of the user, so it neither begins nor ends a session.
    if matches!(endpoint, Endpoint::Login | Endpoint::Logout) && is_prefetch(request.headers()) {
        return respond::no_content();
    }
    // A page could make a browser begin many sign-ins that its user never sees.
    if endpoint == Endpoint::Login && origin::is_embedded(request.headers()) {
        return respond::no_content();
    }
    let (request, body) = request.into_parts();
    match endpoint {
        Endpoint::Callback => callback::answer(&auth, &request).await,
        Endpoint::Login => login::answer(&auth, &request).await,
        Endpoint::Logout => logout::answer(&auth, &request).await,
        Endpoint::Profile => profile::answer(&auth, &request).await,
        Endpoint::AccessToken => access_token::answer(&auth, &request).await,
        Endpoint::BackchannelLogout => backchannel_logout::answer(&auth, &request, body).await,
    }
}
