//! The API of a Next.js front end: the same host, `/api/*`, and the session that the front end wrote.
//!
//! `AUTH0_SECRET` is the front end's. With it alone this service reads sessions and never writes one. `APP_BASE_URL` is
//! what browsers know the front end as. Where the front end keeps sessions in Redis, `SESSION_STORE` is the address that
//! it has too. See the README beside the front end.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to the person who starts it"
)]

use std::process::ExitCode;

use auth_runtime::routing::{Router, get};
use auth_runtime::store::RedisStore;
use auth_runtime::{Auth, AuthBuilder, with_api_auth_required};
use axum::Json;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Who is signed in, as the front end has it.
#[with_api_auth_required]
async fn me() -> Json<Value> {
    let name = user.name().unwrap_or_else(|| user.sub());
    Json(json!({ "message": format!("Hello, {name}"), "user": user }))
}

#[with_api_auth_required]
mod orders {
    use super::{Json, Value, json};

    pub(super) async fn get() -> Json<Value> {
        Json(json!({ "owner": user.sub(), "orders": ["tea", "biscuits"] }))
    }

    pub(super) async fn post(Json(order): Json<Value>) -> Json<Value> {
        Json(json!({ "owner": user.sub(), "ordered": order }))
    }
}

fn router() -> Router<Auth> {
    Router::new().route("/api/me", get(me)).route("/api/orders", get(orders::get).post(orders::post))
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
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let lookup = |name: &str| std::env::var(name).ok();
    // The front end owns the sessions, also where its whole environment is this service's too.
    let auth = Auth::builder().lookup(lookup).verify_only();
    let address = lookup("SESSION_STORE").filter(|address| !address.is_empty());
    let auth = with_store(auth, address.as_deref())?;
    let auth = auth.build().map_err(|error| error.to_string())?;
    let port = lookup("PORT").unwrap_or_else(|| "3001".to_owned());
    let port: u16 = port.parse().map_err(|_| format!("PORT must be a number up to 65535, not {port:?}"))?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        format!("port {port} of 127.0.0.1 cannot be used ({error}); choose one with PORT")
    })?;
    println!("Listening on 127.0.0.1:{port} for /api/*");
    let app: axum::Router = router().with_state(auth).into();
    let stopped = async {
        // Without a signal to wait for, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await.map_err(|error| error.to_string())
}

/// Without an address the browser's cookie holds the session. With one the cookie only names it.
fn with_store(auth: AuthBuilder, address: Option<&str>) -> Result<AuthBuilder, String> {
    let Some(address) = address else { return Ok(auth) };
    // The address may hold a password, so no message shows it.
    let store = RedisStore::new(address)
        .map_err(|error| format!("SESSION_STORE must be redis://HOST:PORT or unset: {error}"))?;
    Ok(auth.session_store(store))
}

#[cfg(test)]
mod tests {
    use auth_runtime::{Auth, testing};
    use axum::Router;
    use axum::body::Body;
    use axum::http::header::{COOKIE, SET_COOKIE};
    use axum::http::{Request, StatusCode};
    use serde_json::json;
    use tower::ServiceExt as _;

    use super::{router, with_store};

    fn auth() -> Auth {
        Auth::builder().secret(testing::secret()).base_url("http://localhost:3000").build().unwrap()
    }

    #[tokio::test]
    async fn a_session_of_the_front_end_is_read_and_never_written() {
        let auth = auth();
        let cookie = testing::cookie_header(&auth, &json!({ "user": { "sub": "auth0|ada" } })).unwrap();
        let app: Router = router().with_state(auth).into();
        let request = Request::get("/api/me").header(COOKIE, cookie).body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!response.headers().contains_key(SET_COOKIE));
    }

    #[tokio::test]
    async fn a_stranger_gets_401() {
        let app: Router = router().with_state(auth()).into();
        for path in ["/api/me", "/api/orders"] {
            let response =
                app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
    }

    #[test]
    fn a_store_is_an_address_of_redis() {
        for address in [None, Some("redis://localhost:6379"), Some("rediss://ada:pass-word@localhost")] {
            assert!(with_store(Auth::builder(), address).is_ok());
        }
        let error = with_store(Auth::builder(), Some("memory://ada:pass-word@localhost")).unwrap_err();
        assert!(error.starts_with("SESSION_STORE must be") && !error.contains("pass-word"), "{error}");
    }

    #[test]
    fn nobody_reaches_the_api_without_a_session() {
        for route in router().routes() {
            assert!(route.access().requires_session(), "{route}");
        }
    }
}
