//! A protected axum API with sign-in.
//!
//! Run with `cargo run -p quickstart`. Nothing has to be configured: an OpenID provider with sample users runs in
//! the same process. With `AUTH0_DOMAIN`, `AUTH0_CLIENT_ID`, `AUTH0_CLIENT_SECRET`, `AUTH0_SECRET` and
//! `APP_BASE_URL` set, users sign in there instead.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to the person who starts it"
)]

mod api;
mod external;
mod page;
mod setup;

use std::process::ExitCode;

use auth_runtime::Auth;
use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
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
    announce(&setup);
    let app = app(AppState { auth: setup.auth, external: setup.external });
    let stopped = async {
        // Without a signal to wait for, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await.map_err(|error| error.to_string())
}

fn app(state: AppState) -> Router {
    Router::new()
        .route("/", get(page::home))
        .route("/api/protected", get(api::protected))
        .route("/api/data", get(api::data::get).post(api::data::post))
        .route("/api/posts/{id}", get(api::post))
        .route("/api/external-data", get(api::external_data))
        .merge(state.auth.routes())
        .with_state(state)
}

fn announce(setup: &Setup) {
    let origin = &setup.origin;
    println!("Listening on 127.0.0.1:{}, known to browsers as {origin}", setup.port);
    match &setup.provider {
        Some(provider) => {
            println!("Users sign in at {}, a provider in this process with sample users", provider.issuer());
        }
        None => println!("Users sign in at the provider that AUTH0_DOMAIN names"),
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

    use super::{AppState, app};
    use crate::external::ExternalApi;

    fn auth() -> Auth {
        Auth::builder().secret(testing::secret()).build().unwrap()
    }

    fn state(auth: &Auth) -> AppState {
        AppState { auth: auth.clone(), external: ExternalApi::at("http://localhost:9/unused") }
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
        let (status, body) = send(app(state(&auth)), request).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["message"], "Hello, Ada Lovelace");
        assert_eq!(body["user"]["sub"], "auth0|ada");
    }

    #[tokio::test]
    async fn a_stranger_gets_401_from_every_route_of_the_api() {
        let app = app(state(&auth()));
        for path in ["/api/protected", "/api/data", "/api/posts/7", "/api/posts/x", "/api/external-data"] {
            let (status, body) = send(app.clone(), Request::get(path).body(Body::empty()).unwrap()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(body["error"], "not_authenticated", "{path}");
        }
        let request = Request::post("/api/data").header(CONTENT_TYPE, "application/json");
        let (status, _) = send(app, request.body(Body::from("{ malformed")).unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn path_parameters_come_beside_the_user() {
        let auth = auth();
        let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } })).unwrap();
        let request = Request::get("/api/posts/7").header(COOKIE, cookie).body(Body::empty()).unwrap();
        let (_, body) = send(app(state(&auth)), request).await;
        assert_eq!(body, json!({ "id": 7, "author": "auth0|ada" }));
    }
}
