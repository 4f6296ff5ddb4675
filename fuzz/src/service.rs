//! A service as applications configure it, and a store that has whatever the input says.

use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use auth_runtime::Timestamp;
use auth_runtime::store::{
    KeyValueStore, Record, Revision, SessionFilter, SessionStore, StoreFuture, StoreId, Update,
};
use auth_runtime::{Auth, AuthBuilder, User, with_api_auth_required};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::{Request, StatusCode};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::reference::SERVICE_SECRET;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"));

pub(crate) fn builder() -> AuthBuilder {
    Auth::builder()
        .secret(SERVICE_SECRET)
        .domain("id.example.com")
        .client_id("client")
        .client_secret("client-secret")
        .base_url("https://app.example.com")
}

#[with_api_auth_required]
async fn me(user: User) -> String {
    user.sub().into_owned()
}

pub(crate) fn router(auth: Auth) -> Router {
    Router::new().route("/me", get(me)).with_state(auth)
}

/// What `GET /me` with this cookie answers.
pub(crate) fn ask(router: &Router, cookie: &str) -> (StatusCode, String) {
    let request = Request::get("/me").header("cookie", cookie).body(Body::empty()).expect("a request");
    let router = router.clone();
    block_on(async {
        let answer = router.oneshot(request).await.expect("axum answers");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 64 * 1024).await.expect("a short body");
        (status, String::from_utf8_lossy(&body).into_owned())
    })
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// One record under every id, and these values under the keys in the order in which they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Planted {
    pub(crate) record: Mutex<Option<Record>>,
    pub(crate) values: Mutex<Vec<Option<String>>>,
}

/// For a builder, which takes a store by value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store(pub(crate) Arc<Planted>);

impl SessionStore for Store {
    fn name(&self) -> &'static str {
        "planted"
    }

    fn get<'a>(&'a self, _: &'a StoreId, _: Timestamp) -> StoreFuture<'a, Option<Record>> {
        let record = self.0.record.lock().expect("one thread").clone();
        Box::pin(async { Ok(record) })
    }

    fn create<'a>(&'a self, _: &'a StoreId, _: Record) -> StoreFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn update<'a>(&'a self, _: &'a StoreId, _: &'a Revision, _: Record) -> StoreFuture<'a, Update> {
        Box::pin(async { Ok(Update::Absent) })
    }

    fn touch<'a>(&'a self, _: &'a StoreId, _: Timestamp, _: Timestamp) -> StoreFuture<'a, bool> {
        Box::pin(async { Ok(true) })
    }

    fn delete<'a>(&'a self, _: &'a StoreId) -> StoreFuture<'a, bool> {
        Box::pin(async { Ok(true) })
    }

    fn delete_by_logout_token<'a>(&'a self, _: &'a SessionFilter) -> StoreFuture<'a, usize> {
        Box::pin(async { Ok(0) })
    }

    fn list<'a>(&'a self, _: &'a SessionFilter, _: Timestamp) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl KeyValueStore for Store {
    fn name(&self) -> &'static str {
        "planted"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        let values = self.0.values.lock().expect("one thread");
        let found = keys.iter().enumerate().map(|(at, _)| values.get(at).cloned().flatten()).collect();
        Box::pin(async { Ok(found) })
    }

    fn compare_and_swap<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: Option<&'a str>,
        _: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async { Ok(true) })
    }
}
