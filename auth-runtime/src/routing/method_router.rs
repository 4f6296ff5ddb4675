//! The handlers of one path, by method.

use std::convert::Infallible;
use std::fmt;

use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::MethodFilter;
use tower_layer::Layer;
use tower_service::Service;

use super::access::Access;
use super::annotated::AnnotatedHandler;
use super::route::{Endpoint, Methods};

/// The handlers of one path, by method: axum's [`MethodRouter`](axum::routing::MethodRouter) with handlers that say who
/// may call them, and with a list of them.
///
/// Made by [`get`], [`post`] and so on, and taken by [`Router::route`](super::Router::route).
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// # use auth_runtime::{Auth, with_api_auth_required};
/// # #[with_api_auth_required]
/// # async fn list() {}
/// # #[with_api_auth_required]
/// # async fn create() {}
/// # pub fn main() {
/// use auth_runtime::routing::{MethodRouter, Router, get};
///
/// let posts: MethodRouter<Auth> = get(list).post(create);
/// let router = Router::new().route("/posts", posts);
/// assert_eq!(router.routes().len(), 2);
/// # }
/// # }
/// # #[cfg(feature = "macros")] example::main();
/// ```
#[derive(Clone)]
#[must_use]
pub struct MethodRouter<S = ()> {
    inner: axum::routing::MethodRouter<S>,
    endpoints: Vec<Endpoint>,
}

macro_rules! methods {
    // The bound is passed in, so that the compiler's messages point at it and not into this macro.
    ($($name:ident($filter:ident, $($bound:tt)*);)*) => {
        $(
            #[doc = concat!("A handler for `", stringify!($filter), "`.")]
            ///
            /// ```
            /// # #[cfg(feature = "macros")] mod example {
            #[doc = concat!("use auth_runtime::routing::{MethodRouter, ", stringify!($name), "};")]
            /// use auth_runtime::{Auth, with_api_auth_required};
            ///
            /// #[with_api_auth_required]
            /// async fn handler() {}
            ///
            /// fn methods() -> MethodRouter<Auth> {
            #[doc = concat!("    ", stringify!($name), "(handler)")]
            /// }
            /// # }
            /// ```
            pub fn $name<H, T, S>(handler: H) -> MethodRouter<S>
            where
                H: $($bound)*,
                T: 'static,
                S: Clone + Send + Sync + 'static,
            {
                on(MethodFilter::$filter, handler)
            }
        )*

        /// Methods that each add a handler for one method.
        ///
        /// ```
        /// # #[cfg(feature = "macros")] mod example {
        /// # use auth_runtime::{Auth, with_api_auth_required};
        /// # #[with_api_auth_required]
        /// # async fn list() {}
        /// # #[with_api_auth_required]
        /// # async fn create() {}
        /// # #[with_api_auth_required]
        /// # async fn remove() {}
        /// # pub fn main() {
        /// use auth_runtime::routing::{MethodRouter, get};
        ///
        /// let posts: MethodRouter<Auth> = get(list).post(create).delete(remove);
        /// # }
        /// # }
        /// # #[cfg(feature = "macros")] example::main();
        /// ```
        ///
        /// # Panics
        ///
        /// If the method has a handler already.
        impl<S> MethodRouter<S>
        where
            S: Clone + Send + Sync + 'static,
        {
            $(
                #[doc = concat!("Adds a handler for `", stringify!($filter), "`.")]
                ///
                /// # Panics
                ///
                #[doc = concat!("There is a handler for `", stringify!($filter), "` already.")]
                #[track_caller]
                pub fn $name<H, T>(self, handler: H) -> Self
                where
                    H: $($bound)*,
                    T: 'static,
                {
                    self.on(MethodFilter::$filter, handler)
                }
            )*
        }
    };
}

methods! {
    connect(CONNECT, AnnotatedHandler<T, S>);
    delete(DELETE, AnnotatedHandler<T, S>);
    get(GET, AnnotatedHandler<T, S>);
    head(HEAD, AnnotatedHandler<T, S>);
    options(OPTIONS, AnnotatedHandler<T, S>);
    patch(PATCH, AnnotatedHandler<T, S>);
    post(POST, AnnotatedHandler<T, S>);
    put(PUT, AnnotatedHandler<T, S>);
    trace(TRACE, AnnotatedHandler<T, S>);
}

/// Returns a router of one path with a handler for several methods.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::routing::{MethodFilter, MethodRouter, on};
/// use auth_runtime::{Auth, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn save() {}
///
/// fn methods() -> MethodRouter<Auth> {
///     on(MethodFilter::PUT.or(MethodFilter::PATCH), save)
/// }
/// # }
/// ```
pub fn on<H, T, S>(filter: MethodFilter, handler: H) -> MethodRouter<S>
where
    H: AnnotatedHandler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter {
        inner: axum::routing::on(filter, handler),
        endpoints: vec![Endpoint { methods: Methods::These(filter), access: H::ACCESS }],
    }
}

/// Returns a router of one path with a handler for every method, including methods that are not registered. A handler
/// that is added for one method takes that method.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::routing::{MethodRouter, any};
/// use auth_runtime::{Auth, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn echo() {}
///
/// fn methods() -> MethodRouter<Auth> {
///     any(echo)
/// }
/// # }
/// ```
pub fn any<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: AnnotatedHandler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    MethodRouter { inner: axum::routing::any(handler), endpoints: vec![any_other(H::ACCESS)] }
}

impl<S> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Adds a handler for several methods.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn show() {}
    /// # #[with_api_auth_required]
    /// # async fn save() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{MethodFilter, MethodRouter, get};
    ///
    /// let methods: MethodRouter<Auth> = get(show).on(MethodFilter::PUT.or(MethodFilter::PATCH), save);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If one of the methods has a handler already.
    #[track_caller]
    pub fn on<H, T>(mut self, filter: MethodFilter, handler: H) -> Self
    where
        H: AnnotatedHandler<T, S>,
        T: 'static,
    {
        self.endpoints.push(Endpoint { methods: Methods::These(filter), access: H::ACCESS });
        Self { inner: self.inner.on(filter, handler), ..self }
    }

    /// Sets the handler for every method without one, in place of an earlier one or of axum's 405.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # #[with_api_auth_required]
    /// # async fn other() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Route, Router, get};
    ///
    /// let router: Router<Auth> = Router::new().route("/posts", get(list).fallback(other));
    /// assert_eq!(router.routes()[1].methods(), [Route::ANY_OTHER]);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: AnnotatedHandler<T, S>,
        T: 'static,
    {
        // axum replaces an earlier fallback, so the list does too.
        self.endpoints.retain(|endpoint| endpoint.methods != Methods::AnyOther);
        self.endpoints.push(any_other(H::ACCESS));
        Self { inner: self.inner.fallback(handler), ..self }
    }

    /// Adds the handlers of another router to those of this one.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// # #[with_api_auth_required]
    /// # async fn create() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{Router, get, post};
    ///
    /// let router: Router<Auth> = Router::new().route("/posts", get(list).merge(post(create)));
    /// assert_eq!(router.routes().len(), 2);
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If both have a handler for one method, or both have a fallback; [`any`] makes one.
    #[track_caller]
    pub fn merge(mut self, other: Self) -> Self {
        self.endpoints.extend(other.endpoints);
        Self { inner: self.inner.merge(other.inner), ..self }
    }

    /// Puts middleware around every handler that is there by now, and around the 405 for the other methods.
    ///
    /// Middleware runs before the session is checked, and can answer by itself.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn create() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{MethodRouter, post};
    /// use axum::extract::DefaultBodyLimit;
    ///
    /// let posts: MethodRouter<Auth> = post(create).layer(DefaultBodyLimit::max(65_536));
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

    /// Puts middleware around every handler that is there by now, but not around a fallback or the 405.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn create() {}
    /// # pub fn main() {
    /// use auth_runtime::routing::{MethodRouter, post};
    /// use axum::extract::DefaultBodyLimit;
    ///
    /// let posts: MethodRouter<Auth> = post(create).route_layer(DefaultBodyLimit::max(65_536));
    /// # }
    /// # }
    /// # #[cfg(feature = "macros")] example::main();
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no handler for a method yet; the handler of [`any`] is a fallback.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { inner: self.inner.route_layer(layer), ..self }
    }

    /// Provides the state from which the handlers take their `Auth`. The result lacks another state, or none.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] mod example {
    /// # use auth_runtime::{Auth, with_api_auth_required};
    /// # #[with_api_auth_required]
    /// # async fn list() {}
    /// use auth_runtime::routing::{MethodRouter, get};
    ///
    /// fn posts(auth: Auth) -> MethodRouter {
    ///     get(list).with_state(auth)
    /// }
    /// # }
    /// ```
    pub fn with_state<S2>(self, state: S) -> MethodRouter<S2> {
        MethodRouter { inner: self.inner.with_state(state), endpoints: self.endpoints }
    }

    pub(super) fn into_parts(self) -> (axum::routing::MethodRouter<S>, Vec<Endpoint>) {
        (self.inner, self.endpoints)
    }
}

/// Converts the handlers of a path into axum's own, for a router of axum. That router does not list them.
impl<S> From<MethodRouter<S>> for axum::routing::MethodRouter<S> {
    fn from(methods: MethodRouter<S>) -> Self {
        methods.inner
    }
}

impl<S> fmt::Debug for MethodRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodRouter").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

fn any_other(access: Access) -> Endpoint {
    Endpoint { methods: Methods::AnyOther, access }
}
