//! Modules, `impl` blocks, public handlers: who passes where.

use std::fmt::Write as _;
use std::future::ready;

use auth_runtime::{Auth, public, with_api_auth_required};
use axum::extract::FromRef;
use axum::routing::{get as get_route, post};
use axum::{Router, routing};
use http::StatusCode;

use super::{adas_cookie, get, verifier};

#[with_api_auth_required]
mod posts {
    use std::future::ready;

    use auth_runtime::User;
    use axum::extract::{FromRequestParts, Path};
    use http::request::Parts;

    pub(super) struct Page(u64);

    impl<S: Send + Sync> FromRequestParts<S> for Page {
        type Rejection = std::convert::Infallible;

        #[helper]
        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
            Ok(Self(count().await))
        }
    }

    pub(super) async fn list(Page(page): Page) -> String {
        format!("page {page} of {}", user.sub())
    }

    pub(super) async fn show(Path(id): Path<u64>, user: User) -> Result<String, String> {
        Ok(format!("post {id} of {}", user.sub()))
    }

    #[public]
    pub(super) async fn about(Path(topic): Path<String>) -> String {
        format!("about {topic}")
    }

    #[helper]
    async fn count() -> u64 {
        ready(7).await
    }

    pub(super) mod drafts {
        pub(in super::super) async fn list() -> String {
            format!("drafts of {}", user.sub())
        }

        pub(in super::super) struct Api;

        impl Api {
            pub(in super::super) async fn list() -> String {
                format!("method of {}", user.sub())
            }
        }
    }

    pub(super) fn private_routes() -> axum::Router<super::AppState> {
        axum::Router::new().route("/private", axum::routing::get(private))
    }

    async fn private() -> String {
        user.sub().into_owned()
    }

    #[tokio::test]
    async fn a_test_in_a_protected_module_is_a_test() {
        assert_eq!(count().await, 7);
    }
}

#[derive(Clone)]
struct AppState {
    auth: Auth,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

struct Pages;

#[with_api_auth_required(state = AppState)]
impl Pages {
    const TITLE: &str = "pages";

    async fn list() -> String {
        format!("{} of {}", Self::TITLE, user.sub())
    }

    #[public]
    async fn about() -> &'static str {
        ready(Self::TITLE).await
    }
}

struct Things<T>(T);

#[with_api_auth_required]
impl<T> Things<T>
where
    T: Default + Send + ToString,
{
    async fn list() -> String {
        let all = Self(T::default());
        format!("{} of {}", all.0.to_string(), user.sub())
    }
}

#[public]
async fn health() -> &'static str {
    "ok"
}

fn app() -> Router {
    Router::new()
        .route("/posts", get_route(posts::list))
        .route("/posts/{id}", get_route(posts::show))
        .route("/about/{topic}", get_route(posts::about))
        .route("/drafts", routing::any(posts::drafts::list))
        .route("/api", post(posts::drafts::Api::list).get(posts::drafts::Api::list))
        .route("/pages", get_route(Pages::list))
        .route("/about", get_route(Pages::about))
        .route("/things", get_route(Things::<u8>::list))
        .route("/health", get_route(health))
        .merge(posts::private_routes())
        .with_state(AppState { auth: verifier() })
}

const PROTECTED: [(&str, &str); 7] = [
    ("/posts", "page 7 of auth0|ada"),
    ("/posts/1", "post 1 of auth0|ada"),
    ("/drafts", "drafts of auth0|ada"),
    ("/api", "method of auth0|ada"),
    ("/pages", "pages of auth0|ada"),
    ("/things", "0 of auth0|ada"),
    ("/private", "auth0|ada"),
];

const PUBLIC: [(&str, &str); 3] = [("/about/us", "about us"), ("/about", "pages"), ("/health", "ok")];

#[tokio::test]
async fn every_handler_of_a_module_or_an_impl_block_refuses_who_is_signed_out() {
    let app = app();
    let mut open = String::new();
    for path in PROTECTED.iter().map(|(path, _)| *path).chain(["/posts/not-a-number"]) {
        let status = get(&app, path, None).await.status;
        if status != StatusCode::UNAUTHORIZED {
            writeln!(open, "{path} answers {status}").unwrap();
        }
    }
    assert!(open.is_empty(), "{open}");
}

#[tokio::test]
async fn every_handler_of_a_module_or_an_impl_block_knows_its_user() {
    let app = app();
    let cookie = adas_cookie(&verifier());
    for (path, body) in PROTECTED {
        let answer = get(&app, path, Some(&cookie)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, body), "{path}");
        assert_eq!(answer.headers["cache-control"], "private, no-store", "{path}");
    }
}

#[tokio::test]
async fn a_public_handler_answers_everybody_and_adds_nothing() {
    let app = app();
    let cookie = adas_cookie(&verifier());
    for (path, body) in PUBLIC {
        for cookie in [None, Some(cookie.as_str()), Some("__session=broken")] {
            let answer = get(&app, path, cookie).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, body), "{path}");
            assert!(!answer.headers.contains_key("cache-control"), "{path}");
        }
    }
}
