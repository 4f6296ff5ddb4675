//! The answers that a test gets.

use std::fmt;

use axum::body::Bytes;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

/// The answer to a request of a [`TestClient`](super::TestClient), read to its end.
///
/// ```
/// use auth_runtime::testing::TestClient;
/// use axum::{Json, Router, routing::get};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> serde_json::Result<()> {
/// let app = Router::new().route("/numbers", get(|| async { Json([1, 2]) }));
/// let answer = TestClient::new(app).get("/numbers").await;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(answer.headers()["content-type"], "application/json");
/// assert_eq!((answer.text(), answer.json::<Vec<u8>>()?), ("[1,2]", vec![1, 2]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    text: String,
}

impl TestResponse {
    pub(super) fn new(head: Parts, body: Bytes) -> Self {
        let text = String::from_utf8_lossy(&body).into_owned();
        Self { status: head.status, headers: head.headers, body, text }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers. The lines of `Set-Cookie` are among them, also those that the client keeps.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body as text. Bytes that are no UTF-8 are `�` in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the bytes of the body.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// The body is not the JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }
}

/// Shows status and body, as the failure of a test needs them, and no header: headers hold the session.
impl fmt::Debug for TestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, text, .. } = self;
        f.debug_struct("TestResponse").field("status", status).field("text", text).finish_non_exhaustive()
    }
}
