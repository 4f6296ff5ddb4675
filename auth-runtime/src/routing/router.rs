//! The router: paths, and the handlers that they lead to.

use std::convert::Infallible;
use std::fmt;

use axum::extract::Request;
use axum::response::IntoResponse;
use tower_layer::Layer;
use tower_service::Service;

use super::annotated::AnnotatedHandler;
use super::path_methods::PathMethods;
use super::route::{Endpoint, Kind, Methods, Route};
use super::start_up;
#[cfg(feature = "oidc")]
use crate::auth::Auth;
use crate::guard::NoStore;

/// axum's [`Router`](axum::Router) with handlers that say who may call them, and with a list of its routes.
///
/// [`From`] makes an axum router of it, to be served or tested; see the [module](super) for a complete example.
#[derive(Clone)]
#[must_use]
pub struct Router<S = ()> {
    inner: axum::Router<S>,
    routes: Vec<Route>,
}

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Returns a router without routes, which answers 404.
    ///
    /// ```
    /// let router: auth_runtime::routing::Router = auth_runtime::routing::Router::new();
    /// assert!(router.routes().is_empty());
    /// ```
    pub fn new() -> Self {
        Self { inner: axum::Router::new(), routes: Vec::new() }
    }

    /// Returns every route, in the order in which they were added.
    ///
    /// A test can compare the list with an agreed one, so that a handler which becomes public is noticed:
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// use auth_runtime::routing::{Router, get};
    /// use auth_runtime::{Auth, with_api_auth_required};
    ///
    /// #[with_api_auth_required]
    /// async fn me() {}
    ///
    /// # pub fn main() {
    /// let router: Router<Auth> = Router::new().route("/api/me", get(me));
    /// let lines: Vec<_> = router.routes().iter().map(ToString::to_string).collect();
    /// assert_eq!(lines, ["GET  /api/me  signed in"]);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Adds the handlers of a path, to those that it has already if any. The handlers are a
    /// [`MethodRouter`](super::MethodRouter). Captures are written as [axum has them](axum::Router::route):
    /// `/posts/{id}`, `/files/{*path}`.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Router, get};
    ///
    /// let router: Router<Auth> = Router::new().route("/posts", get(list).post(list));
    /// assert_eq!(router.routes().len(), 2);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If the path does not begin with `/` or is malformed, if it overlaps with another one, or if a method or the
    /// fallback of the path has a handler already.
    #[track_caller]
    pub fn route<M: PathMethods<S>>(mut self, path: &str, methods: M) -> Self {
        let (methods, endpoints) = methods.into_methods().into_parts();
        self.routes.extend(endpoints.into_iter().map(|endpoint| Route::new(path.to_owned(), endpoint)));
        Self { inner: self.inner.route(path, methods), ..self }
    }

    /// Puts another router below a prefix. Its routes see the path without the prefix.
    ///
    /// As in axum, a request below the prefix that matches no route of the nested router goes to the fallback of the
    /// nested router if it has one, otherwise to the fallback of this router. Fallbacks of routers further down count
    /// only if the nested router has a fallback itself.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Router, get};
    ///
    /// let posts = Router::new().route("/", get(list)).route("/drafts", get(list));
    /// let router: Router<Auth> = Router::new().nest("/posts", posts);
    /// let paths: Vec<_> = router.routes().iter().map(|route| route.path()).collect();
    /// assert_eq!(paths, ["/posts", "/posts/drafts"]);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If the prefix is empty or `/` ([`merge`](Self::merge) does that), does not begin with `/` or has a wildcard, or
    /// if a route overlaps with one that is there.
    #[track_caller]
    pub fn nest(mut self, prefix: &str, router: Self) -> Self {
        let keeps_fallbacks = router.may_have_fallback();
        let inner = self.inner.nest(prefix, router.inner);
        // axum drops every fallback below a router that has none itself.
        let is_kept = |route: &Route| keeps_fallbacks || route.kind() != Kind::Fallback;
        let kept = router.routes.into_iter().filter(is_kept);
        self.routes.extend(kept.map(|route| route.below(prefix)));
        Self { inner, ..self }
    }

    /// Adds all routes of another router, and its fallback.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Router, get};
    ///
    /// let posts = Router::new().route("/posts", get(list));
    /// let router: Router<Auth> = Router::new().route("/", get(list)).merge(posts);
    /// assert_eq!(router.routes().len(), 2);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If a route overlaps with one that is there, or both routers have a fallback.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        Self { inner: self.inner.merge(other.inner), ..self }
    }

    /// Adds a router of axum's own: **nothing checks that its handlers say who may call them.**
    ///
    /// For services that are no handlers, a directory of files for instance, and for routers of other crates. The list
    /// has one line for all of their routes, `unchecked`; `testing::audit` tests those that a test names. The layer
    /// [`NoStore`](crate::NoStore) keeps an answer out of caches if its handler took the caller's identity.
    ///
    /// ```
    /// use auth_runtime::routing::{Access, Router};
    /// use axum::routing::get;
    ///
    /// let plain = axum::Router::new().route("/robots.txt", get("User-agent: *"));
    /// let router: Router = Router::new().merge_unchecked(plain);
    /// assert_eq!(router.routes().iter().map(|route| route.access()).collect::<Vec<_>>(), [Access::Unchecked]);
    /// ```
    ///
    /// # Panics
    ///
    /// If a route overlaps with one that is there, or both routers have a fallback.
    #[track_caller]
    pub fn merge_unchecked(mut self, router: axum::Router<S>) -> Self {
        self.routes.push(Route::unchecked());
        Self { inner: self.inner.merge(router.layer(NoStore)), ..self }
    }

    /// Adds the endpoints of the sign-in, [`Auth::routes`](crate::Auth::routes), each listed as public.
    ///
    /// ```
    /// # fn router(auth: &auth_runtime::Auth) {
    /// use auth_runtime::routing::Router;
    ///
    /// let router: Router = Router::new().auth_routes(auth);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If there is a route at one of their paths already.
    #[cfg(feature = "oidc")]
    #[track_caller]
    pub fn auth_routes(mut self, auth: &Auth) -> Self {
        let endpoints = auth.endpoints().into_iter();
        self.routes.extend(endpoints.map(|(path, methods)| Route::public(path, methods)));
        Self { inner: self.inner.merge(auth.routes()), ..self }
    }

    /// Sets the handler for paths without a route, in place of an earlier one or of axum's 404.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn not_found() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Route, Router};
    ///
    /// let router: Router<Auth> = Router::new().fallback(not_found);
    /// assert_eq!(router.routes()[0].path(), Route::FALLBACK);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    #[track_caller]
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: AnnotatedHandler<T, S>,
        T: 'static,
    {
        // axum replaces an earlier fallback, so the list does too.
        self.routes.retain(|route| !route.is_own_fallback());
        self.routes.push(Route::fallback(H::ACCESS));
        Self { inner: self.inner.fallback(handler), ..self }
    }

    /// Sets the handler for methods that a path does not have, in place of axum's 405. It counts for every path that is
    /// there by now and has no fallback.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn handler() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Route, Router, get};
    ///
    /// let router: Router<Auth> =
    ///     Router::new().route("/posts", get(handler)).method_not_allowed_fallback(handler);
    /// assert_eq!(router.routes()[1].methods(), [Route::ANY_OTHER]);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    pub fn method_not_allowed_fallback<H, T>(mut self, handler: H) -> Self
    where
        H: AnnotatedHandler<T, S>,
        T: 'static,
    {
        let endpoint = Endpoint { methods: Methods::AnyOther, access: H::ACCESS };
        for path in self.paths_without_fallback() {
            self.routes.push(Route::new(path, endpoint));
        }
        Self { inner: self.inner.method_not_allowed_fallback(handler), ..self }
    }

    /// Puts middleware around every route that is there by now, and around the fallback.
    ///
    /// Middleware runs before the session is checked, and can answer by itself.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Router, get};
    /// use axum::extract::DefaultBodyLimit;
    ///
    /// let router: Router<Auth> = Router::new().route("/posts", get(list)).layer(DefaultBodyLimit::max(65_536));
    /// assert_eq!(router.routes().len(), 1);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { inner: self.inner.layer(layer), ..self }
    }

    /// Puts middleware around every route that is there by now, but not around the fallback.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Router, get};
    /// use axum::extract::DefaultBodyLimit;
    ///
    /// let router: Router<Auth> = Router::new().route("/posts", get(list)).route_layer(DefaultBodyLimit::max(65_536));
    /// assert_eq!(router.routes().len(), 1);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no route yet.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { inner: self.inner.route_layer(layer), ..self }
    }

    /// Provides the state from which the handlers take their [`Auth`](crate::Auth). The result lacks another state, or
    /// none: `Router<()>` can be served.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// use auth_runtime::routing::{Router, get};
    ///
    /// fn app(auth: Auth) -> axum::Router {
    ///     Router::new().route("/posts", get(list)).with_state(auth).into()
    /// }
    /// # }
    /// ```
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        Router { inner: self.inner.with_state(state), routes: self.routes }
    }

    /// Returns whether the router may have a fallback. Unchecked routes may have brought one.
    fn may_have_fallback(&self) -> bool {
        self.routes.iter().any(|route| route.is_own_fallback() || route.is_own_unchecked())
    }

    /// Returns each path that has no fallback, once.
    fn paths_without_fallback(&self) -> Vec<String> {
        let with_path = || self.routes.iter().filter(|route| route.kind() == Kind::Path);
        let has_fallback = |path| with_path().any(|route| route.path() == path && route.takes_any_other());
        let mut paths: Vec<&str> = Vec::new();
        for route in with_path() {
            if !paths.contains(&route.path()) && !has_fallback(route.path()) {
                paths.push(route.path());
            }
        }
        paths.into_iter().map(str::to_owned).collect()
    }
}

impl<S> Default for Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

/// Prints the list of routes.
impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("routes", &self.routes).finish_non_exhaustive()
    }
}

/// Converts the router into axum's own, since all checks are made. Writes one line to the log, which counts the routes
/// and names those that admit callers without a session.
impl<S> From<Router<S>> for axum::Router<S> {
    fn from(router: Router<S>) -> Self {
        start_up::log(&router.routes);
        router.inner
    }
}
