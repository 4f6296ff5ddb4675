//! One connection through the proxy.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::proxy::{Mode, Room};

/// Until one side closes, or the mode ends it.
pub(super) async fn relay(mut client: TcpStream, room: Arc<Room>) {
    let _ = client.set_nodelay(true);
    let (connected, server) = oneshot::channel();
    let (queue, queued) = mpsc::channel(1024);
    let is_spoilt = AtomicBool::new(false);
    let (from_client, to_client) = client.split();
    let requests = Requests { room: &room, is_spoilt: &is_spoilt, queue: queue.clone() };
    let mut replies = Replies {
        room: &room,
        is_spoilt: &is_spoilt,
        modes: room.modes.subscribe(),
        client: to_client,
        passed: 0,
    };
    let mut modes = room.modes.subscribe();
    let end = tokio::select! {
        end = requests.pump(from_client, connected) => end,
        end = replies.pump(queued) => end,
        () = read(server, queue) => End::Close,
        _ = modes.wait_for(|mode| *mode == Mode::Refuse) => End::Reset,
    };
    if end == End::Reset {
        let _ = client.set_zero_linger();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    /// The client sees an error and not an end.
    Reset,
}

/// What waits for its way to the client.
enum Queued {
    FromServer(Vec<u8>, Instant),
    MadeUp(Vec<u8>),
    ServerClosed,
}

/// From the client to the server.
struct Requests<'a> {
    room: &'a Room,
    is_spoilt: &'a AtomicBool,
    queue: mpsc::Sender<Queued>,
}

impl Requests<'_> {
    async fn pump(self, mut client: ReadHalf<'_>, connected: oneshot::Sender<OwnedReadHalf>) -> End {
        let mut connected = Some(connected);
        let mut server = None;
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let Ok(length @ 1..) = client.read(&mut bytes).await else { return End::Close };
            let mode = *self.room.modes.borrow();
            match mode {
                Mode::DropRequests => return End::Close,
                Mode::Refuse => return End::Reset,
                Mode::BlackHole => self.spoil(),
                Mode::Garbage => {
                    self.spoil();
                    if self.queue.send(Queued::MadeUp(noise())).await.is_err() {
                        return End::Close;
                    }
                }
                _ if self.is_spoilt.load(Ordering::SeqCst) => {}
                _ => {
                    if let Some(connected) = connected.take() {
                        // A server that is not there would have refused the client.
                        let port = self.room.server.load(Ordering::SeqCst);
                        let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await else {
                            return End::Reset;
                        };
                        let _ = stream.set_nodelay(true);
                        let (reader, writer) = stream.into_split();
                        server = Some(writer);
                        let _ = connected.send(reader);
                    }
                    let Some(server) = &mut server else { return End::Close };
                    if server.write_all(&bytes[..length]).await.is_err() {
                        return End::Reset;
                    }
                    self.room.count(length);
                }
            }
        }
    }

    fn spoil(&self) {
        self.is_spoilt.store(true, Ordering::SeqCst);
    }
}

/// Reads what the server sends, and notes when. Never returns: what then happens is decided where it is passed on.
async fn read(server: oneshot::Receiver<OwnedReadHalf>, queue: mpsc::Sender<Queued>) {
    if let Ok(mut server) = server.await {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = server.read(&mut bytes).await {
            let _ = queue.send(Queued::FromServer(bytes[..length].to_vec(), Instant::now())).await;
        }
        let _ = queue.send(Queued::ServerClosed).await;
    }
    std::future::pending::<()>().await;
}

/// From the server to the client.
struct Replies<'a> {
    room: &'a Room,
    is_spoilt: &'a AtomicBool,
    modes: watch::Receiver<Mode>,
    client: WriteHalf<'a>,
    /// How many bytes, under this mode.
    passed: usize,
}

impl Replies<'_> {
    async fn pump(&mut self, mut queued: mpsc::Receiver<Queued>) -> End {
        while let Some(next) = queued.recv().await {
            let flow = match next {
                Queued::FromServer(bytes, arrival) => self.pass(&bytes, arrival).await,
                Queued::MadeUp(bytes) => self.write(&bytes).await,
                Queued::ServerClosed => self.close().await,
            };
            if let ControlFlow::Break(end) = flow {
                return end;
            }
        }
        End::Close
    }

    /// A change of the mode while bytes wait concerns them too.
    async fn pass(&mut self, mut bytes: &[u8], arrival: Instant) -> ControlFlow<End> {
        while !bytes.is_empty() {
            if self.modes.has_changed().unwrap_or(false) {
                self.passed = 0;
            }
            let mode = *self.modes.borrow_and_update();
            let length = match mode {
                Mode::Refuse => return ControlFlow::Break(End::Reset),
                Mode::DropReplies => return ControlFlow::Break(End::Close),
                Mode::BlackHole | Mode::Garbage => {
                    self.is_spoilt.store(true, Ordering::SeqCst);
                    return ControlFlow::Continue(());
                }
                _ if self.is_spoilt.load(Ordering::SeqCst) => return ControlFlow::Continue(()),
                Mode::Delay(delay) if arrival.elapsed() < delay => {
                    tokio::select! {
                        () = sleep_until(arrival + delay) => {}
                        _ = self.modes.changed() => self.passed = 0,
                    }
                    continue;
                }
                Mode::CutReplies(limit) => bytes.len().min(limit.saturating_sub(self.passed)),
                Mode::Trickle => 1,
                Mode::Forward | Mode::DropRequests | Mode::Delay(_) => bytes.len(),
            };
            self.write(&bytes[..length]).await?;
            self.room.count(length);
            self.passed += length;
            bytes = &bytes[length..];
            match mode {
                Mode::CutReplies(limit) if self.passed >= limit => return ControlFlow::Break(End::Close),
                Mode::Trickle => tokio::select! {
                    () = sleep(BYTE_PAUSE) => {}
                    _ = self.modes.changed() => self.passed = 0,
                },
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    /// The server has closed. Where nothing is passed on, the client does not see that either.
    async fn close(&mut self) -> ControlFlow<End> {
        let is_silent = |mode: &Mode| matches!(mode, Mode::BlackHole | Mode::Garbage);
        if self.is_spoilt.load(Ordering::SeqCst) {
            return ControlFlow::Continue(());
        }
        let _ = self.modes.wait_for(|mode| !is_silent(mode)).await;
        ControlFlow::Break(End::Close)
    }

    async fn write(&mut self, bytes: &[u8]) -> ControlFlow<End> {
        match self.client.write_all(bytes).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(End::Close),
        }
    }
}

impl Room {
    fn count(&self, length: usize) {
        self.forwarded.fetch_add(length as u64, Ordering::SeqCst);
    }
}

/// Other bytes each time, and the same ones in each run.
fn noise() -> Vec<u8> {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    Sha256::digest(turn.to_le_bytes()).to_vec()
}

const BYTE_PAUSE: Duration = Duration::from_millis(100);
