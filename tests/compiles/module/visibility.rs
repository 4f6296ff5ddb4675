//! Every visibility that a handler can have, with requirements that are as visible.

#![deny(private_interfaces, unreachable_pub)]

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required(scopes("a"))]
mod outer {
    pub(crate) mod inner {
        pub(crate) async fn for_the_crate() {}

        pub(super) async fn for_the_parent() {}

        pub(in crate::module::visibility::outer) async fn for_outer() {}
    }

    async fn own() {}

    pub(crate) fn routes() -> axum::Router<auth_runtime::Auth> {
        use axum::routing::get;
        axum::Router::new()
            .route("/parent", get(inner::for_the_parent))
            .route("/outer", get(inner::for_outer))
            .route("/own", get(own))
    }
}

#[test]
fn compiles() {
    let _: Router<Auth> = outer::routes().route("/crate", get(outer::inner::for_the_crate));
}
