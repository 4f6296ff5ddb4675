//! What is written for requirements trips no lint either.

#![forbid(warnings)]
#![deny(
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_camel_case_types,
    single_use_lifetimes,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

/// Handlers that others may see.
pub mod handlers {
    use auth_runtime::with_api_auth_required;

    /// Documented.
    #[with_api_auth_required(scopes("a", "b"), any(roles("c"), org), cache = "private, max-age=5")]
    pub async fn show() {}

    /// Documented too.
    #[with_api_auth_required(optional)]
    pub async fn greet() {}
}

/// Handlers of a module.
#[auth_runtime::with_api_auth_required(max_age = "5m", login)]
pub mod pages {
    /// Documented.
    pub async fn index() -> &'static str {
        "index"
    }

    /// Documented.
    #[public]
    pub async fn about() -> &'static str {
        "about"
    }
}

#[test]
fn compiles() {
    use axum::routing::get;
    drop::<axum::Router<auth_runtime::Auth>>(
        axum::Router::new()
            .route("/", get(pages::index))
            .route("/about", get(pages::about))
            .route("/show", get(handlers::show))
            .route("/greet", get(handlers::greet)),
    );
}
