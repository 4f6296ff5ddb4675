//! A place in the middle of a request where it can be kept waiting.

use std::sync::Arc;

use tokio::sync::watch;

/// Open unless it is shut. Clones are the same gate.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_shut: watch::Sender<bool>,
    arrived: watch::Sender<usize>,
}

impl Gate {
    pub(crate) async fn pass(&self) {
        self.0.arrived.send_modify(|arrived| *arrived += 1);
        self.0.is_shut.subscribe().wait_for(|is_shut| !is_shut).await.unwrap();
    }

    pub(crate) fn shut(&self) {
        self.0.arrived.send_replace(0);
        self.0.is_shut.send_replace(true);
    }

    pub(crate) fn open(&self) {
        self.0.is_shut.send_replace(false);
    }

    /// Waits until somebody is there, since it was shut.
    pub(crate) async fn reached(&self) {
        self.0.arrived.subscribe().wait_for(|arrived| *arrived > 0).await.unwrap();
    }
}
