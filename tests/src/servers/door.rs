//! A port that can refuse connections for a while and stays the same.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::ports;

/// A port of 127.0.0.1 and what is done with its connections. It is closed when this is dropped.
pub(crate) struct Door {
    port: u16,
    serve: Serve,
    connections: Arc<AtomicUsize>,
    state: Mutex<State>,
}

/// What is done with a connection. It must not block.
type Serve = Arc<dyn Fn(TcpStream) + Send + Sync>;

enum State {
    Open(JoinHandle<()>),
    /// The port is kept, and nobody listens.
    Closed(TcpSocket),
}

impl Door {
    /// Listens on a free port.
    pub(crate) async fn open(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let (serve, connections) = (Arc::new(serve) as Serve, Arc::default());
        let (port, listener) = ports::on_a_free_port(async |port| {
            let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
            Ok((port, listener))
        })
        .await;
        let task = tokio::spawn(accept(listener, Arc::clone(&serve), Arc::clone(&connections)));
        Self { port, serve, connections, state: Mutex::new(State::Open(task)) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many connections have been accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// From when this returns, new connections are accepted or refused.
    pub(crate) async fn set(&self, is_open: bool) {
        let mut state = self.state.lock().await;
        match (&mut *state, is_open) {
            (State::Open(_), true) | (State::Closed(_), false) => {}
            (State::Open(task), false) => {
                task.abort();
                // The listener is gone when the task is.
                let _ = task.await;
                *state = State::Closed(closed(self.port));
            }
            (State::Closed(_), true) => {
                let placeholder = std::mem::replace(&mut *state, State::Closed(unbound()));
                let State::Closed(placeholder) = placeholder else { return };
                let listener = placeholder.listen(1024).expect("the port was kept");
                let task = accept(listener, Arc::clone(&self.serve), Arc::clone(&self.connections));
                *state = State::Open(tokio::spawn(task));
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let State::Open(task) = self.state.get_mut() {
            task.abort();
        }
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("port", &self.port).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, serve: Serve, connections: Arc<AtomicUsize>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            serve(stream);
        }
    }
}

fn unbound() -> TcpSocket {
    TcpSocket::new_v4().expect("a socket")
}

/// Bound and not listening: whoever connects is refused.
fn closed(port: u16) -> TcpSocket {
    let socket = unbound();
    socket.set_reuseaddr(true).expect("a fresh socket");
    socket.bind(([127, 0, 0, 1], port).into()).expect("the port was ours a moment ago");
    socket
}
