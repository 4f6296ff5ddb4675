//! Faults that a test sets, and the requests that a test can wait for.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;

use super::endpoint::Endpoint;
use super::keys::ProviderKey;
use super::running::RunningProvider;
use super::server::{Shared, json_answer, oauth_error, parameters};

/// The longest body that the provider reads or changes, in bytes.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// A way in which an endpoint fails, to be set with [`RunningProvider::fault`].
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::testing::provider::{Endpoint, Fault, Provider};
/// use axum::http::StatusCode;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let provider = Provider::builder().start().await?;
/// let overloaded = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")]);
/// for fault in [
///     Fault::answer(overloaded),
///     Fault::change(|answer| answer["expires_in"] = 1.into()),
///     Fault::disconnect(),
///     Fault::error(StatusCode::BAD_REQUEST, "invalid_grant"),
///     Fault::late(Duration::from_millis(50)),
///     Fault::lost(),
///     Fault::silence(),
/// ] {
///     provider.fault(Endpoint::Token, fault);
///     // Here the test checks that the application keeps its sessions.
/// }
/// provider.heal();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fault(Kind);

#[derive(Clone)]
enum Kind {
    Answer(Arc<dyn Fn() -> Response + Send + Sync>),
    Change(Arc<dyn Fn(&mut Value) + Send + Sync>),
    Disconnect,
    Late(Duration),
    Lost,
    Silence,
}

/// The faults that are set, and the requests that have arrived.
#[derive(Default)]
pub(super) struct Faults {
    by_endpoint: HashMap<Endpoint, Fault>,
    held: HashSet<Endpoint>,
    forge: Option<Forge>,
    /// The parameters of each request, in the order of arrival.
    received: HashMap<Endpoint, Vec<HashMap<String, String>>>,
}

/// The function that makes an ID token of its claims and the provider's key.
pub(super) type Forge = Arc<dyn Fn(Value, &ProviderKey) -> Option<String> + Send + Sync>;

impl Fault {
    /// Answers with this, and does nothing of what was asked.
    pub fn answer(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> Self {
        Self(Kind::Answer(Arc::new(move || answer.clone().into_response())))
    }

    /// Does what was asked, and changes the JSON of the answer.
    pub fn change(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self(Kind::Change(Arc::new(change)))
    }

    /// Answers with an error (RFC 6749 section 5.2), such as `invalid_grant`, and does nothing of what was asked.
    pub fn error(status: StatusCode, code: &'static str) -> Self {
        Self(Kind::Answer(Arc::new(move || oauth_error(status, code, "this is a fault on demand"))))
    }

    /// Reads the request and closes the connection, without doing what was asked.
    pub fn disconnect() -> Self {
        Self(Kind::Disconnect)
    }

    /// Does what was asked at once, and answers later. An application that gives up meanwhile has spent its code or
    /// refresh token all the same.
    pub fn late(delay: Duration) -> Self {
        Self(Kind::Late(delay))
    }

    /// Does what was asked, and closes the connection in the place of an answer. A code or refresh token is spent.
    pub fn lost() -> Self {
        Self(Kind::Lost)
    }

    /// Reads the request and never answers, without doing what was asked.
    pub fn silence() -> Self {
        Self(Kind::Silence)
    }
}

impl RunningProvider {
    /// Lets an endpoint fail, for every request that arrives from now on. `None` lets the endpoint work again.
    pub fn fault(&self, endpoint: Endpoint, fault: impl Into<Option<Fault>>) {
        let fault = fault.into();
        self.shared.faults.send_modify(|faults| match fault {
            Some(fault) => drop(faults.by_endpoint.insert(endpoint, fault)),
            None => drop(faults.by_endpoint.remove(&endpoint)),
        });
    }

    /// Ends all faults, answers the requests that were held back, and issues honest ID tokens again.
    pub fn heal(&self) {
        self.shared.faults.send_modify(|faults| {
            faults.by_endpoint.clear();
            faults.held.clear();
            faults.forge = None;
        });
    }

    /// Holds back the requests that arrive at an endpoint from now on, until [`release`](Self::release). The provider
    /// has counted them and has done nothing of what they ask.
    ///
    /// ```
    /// use auth_runtime::testing::provider::{Endpoint, Provider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.hold(Endpoint::Token);
    /// // Here the test sends a request to the application, and waits until the application asks for tokens:
    /// # let _ = async {
    /// provider.arrived(Endpoint::Token, 1).await;
    /// # };
    /// // Here the test does what has to happen meanwhile.
    /// provider.release(Endpoint::Token);
    /// # Ok(())
    /// # }
    /// ```
    pub fn hold(&self, endpoint: Endpoint) {
        self.shared.faults.send_modify(|faults| {
            faults.held.insert(endpoint);
        });
    }

    /// Lets the requests go on that [`hold`](Self::hold) held back.
    pub fn release(&self, endpoint: Endpoint) {
        self.shared.faults.send_modify(|faults| {
            faults.held.remove(&endpoint);
        });
    }

    /// Returns the number of requests to an endpoint so far, whatever the answers were.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.shared.faults.borrow().requests(endpoint)
    }

    /// Waits until so many requests to an endpoint have arrived since the start.
    pub async fn arrived(&self, endpoint: Endpoint, count: usize) {
        let mut faults = self.shared.faults.subscribe();
        // The sender is in `self`, so it lives.
        let _ = faults.wait_for(|faults| faults.requests(endpoint) >= count).await;
    }

    /// Returns the parameters of each request to an endpoint, in the order of arrival: those of the form, or of the
    /// query if there is no body. A request that names a parameter twice has none here.
    ///
    /// ```
    /// use auth_runtime::testing::provider::{Endpoint, Provider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// // Here the test uses the application. Then no refresh token was sent twice, and each request was a refresh:
    /// assert_eq!(provider.reused_refresh_tokens(), 0);
    /// assert!(provider.received(Endpoint::Token).iter().all(|form| form["grant_type"] == "refresh_token"));
    /// assert_eq!(provider.requests(Endpoint::Token), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn received(&self, endpoint: Endpoint) -> Vec<HashMap<String, String>> {
        self.shared.faults.borrow().received.get(&endpoint).cloned().unwrap_or_default()
    }

    /// Returns the number of requests so far that sent a refresh token which had been used up. Each of them has revoked
    /// all tokens of its sign-in.
    pub fn reused_refresh_tokens(&self) -> usize {
        self.shared.state.lock().reused_refresh_tokens
    }

    /// Issues, from now on, what `forge` makes of the claims of an ID token and of the provider's key. With `None` the
    /// token endpoint answers with an error.
    ///
    /// ```
    /// use auth_runtime::SignatureAlgorithm;
    /// use auth_runtime::testing::provider::{Provider, ProviderKey};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let provider = Provider::builder().start().await?;
    /// provider.forge_id_tokens(|mut claims, key| {
    ///     claims["aud"] = "another-client".into();
    ///     key.sign(&key.header("JWT"), &claims)
    /// });
    /// // Here the test checks that nobody is signed in. Then it tries a key of a stranger.
    /// let stranger = ProviderKey::generate(SignatureAlgorithm::RS256)?;
    /// provider.forge_id_tokens(move |claims, key| stranger.sign(&key.header("JWT"), &claims));
    /// # Ok(())
    /// # }
    /// ```
    pub fn forge_id_tokens(
        &self,
        forge: impl Fn(Value, &ProviderKey) -> Option<String> + Send + Sync + 'static,
    ) {
        self.shared.faults.send_modify(|faults| faults.forge = Some(Arc::new(forge)));
    }
}

/// Counts a request to an endpoint, holds it back if a test wants that, and lets it fail if the test has set a fault.
pub(super) async fn intercept(
    Extract(shared): Extract<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(endpoint) = Endpoint::at(request.uri().path()) else { return next.run(request).await };
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return oauth_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the body is too long");
    };
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let received = parameters(if body.is_empty() { query } else { &body }).unwrap_or_default();
    // The fault of this moment counts, also if it is over before the request is released.
    let fault = shared.faults.borrow().by_endpoint.get(&endpoint).cloned();
    shared.faults.send_modify(|faults| faults.received.entry(endpoint).or_default().push(received));
    // An error would mean that the sender is gone, and `shared` has it.
    let _ = shared.faults.subscribe().wait_for(|faults| !faults.held.contains(&endpoint)).await;

    let answer = next.run(Request::from_parts(head, body.into()));
    match fault.map(|fault| fault.0) {
        None => answer.await,
        Some(Kind::Answer(make)) => make(),
        Some(Kind::Change(change)) => changed(answer.await, &*change).await,
        Some(Kind::Disconnect) => disconnect(),
        Some(Kind::Late(delay)) => {
            let answer = answer.await;
            tokio::time::sleep(delay).await;
            answer
        }
        Some(Kind::Lost) => {
            drop(answer.await);
            disconnect()
        }
        Some(Kind::Silence) => std::future::pending().await,
    }
}

async fn changed(answer: Response, change: &(dyn Fn(&mut Value) + Send + Sync)) -> Response {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    match serde_json::from_slice(&body) {
        Ok(mut json) => {
            change(&mut json);
            json_answer(head.status, &json)
        }
        // A page is not changed.
        Err(_) => Response::from_parts(head, body.into()),
    }
}

/// Closes the connection without an answer. The task of the connection ends, since no answer can say so; and it ends
/// without the message that the panic hook would print.
fn disconnect() -> Response {
    std::panic::resume_unwind(Box::new("the connection is closed on demand"))
}

impl Faults {
    pub(super) fn forge(&self) -> Option<Forge> {
        self.forge.clone()
    }

    fn requests(&self, endpoint: Endpoint) -> usize {
        self.received.get(&endpoint).map_or(0, Vec::len)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Answer(_) => "Answer",
            Kind::Change(_) => "Change",
            Kind::Disconnect => "Disconnect",
            Kind::Late(_) => "Late",
            Kind::Lost => "Lost",
            Kind::Silence => "Silence",
        })
    }
}
