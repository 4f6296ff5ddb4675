//! An OpenID provider that can be made to misbehave, one endpoint at a time, down to single bytes.
//!
//! Each endpoint has a port of its own, so that even a refused connection strikes one of them alone. The others go on
//! as a provider does: codes with PKCE, signed ID tokens, rotating refresh tokens that revoke their family when one
//! comes twice. Everything that arrives is counted.

mod behaviour;
mod door;
mod key;
mod message;
mod provider;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub use behaviour::{Behaviour, Script, Step};
pub use key::{SigningKey, shared_key};
pub use message::{json_answer, whole_answer};
pub use provider::{
    CLIENT_ID, CLIENT_SECRET, Grant, ID_TOKEN_LIFETIME, Provider, TokenRequest, callback_url,
};

use door::Door;

/// What a provider offers, and one place that it does not: where redirects lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// The metadata (OpenID Connect Discovery 1.0).
    Discovery,
    /// The keys (RFC 7517).
    Jwks,
    /// The token endpoint (RFC 6749 section 3.2).
    Token,
    /// The revocation endpoint (RFC 7009).
    Revocation,
    /// Nothing that a client has business with.
    Elsewhere,
}

/// A running provider. It ends with the runtime that it was started in.
#[derive(Debug)]
pub struct Upstream {
    provider: Arc<Provider>,
    doors: [Door; 5],
}

impl Upstream {
    /// Listens on five free ports of 127.0.0.1. `clock` gives unix seconds.
    pub async fn start(clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let mut sockets = Vec::new();
        for _ in Endpoint::ALL {
            sockets.push(tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port"));
        }
        let ports = sockets.iter().map(|socket| socket.local_addr().expect("it is bound").port()).collect();
        let provider = Arc::new(Provider::new(ports, Box::new(clock)));
        let mut sockets = sockets.into_iter();
        let doors = Endpoint::ALL.map(|endpoint| {
            Door::open(endpoint, sockets.next().expect("one for each"), Arc::clone(&provider))
        });
        Self { provider, doors }
    }

    /// What to configure as the domain.
    pub fn issuer(&self) -> String {
        self.provider.issuer()
    }

    /// The provider behind the endpoints.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// From now on, for every connection that begins or is idle.
    pub async fn set(&self, endpoint: Endpoint, behaviour: Behaviour) {
        self.door(endpoint).set(behaviour).await;
    }

    /// All endpoints are healthy again.
    pub async fn heal(&self) {
        for door in &self.doors {
            door.set(Behaviour::Healthy).await;
        }
        // Until clients have heard which of their connections were closed: a request on one of those would be lost.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    /// Keeps requests waiting after they have been read and counted, until [`release`](Self::release).
    pub fn hold(&self, endpoint: Endpoint) {
        self.door(endpoint).hold(true);
    }

    /// Answers what is held back.
    pub fn release(&self, endpoint: Endpoint) {
        self.door(endpoint).hold(false);
    }

    /// How many whole requests have arrived, whatever their path.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        *self.door(endpoint).requests.borrow()
    }

    /// Waits until that many requests have arrived since the start.
    pub async fn arrived(&self, endpoint: Endpoint, count: usize) {
        let mut requests = self.door(endpoint).requests.subscribe();
        requests.wait_for(|requests| *requests >= count).await.expect("the sender lives");
    }

    /// How many connections have been accepted.
    pub fn connections(&self, endpoint: Endpoint) -> usize {
        self.door(endpoint).connections.load(Ordering::SeqCst)
    }

    /// How many bytes of floods the client has let in, socket buffers included.
    pub fn flooded(&self, endpoint: Endpoint) -> usize {
        self.door(endpoint).flooded.load(Ordering::SeqCst)
    }

    /// The URL of an endpoint.
    pub fn url(&self, endpoint: Endpoint) -> String {
        self.provider.url(endpoint)
    }

    fn door(&self, endpoint: Endpoint) -> &Door {
        &self.doors[endpoint as usize]
    }
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Discovery, Self::Jwks, Self::Token, Self::Revocation, Self::Elsewhere];

    /// As a heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Token => "token",
            Self::Revocation => "revocation",
            Self::Elsewhere => "elsewhere",
        }
    }
}
