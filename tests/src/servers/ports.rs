//! Ports for servers that can't be told to take any free one.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A port of 127.0.0.1 that nobody listens on, and that no other call in this program gets.
pub fn free() -> u16 {
    // Each program begins elsewhere, so that two that run at once seldom ask for the same one.
    let begin = std::process::id() % u32::from(COUNT) * 7919;
    for _ in 0..COUNT {
        let turn = u32::from(TURN.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from((begin + turn) % u32::from(COUNT)).expect("less than `COUNT`");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port from {FIRST} on is free");
}

/// Starts a server on a free port, and again on another one where somebody was faster.
pub(super) async fn on_a_free_port<T>(start: impl AsyncFn(u16) -> Result<T, String>) -> T {
    let mut attempts = 3;
    loop {
        attempts -= 1;
        match start(free()).await {
            Ok(server) => return server,
            Err(reason) if attempts > 0 && reason.contains("Address already in use") => {}
            Err(reason) => panic!("{reason}"),
        }
    }
}

/// Below those that systems give to outgoing connections: a client could otherwise take the port of a server that is
/// down for a moment, and even connect to itself there.
const FIRST: u16 = 12_000;
const COUNT: u16 = 20_000;

static TURN: AtomicU16 = AtomicU16::new(0);
