//! A TCP proxy before a server, which fails in the ways that networks and servers fail.

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Door;
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
    door: Door,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) server: AtomicU16,
    pub(super) modes: watch::Sender<Mode>,
    pub(super) forwarded: AtomicU64,
    relays: Mutex<JoinSet<()>>,
}

impl FaultyProxy {
    /// Listens on a free port, for a server on the given one, which need not run yet.
    pub async fn before(server: u16) -> Self {
        let room = Arc::new(Room {
            server: AtomicU16::new(server),
            modes: watch::Sender::new(Mode::Forward),
            forwarded: AtomicU64::new(0),
            relays: Mutex::default(),
        });
        let of_door = Arc::clone(&room);
        let door = Door::open(move |client| {
            let mut relays = of_door.relays();
            while relays.try_join_next().is_some() {}
            relays.spawn(relay(client, Arc::clone(&of_door)));
        });
        Self { room, door: door.await }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.door.port()
    }

    /// From now on, for all that is sent after this returns. With [`Mode::Refuse`], all is closed then.
    pub async fn set(&self, mode: Mode) {
        self.room.modes.send_replace(mode);
        self.door.set(mode != Mode::Refuse).await;
        if mode == Mode::Refuse {
            let mut relays = std::mem::take(&mut *self.room.relays());
            while relays.join_next().await.is_some() {}
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
        self.door.connections()
    }
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        // What is just being accepted ends by the mode, the rest at once.
        self.room.modes.send_replace(Mode::Refuse);
        self.room.relays().abort_all();
    }
}

impl Room {
    fn relays(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.relays.lock().expect("no panic while it is held")
    }
}
