//! One endpoint's port: who may come in, and what happens to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Endpoint;
use super::behaviour::{Behaviour, Step, play};
use super::message::{json_answer, read_request};
use super::provider::Provider;

#[derive(Debug)]
pub(super) struct Door {
    pub(super) requests: watch::Sender<usize>,
    pub(super) connections: Arc<AtomicUsize>,
    pub(super) flooded: Arc<AtomicUsize>,
    room: Arc<Room>,
    port: u16,
    state: tokio::sync::Mutex<State>,
}

#[derive(Debug)]
enum State {
    Listening(JoinHandle<()>),
    /// The port is kept, and nobody listens.
    Closed(TcpSocket),
}

/// What every connection of an endpoint shares.
#[derive(Debug)]
struct Room {
    endpoint: Endpoint,
    provider: Arc<Provider>,
    behaviour: Mutex<Behaviour>,
    held: watch::Sender<bool>,
    requests: watch::Sender<usize>,
    connections: Arc<AtomicUsize>,
    flooded: Arc<AtomicUsize>,
}

impl Door {
    pub(super) fn open(endpoint: Endpoint, listener: TcpListener, provider: Arc<Provider>) -> Self {
        let port = listener.local_addr().expect("it is bound").port();
        let requests = watch::Sender::new(0);
        let (connections, flooded) = (Arc::default(), Arc::default());
        let room = Arc::new(Room {
            endpoint,
            provider,
            behaviour: Mutex::default(),
            held: watch::Sender::new(false),
            requests: requests.clone(),
            connections: Arc::clone(&connections),
            flooded: Arc::clone(&flooded),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&room)));
        let state = tokio::sync::Mutex::new(State::Listening(task));
        Self { requests, connections, flooded, room, port, state }
    }

    pub(super) async fn set(&self, behaviour: Behaviour) {
        let refuses = matches!(behaviour, Behaviour::Refuse);
        *self.room.behaviour.lock().expect("no panic while it is held") = behaviour;
        let mut state = self.state.lock().await;
        match (&mut *state, refuses) {
            (State::Listening(_), false) | (State::Closed(_), true) => {}
            (State::Listening(task), true) => {
                task.abort();
                // The listener is gone when the task is.
                let _ = task.await;
                *state = State::Closed(socket(self.port));
            }
            (State::Closed(_), false) => {
                let placeholder = std::mem::replace(&mut *state, State::Closed(unbound()));
                let State::Closed(placeholder) = placeholder else { return };
                let listener = placeholder.listen(1024).expect("the port was kept");
                *state = State::Listening(tokio::spawn(accept(listener, Arc::clone(&self.room))));
            }
        }
    }

    pub(super) fn hold(&self, held: bool) {
        self.room.held.send_replace(held);
    }
}

fn unbound() -> TcpSocket {
    TcpSocket::new_v4().expect("a socket")
}

/// Bound and not listening: whoever connects is refused.
fn socket(port: u16) -> TcpSocket {
    let socket = unbound();
    socket.set_reuseaddr(true).expect("a fresh socket");
    socket.bind(([127, 0, 0, 1], port).into()).expect("the port was ours a moment ago");
    socket
}

async fn accept(listener: TcpListener, room: Arc<Room>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            room.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, Arc::clone(&room)));
        }
    }
}

/// One request for each connection: a pooled one would hide from the next fault.
async fn serve(mut stream: TcpStream, room: Arc<Room>) {
    let behaviour = room.behaviour.lock().expect("no panic while it is held").clone();
    if let Behaviour::AtAccept(steps) = behaviour {
        return play(stream, steps, &room.flooded).await;
    }
    let Some(request) = read_request(&mut stream).await else { return };
    room.requests.send_modify(|requests| *requests += 1);
    let _ = room.held.subscribe().wait_for(|held| !held).await;
    let acts = !matches!(behaviour, Behaviour::AfterRequest { acts: false, .. });
    let (status, body) = room.provider.answer(room.endpoint, &request, acts);
    let steps = if let Behaviour::AfterRequest { script, .. } = behaviour {
        script(&body)
    } else {
        vec![Step::Send(json_answer(status, &body))]
    };
    play(stream, steps, &room.flooded).await;
}
