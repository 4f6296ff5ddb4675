//! The provider of the storm: as slow as one on the network, and strict about refresh tokens.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::net::TcpSocket;

/// How long it takes for an answer.
pub(super) const ANSWER_TIME: Duration = Duration::from_millis(50);

/// It serves from a thread and a runtime of its own, as another machine would, for as long as the process lives.
pub(super) struct Provider {
    address: SocketAddr,
    books: Arc<Mutex<Books>>,
}

/// What it wrote down.
#[derive(Default)]
struct Books {
    token_requests: usize,
    faults: usize,
    /// The refresh token that each session has to come with next, by its generation.
    next: HashMap<usize, usize>,
}

impl Provider {
    /// Returns when it can be reached.
    pub(super) fn start() -> Self {
        let books = Arc::<Mutex<Books>>::default();
        let (ready, address) = mpsc::channel();
        let of_server = Arc::clone(&books);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(serve(of_server, ready));
        });
        Self { address: address.recv().expect("it listens"), books }
    }

    pub(super) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn token_requests(&self) -> usize {
        lock(&self.books).token_requests
    }

    pub(super) fn faults(&self) -> usize {
        lock(&self.books).faults
    }
}

async fn serve(books: Arc<Mutex<Books>>, ready: mpsc::Sender<SocketAddr>) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    // All sessions connect at once. Who does not fit is tried again by the kernel a second later, which is not ours to measure.
    let listener = socket.listen(4_096).expect("it listens");
    let address = listener.local_addr().expect("an address");
    let app = Router::new()
        .route("/.well-known/openid-configuration", get(move || async move { metadata(address) }))
        .route("/jwks", get(async || json(StatusCode::OK, &keys())))
        .route("/token", post(token))
        .with_state(books);
    ready.send(address).expect("somebody waits");
    axum::serve(listener, app).await.expect("it serves");
}

fn metadata(address: SocketAddr) -> Response {
    let issuer = format!("http://{address}");
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
    });
    json(StatusCode::OK, &metadata)
}

/// A provider has a key, or the service takes it for broken. Nothing is signed here, so this one is made up.
fn keys() -> Value {
    json!({ "keys": [{ "kty": "RSA", "kid": "storm", "n": "AQAB", "e": "AQAB" }] })
}

/// The refresh token is spent when it arrives, and what takes its place is given later.
async fn token(State(books): State<Arc<Mutex<Books>>>, form: String) -> Response {
    let given = lock(&books).spend(&form);
    tokio::time::sleep(ANSWER_TIME).await;
    let Some((number, generation)) = given else {
        return json(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
    };
    let tokens = json!({
        "access_token": access_token(number, generation),
        "refresh_token": refresh_token(number, generation),
        "token_type": "Bearer",
        "expires_in": 3_600,
    });
    json(StatusCode::OK, &tokens)
}

impl Books {
    /// Whose token it is and which one comes next; `None` if it is not the one to come with.
    fn spend(&mut self, form: &str) -> Option<(usize, usize)> {
        self.token_requests += 1;
        let next = refresh_token_of(form).and_then(|(number, generation)| {
            let expected = self.next.entry(number).or_insert(0);
            (*expected == generation).then(|| {
                *expected += 1;
                (number, *expected)
            })
        });
        self.faults += usize::from(next.is_none());
        next
    }
}

/// The session's number and the token's generation. Encoding a form leaves our tokens as they are.
fn refresh_token_of(form: &str) -> Option<(usize, usize)> {
    let token = form.split('&').find_map(|field| field.strip_prefix("refresh_token="))?;
    let (number, generation) = token.strip_prefix("rt-")?.split_once('-')?;
    Some((number.parse().ok()?, generation.parse().ok()?))
}

fn json(status: StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Nothing here can panic while the lock is held.
fn lock(books: &Mutex<Books>) -> MutexGuard<'_, Books> {
    books.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The user of a session.
pub(super) fn user(number: usize) -> String {
    format!("auth0|user-{number}")
}

/// A session's access token, by how often it was renewed.
pub(super) fn access_token(number: usize, generation: usize) -> String {
    format!("at-{number}-{generation}")
}

/// A session's refresh token, by how often it was renewed.
pub(super) fn refresh_token(number: usize, generation: usize) -> String {
    format!("rt-{number}-{generation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_good_once() {
        let mut books = Books::default();
        assert_eq!(books.spend("scope=a&refresh_token=rt-7-0&grant_type=refresh_token"), Some((7, 1)));
        assert_eq!(books.spend("refresh_token=rt-7-0"), None);
        assert_eq!(books.spend("refresh_token=rt-7-1"), Some((7, 2)));
        assert_eq!(books.spend("refresh_token=somebody"), None);
        assert_eq!((books.token_requests, books.faults), (4, 2));
    }
}
