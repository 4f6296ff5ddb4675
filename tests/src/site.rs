//! What a browser's requests reach: a router of this process, or a server over TCP.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, Uri};
use tower::ServiceExt as _;

use crate::Answer;

/// Something that answers requests.
pub trait Site: Sync {
    /// Answers one request.
    fn serve(&self, request: Request<Body>) -> impl Future<Output = Result<Answer, Lost>> + Send;
}

/// Why there was no answer.
pub type Lost = Box<dyn Error + Send + Sync>;

impl Site for Router {
    /// Answers without a connection, whatever the origin in the URL is.
    async fn serve(&self, mut request: Request<Body>) -> Result<Answer, Lost> {
        if let Some(path) = request.uri().path_and_query() {
            *request.uri_mut() = Uri::from(path.clone());
        }
        Ok(Answer::read(self.clone().oneshot(request).await?).await)
    }
}

/// Every server that the URL of a request names. Each request has a connection of its own, so each may meet another
/// instance.
#[derive(Clone, Debug)]
pub struct Network(reqwest::Client);

impl Default for Network {
    fn default() -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(60))
            .no_proxy();
        Self(client.build().expect("a client"))
    }
}

impl Site for Network {
    async fn serve(&self, request: Request<Body>) -> Result<Answer, Lost> {
        let (parts, body) = request.into_parts();
        let request = self.0.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        let response = request.body(to_bytes(body, usize::MAX).await?).send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }
}

impl<S: Site> Site for &S {
    async fn serve(&self, request: Request<Body>) -> Result<Answer, Lost> {
        S::serve(self, request).await
    }
}
