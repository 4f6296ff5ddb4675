//! A client that sends requests to a router without network.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderValue, Method, Request, Uri};
use serde::Serialize;
use tower_service::Service as _;

use super::jar::Jar;
use super::mint::{MintError, session_cookies};
use super::response::TestResponse;
use crate::auth::Auth;
use crate::reject::JSON;

/// A client of an application, for tests of its handlers. It sends requests to the router itself, without network.
///
/// A new client is signed out. [`signed_in`](Self::signed_in) gives it a session. As a browser does, the client sends
/// its cookies, keeps the cookies that come back, and says in `Sec-Fetch-Site` that a page of the application sends the
/// request, so that the guard lets unsafe methods pass. It keeps a cookie until an answer removes the cookie, whatever
/// the cookie's lifetime. It does not follow redirects.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::testing::{self, TestClient};
/// use auth_runtime::{Auth, with_api_auth_required};
/// use axum::http::StatusCode;
/// use axum::{Router, routing::get};
/// use serde_json::json;
///
/// #[with_api_auth_required]
/// async fn me() -> String {
///     user.sub().into_owned()
/// }
///
/// # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder().secret(testing::secret()).build()?;
/// let app = Router::new().route("/api/me", get(me).post(me)).with_state(auth.clone());
///
/// let client = TestClient::new(app.clone()).signed_in(&auth, &json!({ "user": { "sub": "auth0|ada" } }))?;
/// let answer = client.get("/api/me").await;
/// assert_eq!((answer.status(), answer.text()), (StatusCode::OK, "auth0|ada"));
/// assert_eq!(client.post_json("/api/me", &json!({})).await.status(), StatusCode::OK);
///
/// let answer = TestClient::new(app).get("/api/me").await;
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(answer.json::<serde_json::Value>()?["error"], "not_authenticated");
/// # Ok(())
/// # }
/// # }
/// # #[cfg(feature = "macros")]
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(example::main()).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TestClient {
    app: Router,
    jar: Mutex<Jar>,
}

impl TestClient {
    /// Returns a client of this application without cookies. The router has its state already.
    pub fn new(app: Router) -> Self {
        Self { app, jar: Mutex::default() }
    }

    /// Gives the client this session in the place of its cookies, sealed with the current secret of `auth`. What the
    /// session's JSON has to have is the same as for [`cookie_header`](super::cookie_header).
    ///
    /// If the service keeps its sessions in a store, no cookie alone is a session: let the client sign in at a
    /// [`testing::provider`](super::provider) there.
    ///
    /// # Errors
    ///
    /// `session` is no session, or cannot be written.
    pub fn signed_in(self, auth: &Auth, session: &impl Serialize) -> Result<Self, MintError> {
        *self.jar() = session_cookies(auth, session)?.into_iter().collect();
        Ok(self)
    }

    /// Sends a GET request to a path, with its query.
    ///
    /// # Panics
    ///
    /// `path` is no path of a request, or the body of the answer breaks off.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(request(Method::GET, path, Body::empty())).await
    }

    /// Posts a value as JSON to a path.
    ///
    /// # Panics
    ///
    /// `path` is no path of a request, `value` cannot be JSON, or the body of the answer breaks off.
    pub async fn post_json(&self, path: &str, value: &impl Serialize) -> TestResponse {
        #[expect(clippy::expect_used, reason = "a test cannot go on without its request")]
        let text = serde_json::to_string(value).expect("the value of `post_json` can be written as JSON");
        let mut request = request(Method::POST, path, text.into());
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        self.send(request).await
    }

    /// Sends a request, with the client's cookies and `Sec-Fetch-Site: same-origin`. If the request has one of these
    /// two headers already, the request's own is sent.
    ///
    /// ```
    /// use auth_runtime::testing::TestClient;
    /// use axum::body::Body;
    /// use axum::http::{Request, StatusCode};
    ///
    /// # async fn example(client: TestClient) -> Result<(), axum::http::Error> {
    /// let foreign = Request::delete("/posts/1").header("sec-fetch-site", "cross-site").body(Body::empty())?;
    /// assert_eq!(client.send(foreign).await.status(), StatusCode::FORBIDDEN);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// The body of the answer breaks off.
    pub async fn send(&self, mut request: Request<Body>) -> TestResponse {
        let cookies = self.jar().header_for(request.uri().path());
        let headers = request.headers_mut();
        if let Some(cookies) = cookies {
            headers.entry(COOKIE).or_insert(cookies);
        }
        headers.entry("sec-fetch-site").or_insert(HeaderValue::from_static("same-origin"));
        let Ok(response) = self.app.clone().call(request).await;
        let (head, body) = response.into_parts();
        self.jar().keep(&head.headers);
        #[expect(clippy::expect_used, reason = "a test cannot go on without the answer")]
        let body = to_bytes(body, usize::MAX).await.expect("the body of the answer is whole");
        TestResponse::new(head, body)
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows the names of the cookies, and no value.
impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient").field("cookies", &*self.jar()).finish_non_exhaustive()
    }
}

fn request(method: Method, path: &str, body: Body) -> Request<Body> {
    let uri = path.parse::<Uri>().ok().filter(|_| path.starts_with('/'));
    #[expect(clippy::panic, reason = "a test cannot go on without its request")]
    let uri = uri
        .unwrap_or_else(|| panic!("{path:?} is no path of a request: write one such as \"/api/me?tab=1\""));
    let mut request = Request::new(body);
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    request
}
