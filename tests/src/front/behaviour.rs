//! What a front does instead of passing messages on, step by step.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How a front treats whoever comes.
#[derive(Clone, Default)]
pub enum Behaviour {
    /// Passes requests and answers on.
    #[default]
    Healthy,
    /// Nobody listens.
    Refuse,
    /// Does this as soon as there is a connection, without reading anything.
    AtAccept(Vec<Step>),
    /// Reads the request, which the server never sees, and does this.
    Instead(Vec<Step>),
    /// Passes the request on, and does what the script makes of the body of the server's answer.
    After(Script),
}

/// From the body of the server's answer to what is done instead of passing it on.
pub type Script = Arc<dyn Fn(&str) -> Vec<Step> + Send + Sync>;

/// One thing done to a connection. After the last step it is closed.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends at once.
    Send(Vec<u8>),
    /// Sends byte by byte, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// Sends this again and again, at most so often.
    Flood(Vec<u8>, usize),
    /// Does nothing for a while.
    Pause(Duration),
    /// Does nothing until the client leaves.
    Hold,
    /// Breaks the connection off, so that the other side sees an error and not an end.
    Reset,
}

impl Behaviour {
    /// Passes the request on, and answers by `script`.
    pub fn after(script: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::After(Arc::new(script))
    }

    /// Answers with these bytes, of which the server knows nothing.
    pub fn bytes(answer: impl Into<Vec<u8>>) -> Self {
        Self::Instead(vec![Step::Send(answer.into())])
    }
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "Healthy",
            Self::Refuse => "Refuse",
            Self::AtAccept(_) => "AtAccept",
            Self::Instead(_) => "Instead",
            Self::After(_) => "After",
        })
    }
}

/// Ends early when the client leaves. `flooded` counts what went out in floods.
pub(super) async fn play(mut stream: TcpStream, steps: Vec<Step>, flooded: &AtomicUsize) {
    for step in steps {
        let went_on = match step {
            Step::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
            Step::Drip(bytes, pause) => drip(&mut stream, &bytes, pause).await,
            Step::Flood(bytes, times) => flood(&mut stream, &bytes, times, flooded).await,
            Step::Pause(pause) => {
                tokio::time::sleep(pause).await;
                true
            }
            Step::Hold => {
                until_gone(&mut stream).await;
                false
            }
            Step::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
        };
        if !went_on {
            return;
        }
    }
    // What the client has sent is read to the end: closing on unread bytes would be a reset.
    let _ = stream.shutdown().await;
    until_gone(&mut stream).await;
}

async fn drip(stream: &mut TcpStream, bytes: &[u8], pause: Duration) -> bool {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            return false;
        }
        tokio::time::sleep(pause).await;
    }
    true
}

async fn flood(stream: &mut TcpStream, bytes: &[u8], times: usize, flooded: &AtomicUsize) -> bool {
    for _ in 0..times {
        if stream.write_all(bytes).await.is_err() {
            return false;
        }
        flooded.fetch_add(bytes.len(), Ordering::SeqCst);
    }
    true
}

async fn until_gone(stream: &mut TcpStream) {
    let mut unread = [0; 4096];
    while matches!(stream.read(&mut unread).await, Ok(1..)) {}
}
