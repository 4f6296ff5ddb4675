//! The one address of all instances: each connection goes to the next one that accepts it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) struct Balancer {
    pub(crate) port: u16,
    instances: Arc<Mutex<Vec<u16>>>,
    /// How many connections each instance got, in the order of the ports.
    spread: Arc<Mutex<Vec<usize>>>,
    accepting: JoinHandle<()>,
}

impl Balancer {
    /// Listens. Nothing gets through before there are instances.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let instances = Arc::new(Mutex::new(Vec::new()));
        let spread = Arc::new(Mutex::new(Vec::new()));
        let (ports, counts, turn) =
            (Arc::clone(&instances), Arc::clone(&spread), Arc::new(AtomicUsize::new(0)));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (ports, counts, turn) = (Arc::clone(&ports), Arc::clone(&counts), Arc::clone(&turn));
                tokio::spawn(forward(client, ports, counts, turn));
            }
        });
        Self { port, instances, spread, accepting }
    }

    pub(crate) fn set(&self, ports: Vec<u16>) {
        *self.spread.lock().unwrap() = vec![0; ports.len()];
        *self.instances.lock().unwrap() = ports;
    }

    pub(crate) fn spread(&self) -> Vec<usize> {
        self.spread.lock().unwrap().clone()
    }
}

async fn forward(
    mut client: TcpStream,
    ports: Arc<Mutex<Vec<u16>>>,
    counts: Arc<Mutex<Vec<usize>>>,
    turn: Arc<AtomicUsize>,
) {
    let ports = ports.lock().unwrap().clone();
    let first = turn.fetch_add(1, Ordering::SeqCst);
    for step in 0..ports.len() {
        let index = (first + step) % ports.len();
        if let Ok(mut server) = TcpStream::connect(("127.0.0.1", ports[index])).await {
            counts.lock().unwrap()[index] += 1;
            let _ = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
