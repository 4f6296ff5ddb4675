//! What `#[cfg]` and `#[cfg_attr]` decide later than the attribute reads it.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required]
mod posts {
    use auth_runtime::Auth;

    #[cfg_attr(all(), auth_runtime::with_api_auth_required(state = Auth))]
    pub async fn guarded_twice() -> String {
        user.sub().into_owned()
    }

    #[cfg_attr(any(), public)]
    pub async fn not_public() -> String {
        user.sub().into_owned()
    }

    #[cfg_attr(all(), tracing::instrument(skip_all))]
    pub async fn instrumented() {}

    #[cfg(any())]
    impl Missing {
        async fn gone() {}
    }
}

type Guard<R> = auth_runtime::__private::Guard<R>;
type SignedIn = auth_runtime::__private::SignedIn;

#[test]
fn compiles() {
    let call = |guard: Guard<SignedIn>, again: Guard<SignedIn>| posts::guarded_twice(guard, again);
    let _ = call;
    // Another attribute stands there, which may add a parameter.
    let call = |guard: Guard<SignedIn>| posts::not_public(guard);
    let _ = call;
    let _: Router<Auth> =
        Router::new().route("/", get(posts::guarded_twice).post(posts::not_public).put(posts::instrumented));
}
