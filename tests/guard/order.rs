//! Authentication comes before everything else that a request could fail at.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use auth_runtime::{Session, User, with_api_auth_required};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, Query};
use axum::routing::{get as get_route, post};
use axum::{Json, Router};
use http::header::{CONTENT_TYPE, COOKIE};
use http::{Method, Request, StatusCode};
use serde_json::Value;

use super::{adas_cookie, get, send, verifier};

#[with_api_auth_required]
async fn create(Json(post): Json<Value>) -> Json<Value> {
    Json(post)
}

#[with_api_auth_required]
async fn read(Path(id): Path<u64>, Query(query): Query<Vec<(String, u8)>>, user: User) -> String {
    format!("{id} {query:?} {}", user.sub())
}

#[with_api_auth_required]
async fn upload(body: Bytes) -> String {
    format!("{} bytes", body.len())
}

#[with_api_auth_required]
async fn everything(session: Session) -> String {
    session.user().sub().into_owned()
}

fn app() -> Router {
    Router::new()
        .route("/posts", post(create))
        .route("/posts/{id}", get_route(read))
        .route("/upload", post(upload))
        .route("/me", get_route(everything).post(everything))
        .with_state(verifier())
}

/// A body of which every byte that is asked for is counted.
pub(crate) struct Counted {
    pub(crate) remaining: usize,
    pub(crate) read: Arc<AtomicUsize>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        let chunk = self.remaining.min(16 * 1024);
        self.remaining -= chunk;
        self.read.fetch_add(chunk, Ordering::SeqCst);
        Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from(vec![b'x'; chunk])))))
    }
}

#[tokio::test]
async fn m6_a_signed_out_post_with_malformed_json_is_401_and_its_body_is_not_read() {
    let read = Arc::new(AtomicUsize::new(0));
    let body = Body::new(Counted { remaining: 1 << 30, read: Arc::clone(&read) });
    let request = Request::post("/posts").header(CONTENT_TYPE, "application/json").body(body).unwrap();
    assert_eq!(send(&app(), request).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(read.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn m6_the_same_post_signed_in_reaches_the_parser() {
    let read = Arc::new(AtomicUsize::new(0));
    let body = Body::new(Counted { remaining: 64 * 1024, read: Arc::clone(&read) });
    let request = super::post("/posts")
        .header(CONTENT_TYPE, "application/json")
        .header(COOKIE, adas_cookie(&verifier()))
        .body(body)
        .unwrap();
    assert_eq!(send(&app(), request).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(read.load(Ordering::SeqCst), 64 * 1024);
}

#[tokio::test]
async fn m7_a_malformed_path_or_query_tells_a_stranger_nothing() {
    let cookie = adas_cookie(&verifier());
    for path in ["/posts/not-a-number", "/posts/7?a=not-a-number", "/posts/99999999999999999999"] {
        assert_eq!(get(&app(), path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(get(&app(), path, Some(&cookie)).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn m9_no_method_gets_around_the_guard() {
    for method in ["GET", "HEAD", "POST"] {
        let request = Request::builder().method(method).uri("/me").body(Body::empty()).unwrap();
        assert_eq!(send(&app(), request).await.status, StatusCode::UNAUTHORIZED, "{method}");
    }
    for method in [Method::OPTIONS, Method::TRACE, Method::PUT, Method::from_bytes(b"BREW").unwrap()] {
        let request = Request::builder().method(&method).uri("/me").body(Body::empty()).unwrap();
        assert_eq!(send(&app(), request).await.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let upgrade = Request::get("/me").header("upgrade", "websocket").header("connection", "upgrade");
    let answer = send(&app(), upgrade.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn grd_03_no_spelling_of_a_path_gets_around_the_guard() {
    let app = app();
    for path in [
        "//me",
        "/me/",
        "/ME",
        "/me/%2e",
        "/me;x",
        "/me%2f",
        "/./me",
        "/%6de",
        "/me?x",
        "http://localhost/me",
    ] {
        let status = get(&app, path, None).await.status;
        assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED), "{path}: {status}");
    }
    let asterisk = Request::builder().method(Method::OPTIONS).uri("*").body(Body::empty()).unwrap();
    assert!(send(&app, asterisk).await.status.is_client_error());
}

#[tokio::test]
async fn grd_01_and_m3_an_alias_of_a_handler_is_guarded_like_the_handler() {
    use self::everything as alias;
    let boxed = get_route(alias).layer(tower::layer::layer_fn(|service| service));
    let app: Router = Router::new()
        .route("/alias", get_route(alias))
        .route("/layered", boxed)
        .nest("/nested", Router::new().route("/alias", get_route(alias)))
        .fallback(alias)
        .with_state(verifier());
    for path in ["/alias", "/layered", "/nested/alias", "/anything"] {
        assert_eq!(get(&app, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[with_api_auth_required]
async fn outer(
    session: Session,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    assert_eq!(session.user().sub(), "auth0|ada");
    next.run(request).await
}

#[tokio::test]
async fn a_session_that_another_auth_accepted_proves_nothing() {
    let other = auth_runtime::Auth::builder().secret("71d5e0c93a8f46b2b90e6c7fd1482a35").build().unwrap();
    let both_agree = |inner: auth_runtime::Auth| {
        let layer = axum::middleware::from_fn_with_state(verifier_shared().clone(), outer);
        Router::new().route("/me", get_route(everything)).with_state(inner).layer(layer)
    };
    let cookie = adas_cookie(verifier_shared());
    assert_eq!(
        get(&both_agree(verifier_shared().clone()), "/me", Some(&cookie)).await.status,
        StatusCode::OK
    );
    assert_eq!(get(&both_agree(other), "/me", Some(&cookie)).await.status, StatusCode::UNAUTHORIZED);
}

fn verifier_shared() -> &'static auth_runtime::Auth {
    static AUTH: std::sync::LazyLock<auth_runtime::Auth> = std::sync::LazyLock::new(verifier);
    &AUTH
}
