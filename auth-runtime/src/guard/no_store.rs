//! A middleware for handlers outside of the attributes, which keeps answers that depend on the caller out of caches.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::identity_use::IdentityUse;
use crate::reject::forbid_caching;

/// A layer that forbids caches to keep an answer that depends on the caller. If a handler behind it takes [`User`],
/// `Option<User>` or [`Claims<T>`], the answer says `Cache-Control: private, no-store` and `Vary: Cookie`, in place of
/// other headers about caching. All other answers pass unchanged.
///
/// A handler with `#[with_api_auth_required]` or `#[public]` needs no layer, and neither does a router that
/// [`routing::Router::merge_unchecked`] takes. It is for extractors in plain handlers and in middleware, which cannot
/// add a header themselves. `testing::audit` (feature `testing`) names the handlers that lack it.
///
/// ```
/// use auth_runtime::{Auth, NoStore, User};
/// use axum::Router;
/// use axum::routing::get;
///
/// async fn greet(user: Option<User>) -> String {
///     user.map_or_else(|| "Hello".to_owned(), |user| format!("Hello, {}", user.sub()))
/// }
///
/// fn app(auth: Auth) -> Router {
///     Router::new().route("/greeting", get(greet)).layer(NoStore).with_state(auth)
/// }
/// ```
///
/// [`User`]: crate::User
/// [`Claims<T>`]: crate::Claims
/// [`routing::Router::merge_unchecked`]: crate::routing::Router::merge_unchecked
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStore;

impl<S> Layer<S> for NoStore {
    type Service = NoStoreService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        NoStoreService { inner }
    }
}

/// A service behind the layer [`NoStore`].
///
/// ```
/// use auth_runtime::{NoStore, NoStoreService};
/// use tower_layer::Layer as _;
///
/// let service: NoStoreService<axum::Router> = NoStore.layer(axum::Router::new());
/// # let _ = service;
/// ```
#[derive(Clone, Debug)]
pub struct NoStoreService<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for NoStoreService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let identity = IdentityUse::watch(request.extensions_mut(), false);
        let answering = self.inner.call(request);
        Box::pin(async move {
            let mut response = answering.await?;
            if identity.is_taken() {
                forbid_caching(response.headers_mut());
            }
            Ok(response)
        })
    }
}
