//! What a stranger gets: the way to a handler changes nothing.

use auth_runtime::Auth;
use auth_runtime::routing::{Router, any, get};
use axum::extract::Request;
use axum::handler::Handler as _;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use tower::ServiceExt as _;

use super::{adas_cookie, forgotten, me, open, post, send, verifier};
use crate::me as alias;

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

struct Posts;

impl Posts {
    #[auth_runtime::with_api_auth_required]
    async fn list() -> &'static str {
        "list"
    }
}

async fn refused(app: &axum::Router, method: &str, path: &str) {
    let answer = send(app, method, path, None).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
    let is_handlers = ["me", "post", "list"].iter().any(|word| answer.body.starts_with(word));
    assert!(!is_handlers, "{method} {path}");
}

#[tokio::test]
async fn grd_01_and_m3_aliases_associated_functions_and_layers_are_guarded() {
    let through_a_closure = get(Posts::list.layer(axum::middleware::from_fn(pass)));
    let router: Router<Auth> = Router::new()
        .route("/alias", get(alias))
        .route("/associated", get(Posts::list))
        .route("/layered", through_a_closure)
        .route("/layers", get(me).layer(axum::middleware::from_fn(pass)))
        .route("/route-layers", get(me).route_layer(axum::middleware::from_fn(pass)))
        .layer(axum::middleware::from_fn(pass))
        .route_layer(axum::middleware::from_fn(pass));
    assert!(router.routes().iter().all(|route| route.access().requires_session()));
    let paths: Vec<_> = router.routes().iter().map(|route| route.path().to_owned()).collect();
    let auth = verifier();
    let app = axum::Router::from(router.with_state(auth.clone()));
    for path in paths {
        refused(&app, "GET", &path).await;
        let answer = send(&app, "GET", &path, Some(&adas_cookie(&auth))).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
}

/// Boxed into services, as `HandlerWithoutStateExt` and `Handler::with_state` do it.
#[tokio::test]
async fn m3_a_handler_that_became_a_service_is_guarded() {
    let service = me.with_state(verifier());
    let request = Request::get("/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), StatusCode::UNAUTHORIZED);

    let app = axum::Router::new()
        .nest_service("/nested", axum::routing::any(me).with_state(verifier()))
        .route_service("/service", axum::routing::get(me).with_state::<()>(verifier()))
        .fallback_service(me.with_state(verifier()));
    for path in ["/nested", "/nested/deeper", "/service", "/nothing"] {
        refused(&app, "GET", path).await;
    }
}

#[tokio::test]
async fn m9_every_method_is_guarded_alike() {
    let router = Router::new().route("/any", any(me)).route("/get", get(me)).fallback(me);
    let app = axum::Router::from(router.with_state(verifier()));
    for method in ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "CONNECT", "DELETE", "PROPFIND", "get"] {
        refused(&app, method, "/any").await;
        refused(&app, method, "/nothing").await;
    }
    refused(&app, "GET", "/get").await;
    refused(&app, "HEAD", "/get").await;
    for method in ["OPTIONS", "TRACE", "PROPFIND"] {
        assert_eq!(send(&app, method, "/get", None).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

/// What a stranger learns from HEAD is what GET says.
#[tokio::test]
async fn m9_head_is_answered_as_get_without_the_body() {
    let app = axum::Router::from(Router::new().route("/posts/{id}", get(post)).with_state(verifier()));
    for path in ["/posts/1", "/posts/not-a-number"] {
        let head = send(&app, "HEAD", path, None).await;
        assert_eq!((head.status, head.body.as_str()), (StatusCode::UNAUTHORIZED, ""));
        assert_eq!(send(&app, "GET", path, None).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn m12_fallbacks_of_every_kind_are_guarded() {
    let inner = Router::new().route("/x", get(open)).fallback(me);
    let router = Router::new()
        .route("/a", get(open))
        .route("/b", get(open).fallback(me))
        .method_not_allowed_fallback(me)
        .nest("/inner", inner)
        .fallback(me);
    let app = axum::Router::from(router.with_state(verifier()));
    for (method, path) in [
        ("POST", "/a"),
        ("POST", "/b"),
        ("GET", "/nothing"),
        ("GET", "/"),
        ("GET", "/inner/nothing"),
        ("GET", "/inner"),
    ] {
        refused(&app, method, path).await;
    }
    assert_eq!(send(&app, "GET", "/a", None).await.body, "open");
}

/// The one way in for a handler without an attribute, and it is in the list.
#[tokio::test]
async fn m12_what_is_merged_unchecked_answers_and_is_listed() {
    let plain = axum::Router::new().route("/forgotten", axum::routing::get(forgotten));
    let router: Router<Auth> = Router::new().route("/me", get(me)).merge_unchecked(plain);
    let unchecked = router.routes().iter().filter(|route| route.access().to_string() == "unchecked");
    assert_eq!(unchecked.count(), 1);
    let app = axum::Router::from(router.with_state(verifier()));
    assert_eq!(send(&app, "GET", "/forgotten", None).await.body, "forgotten");
    refused(&app, "GET", "/me").await;
}

#[tokio::test]
async fn m3_methods_that_became_those_of_axum_are_guarded() {
    let auth = verifier();
    let app = axum::Router::new().route("/me", get(me).into()).with_state(auth.clone());
    refused(&app, "GET", "/me").await;
    let answer = send(&app, "GET", "/me", Some(&adas_cookie(&auth))).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "me auth0|ada"));
}
