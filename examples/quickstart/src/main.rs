//! A protected axum API with sign-in.
//!
//! Run with `cargo run -p quickstart`. Nothing has to be configured: an OpenID provider with sample users runs in
//! the same process. With `AUTH0_DOMAIN`, `AUTH0_CLIENT_ID`, `AUTH0_CLIENT_SECRET`, `AUTH0_SECRET` and
//! `APP_BASE_URL` set, users sign in there instead. The provider in this process is behind the feature `dev`, which is on
//! by default: `cargo build --release -p quickstart --no-default-features` builds what may be deployed.
//!
//! Sessions are in the browsers' cookies. `SESSION_STORE` keeps them in `memory:`, `sqlite:PATH`, `postgres://…` or
//! `redis://…` instead, each with the feature of its name; `store.rs` has what else several instances can share.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to the person who starts it"
)]

mod api;
#[cfg_attr(not(feature = "dev"), path = "dev_absent.rs")]
mod dev;
mod external;
mod page;
mod setup;
mod store;

use std::process::ExitCode;

use auth_runtime::Auth;
use auth_runtime::routing::{Router, get};
use axum::extract::FromRef;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::external::ExternalApi;
use crate::setup::Setup;

/// What the handlers share. They find the [`Auth`] in it by [`FromRef`].
#[derive(Clone, Debug)]
struct AppState {
    auth: Auth,
    external: ExternalApi,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,auth_runtime=info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let setup = Setup::from_env().await?;
    let address = ("127.0.0.1", setup.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!(
            "port {} of 127.0.0.1 cannot be used ({error}); choose another one with PORT=3001",
            setup.port
        )
    })?;
    let router = router(&setup.auth);
    announce(&setup, &router);
    let app: axum::Router = router.with_state(AppState { auth: setup.auth, external: setup.external }).into();
    let stopped = async {
        // Without a signal to wait for, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await.map_err(|error| error.to_string())
}

/// Takes handlers with the attribute alone: one that was forgotten does not compile.
fn router(auth: &Auth) -> Router<AppState> {
    Router::new()
        .route("/", get(page::home))
        .route("/api/protected", get(api::protected))
        .route("/api/data", get(api::data::get).post(api::data::post))
        .route("/api/posts/{id}", get(api::post))
        .route("/api/drafts", get(api::drafts))
        .route("/api/external-data", get(api::external_data))
        .auth_routes(auth)
}

fn announce(setup: &Setup, router: &Router<AppState>) {
    let origin = &setup.origin;
    println!("Listening on 127.0.0.1:{}, known to browsers as {origin}", setup.port);
    match &setup.provider {
        Some(provider) => {
            println!("Users sign in at {}, a provider in this process with sample users", provider.issuer());
        }
        None => println!("Users sign in at the provider that AUTH0_DOMAIN names"),
    }
    println!("\nWho may call what:\n");
    for route in router.routes() {
        println!("  {:<10}{:<28}{}", route.methods().join(","), route.path(), route.access());
    }
    println!();
    println!("Open {origin} in a browser, or see what a stranger gets:");
    println!();
    println!("  curl -i {origin}/api/protected");
    println!("  curl -i {origin}/api/data -H 'content-type: application/json' -d '{{ malformed'");
}

#[cfg(test)]
mod tests {
    //! How an application tests its protected handlers: no network, no provider, any user.

    use auth_runtime::{Auth, testing};
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::header::{CONTENT_TYPE, COOKIE};
    use axum::http::{Request, StatusCode};
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::{AppState, router};
    use crate::external::ExternalApi;

    fn auth() -> Auth {
        Auth::builder().secret(testing::secret()).build().unwrap()
    }

    fn app(auth: &Auth) -> Router {
        let external = ExternalApi::at("http://localhost:9/unused");
        router(auth).with_state(AppState { auth: auth.clone(), external }).into()
    }

    async fn send(app: Router, request: Request<Body>) -> (StatusCode, Value) {
        let response = app.oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_signed_in_user_is_greeted_by_name() {
        let auth = auth();
        let ada = json!({ "user": { "sub": "auth0|ada", "name": "Ada Lovelace" } });
        let cookie = testing::cookie_header(&auth, &ada).unwrap();
        let request = Request::get("/api/protected").header(COOKIE, cookie).body(Body::empty()).unwrap();
        let (status, body) = send(app(&auth), request).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["message"], "Hello, Ada Lovelace");
        assert_eq!(body["user"]["sub"], "auth0|ada");
    }

    #[tokio::test]
    async fn a_stranger_gets_401_from_every_route_of_the_api() {
        let app = app(&auth());
        for path in [
            "/api/protected",
            "/api/data",
            "/api/posts/7",
            "/api/posts/x",
            "/api/drafts",
            "/api/external-data",
        ] {
            let (status, body) = send(app.clone(), Request::get(path).body(Body::empty()).unwrap()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(body["error"], "not_authenticated", "{path}");
        }
        let request = Request::post("/api/data").header(CONTENT_TYPE, "application/json");
        let (status, _) = send(app, request.body(Body::from("{ malformed")).unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn only_the_quickstarts_own_page_may_post() {
        let auth = auth();
        let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } })).unwrap();
        for (site, expected) in [("same-origin", StatusCode::OK), ("cross-site", StatusCode::FORBIDDEN)] {
            let request = Request::post("/api/data").header(COOKIE, &cookie).header("sec-fetch-site", site);
            let request = request.header(CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap();
            assert_eq!(send(app(&auth), request).await.0, expected, "{site}");
        }
    }

    #[tokio::test]
    async fn drafts_are_for_editors() {
        let auth = auth();
        for (roles, expected) in [(json!(["editor"]), StatusCode::OK), (json!([]), StatusCode::FORBIDDEN)] {
            let user = json!({ "user": { "sub": "auth0|ada", "roles": roles } });
            let cookie = testing::cookie_header(&auth, &user).unwrap();
            let request = Request::get("/api/drafts").header(COOKIE, cookie).body(Body::empty()).unwrap();
            let (status, _) = send(app(&auth), request).await;
            assert_eq!(status, expected, "{user}");
        }
    }

    #[test]
    fn nobody_reaches_the_api_without_a_session() {
        let auth = auth();
        for route in router(&auth).routes().iter().filter(|route| route.path().starts_with("/api/")) {
            assert!(route.access().requires_session(), "{route}");
        }
    }

    #[tokio::test]
    async fn path_parameters_come_beside_the_user() {
        let auth = auth();
        let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } })).unwrap();
        let request = Request::get("/api/posts/7").header(COOKIE, cookie).body(Body::empty()).unwrap();
        let (_, body) = send(app(&auth), request).await;
        assert_eq!(body, json!({ "id": 7, "author": "auth0|ada" }));
    }
}
