//! Requirements of every kind, alone and in groups; the type that carries them is no more visible than the handler.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;

#[with_api_auth_required(
    scopes("read:a", "read:b"),
    permissions("a"),
    roles("Team Lead"),
    org,
    acr("phr"),
    amr("mfa", "pwd"),
    max_age = "5m"
)]
async fn every_kind() {}

#[with_api_auth_required(claim("a" = "x", "b" = true), claim("c" = -5, "d" = -9223372036854775808, "e" = 0xff))]
async fn claims(user: User) -> String {
    user.sub().into_owned()
}

#[with_api_auth_required(any(scopes("a"), all(roles("b"), org("org_1", "org_2"))), not(claim("a" = 1)), any(org))]
async fn groups() {}

#[with_api_auth_required(login, cache = "private, max-age=60")]
async fn page() {}

#[with_api_auth_required(scopes("a"))]
async fn r#match() {}

#[with_api_auth_required(scopes("a"))]
async fn generic<T: Default + IntoResponse + Send>() -> T {
    T::default()
}

// Names that are the same in camel case.
#[with_api_auth_required(scopes("a"))]
async fn a_b() {}

#[with_api_auth_required(scopes("a"))]
#[expect(non_snake_case)]
async fn AB() {}

#[with_api_auth_required(scopes("a"))]
async fn ab_() {}

#[with_api_auth_required(scopes("a"))]
#[cfg(not(all()))]
async fn under_cfg() {}

#[with_api_auth_required(scopes("b"))]
#[cfg(not(shuttle))]
async fn under_cfg() {}

mod inner {
    use auth_runtime::with_api_auth_required;

    #[with_api_auth_required(roles("a"))]
    pub async fn public() {}

    #[with_api_auth_required(roles("a"))]
    pub(super) async fn for_the_parent() {}
}

#[test]
fn compiles() {
    #[with_api_auth_required(scopes("a"))]
    async fn in_a_body() {}

    let _: Router<Auth> = Router::new()
        .route("/every_kind", get(every_kind))
        .route("/claims", get(claims))
        .route("/groups", get(groups))
        .route("/page", get(page))
        .route("/match", get(r#match))
        .route("/generic", get(generic::<String>))
        .route("/a_b", get(a_b))
        .route("/AB", get(AB))
        .route("/ab_", get(ab_))
        .route("/under_cfg", get(under_cfg))
        .route("/public", get(inner::public))
        .route("/for_the_parent", get(inner::for_the_parent))
        .route("/in_a_body", get(in_a_body));
}
