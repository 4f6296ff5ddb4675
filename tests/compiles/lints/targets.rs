//! What is written in a module or an `impl` block trips no lint, however strict the crate is.

#![forbid(warnings)]
#![deny(
    elided_lifetimes_in_paths,
    let_underscore_drop,
    missing_debug_implementations,
    missing_docs,
    single_use_lifetimes,
    tail_expr_drop_order,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

/// Documented.
#[with_api_auth_required]
pub mod api {
    use axum::extract::Path;
    use std::fmt::Write as _;

    const START: &str = "id";

    /// Documented.
    pub async fn show(Path(id): Path<u64>) -> String {
        let mut shown = START.to_owned();
        let _ = write!(shown, "{id}");
        shown
    }

    #[public]
    pub(crate) async fn about() -> &'static str {
        "about"
    }

    #[helper]
    async fn unused_by_handlers() {}

    /// Documented.
    pub fn synchronous() {
        drop(unused_by_handlers());
    }

    /// Documented.
    #[derive(Debug)]
    pub struct Posts;

    impl Posts {
        /// Documented.
        pub async fn list() -> Vec<u8> {
            vec![user.sub().len().try_into().unwrap_or(u8::MAX)]
        }
    }
}

struct Pages;

#[with_api_auth_required(state = Auth)]
impl Pages {
    async fn list() -> &'static str {
        "pages"
    }

    #[public]
    async fn about() {}
}

#[test]
fn compiles() {
    api::synchronous();
    drop::<Router<Auth>>(
        Router::new()
            .route("/{id}", get(api::show))
            .route("/about", get(api::about).post(Pages::about))
            .route("/posts", get(api::Posts::list))
            .route("/pages", get(Pages::list)),
    );
}
