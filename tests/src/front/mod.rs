//! A port before an HTTP server, which misbehaves on demand, down to single bytes.
//!
//! It knows requests and answers and nothing of what they mean. Everything that arrives is counted.

mod behaviour;
mod message;

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::TcpStream;

pub use behaviour::{Behaviour, Script, Step};
pub use message::{json_answer, whole_answer};

use crate::servers::Door;

/// A port of 127.0.0.1, and a server behind it. It is closed when this is dropped.
#[derive(Debug)]
pub struct Front {
    door: Door,
    room: Arc<Room>,
}

/// What all connections share.
#[derive(Debug, Default)]
struct Room {
    behaviour: Mutex<Behaviour>,
    server: AtomicU16,
    requests: AtomicUsize,
    flooded: AtomicUsize,
    last_body: Mutex<String>,
}

impl Front {
    /// Listens on a free port. Until [`lead_to`](Self::lead_to) there is no server behind it.
    pub async fn start() -> Self {
        let room = Arc::<Room>::default();
        let of_door = Arc::clone(&room);
        let door = Door::open(move |stream| drop(tokio::spawn(serve(stream, Arc::clone(&of_door)))));
        Self { door: door.await, room }
    }

    /// Sets the port of the server.
    pub fn lead_to(&self, server: u16) {
        self.room.server.store(server, Ordering::SeqCst);
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.door.port())
    }

    /// Sets the behaviour for every connection that begins from now on.
    pub async fn set(&self, behaviour: Behaviour) {
        let refuses = matches!(behaviour, Behaviour::Refuse);
        *self.room.behaviour.lock().expect("no panic while it is held") = behaviour;
        self.door.set(!refuses).await;
    }

    /// How many whole requests have arrived.
    pub fn requests(&self) -> usize {
        self.room.requests.load(Ordering::SeqCst)
    }

    /// How many connections have been accepted.
    pub fn connections(&self) -> usize {
        self.door.connections()
    }

    /// How many bytes of floods the client has let in, socket buffers included.
    pub fn flooded(&self) -> usize {
        self.room.flooded.load(Ordering::SeqCst)
    }

    /// The body of the last answer that was passed on as it is.
    pub fn last_body(&self) -> String {
        self.room.last_body.lock().expect("no panic while it is held").clone()
    }
}

/// One request for each connection: a pooled one would hide from the next fault.
async fn serve(mut stream: TcpStream, room: Arc<Room>) {
    let behaviour = room.behaviour.lock().expect("no panic while it is held").clone();
    if let Behaviour::AtAccept(steps) = behaviour {
        return behaviour::play(stream, steps, &room.flooded).await;
    }
    let Some(request) = message::read_request(&mut stream).await else { return };
    room.requests.fetch_add(1, Ordering::SeqCst);
    let steps = match behaviour {
        Behaviour::Instead(steps) => steps,
        Behaviour::Healthy | Behaviour::Refuse | Behaviour::AtAccept(_) | Behaviour::After(_) => {
            let server = room.server.load(Ordering::SeqCst);
            let Ok(answer) = message::exchange(server, &request).await else { return };
            let body = message::body(&answer);
            if let Behaviour::After(script) = behaviour {
                script(&body)
            } else {
                *room.last_body.lock().expect("no panic while it is held") = body;
                vec![Step::Send(answer)]
            }
        }
    };
    behaviour::play(stream, steps, &room.flooded).await;
}
