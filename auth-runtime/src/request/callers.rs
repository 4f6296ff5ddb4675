//! The parts of a service that find the sessions of its callers and write them back.

use super::hooks::Hooks;
use crate::session::SessionCodec;
use crate::store::Sessions;
use crate::time::{Clock, Timestamp};

/// The sessions of a service, and the hooks that it calls when it writes one back. Shared by all requests.
#[derive(Debug)]
pub(crate) struct Callers {
    pub(crate) sessions: Sessions,
    pub(crate) hooks: Hooks,
    pub(crate) clock: Clock,
}

impl Callers {
    pub(super) fn codec(&self) -> &SessionCodec {
        self.sessions.codec()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
