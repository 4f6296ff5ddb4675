//! A TCP proxy before a server, which fails in the ways that networks and servers fail.

use std::sync::atomic::{AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::ports;
use super::relay::relay;

/// How the proxy treats its connections, those that are open and those that come.
///
/// A connection of which bytes were lost or made up stays silent under every other mode that keeps it open: to go on
/// would be worse than what networks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As if it were not there. Of the server it connects to only when the client has sent something.
    Forward,
    /// Nobody listens, and what is open is reset.
    Refuse,
    /// Accepts and reads, and neither passes anything on nor answers.
    BlackHole,
    /// Closes a connection as soon as the client sends something, which the server never sees.
    DropRequests,
    /// Passes requests on, and closes a connection instead of passing the reply: the server did the work.
    DropReplies,
    /// Passes that many bytes of replies for each connection, and then closes it.
    CutReplies(usize),
    /// Answers whatever comes with bytes that mean nothing. The server never sees it.
    Garbage,
    /// Passes each reply that much later, and requests at once.
    Delay(Duration),
    /// Passes replies byte by byte, with 100 ms after each.
    Trickle,
}

/// A proxy on a port of 127.0.0.1. It and its connections end when this is dropped.
#[derive(Debug)]
pub struct FaultyProxy {
    room: Arc<Room>,
    port: u16,
    door: tokio::sync::Mutex<Door>,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) server: AtomicU16,
    pub(super) modes: watch::Sender<Mode>,
    pub(super) forwarded: AtomicU64,
    connections: AtomicUsize,
    relays: Mutex<JoinSet<()>>,
}

#[derive(Debug)]
enum Door {
    Open(JoinHandle<()>),
    /// The port is kept, and nobody listens.
    Closed(TcpSocket),
}

impl FaultyProxy {
    /// Listens on a free port, for a server on the given one, which need not run yet.
    pub async fn before(server: u16) -> Self {
        let room = Arc::new(Room {
            server: AtomicU16::new(server),
            modes: watch::Sender::new(Mode::Forward),
            forwarded: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            relays: Mutex::default(),
        });
        let (port, door) = ports::on_a_free_port(async |port| {
            let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
            Ok((port, Door::Open(tokio::spawn(accept(listener, Arc::clone(&room))))))
        })
        .await;
        Self { room, port, door: tokio::sync::Mutex::new(door) }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on, for all that is sent after this returns. With [`Mode::Refuse`], all is closed then.
    pub async fn set(&self, mode: Mode) {
        let mut door = self.door.lock().await;
        self.room.modes.send_replace(mode);
        match (&mut *door, mode) {
            (Door::Open(task), Mode::Refuse) => {
                task.abort();
                // The listener is gone when the task is.
                let _ = task.await;
                *door = Door::Closed(closed(self.port));
                let mut relays = std::mem::take(&mut *self.room.relays());
                while relays.join_next().await.is_some() {}
            }
            (Door::Open(_), _) | (Door::Closed(_), Mode::Refuse) => {}
            (Door::Closed(_), _) => {
                let placeholder = std::mem::replace(&mut *door, Door::Closed(unbound()));
                let Door::Closed(placeholder) = placeholder else { return };
                let listener = placeholder.listen(1024).expect("the port was kept");
                *door = Door::Open(tokio::spawn(accept(listener, Arc::clone(&self.room))));
            }
        }
    }

    /// From now on new connections lead to a server on this port, and those that are open to where they did.
    pub fn lead_to(&self, server: u16) {
        self.room.server.store(server, Ordering::SeqCst);
    }

    /// How many bytes went through, both ways together. What was swallowed or made up does not count.
    pub fn forwarded_bytes(&self) -> u64 {
        self.room.forwarded.load(Ordering::SeqCst)
    }

    /// How many connections have been accepted.
    pub fn connections(&self) -> usize {
        self.room.connections.load(Ordering::SeqCst)
    }
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        // What is just being accepted ends by the mode, the rest at once.
        self.room.modes.send_replace(Mode::Refuse);
        if let Door::Open(task) = self.door.get_mut() {
            task.abort();
        }
        self.room.relays().abort_all();
    }
}

impl Room {
    fn relays(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.relays.lock().expect("no panic while it is held")
    }
}

async fn accept(listener: TcpListener, room: Arc<Room>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        room.connections.fetch_add(1, Ordering::SeqCst);
        let mut relays = room.relays();
        while relays.try_join_next().is_some() {}
        relays.spawn(relay(client, Arc::clone(&room)));
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
