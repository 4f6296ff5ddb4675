//! What a server has to offer to be made to fail.

use std::time::Duration;

use auth_runtime::store::StoreId;

use super::table::{Expected, Fault};
use crate::instance::AnyStore;

/// A server behind a proxy.
pub(crate) trait Target: Sized {
    const NAME: &'static str;

    async fn start() -> Self;

    /// A store with connections of its own, by way of the proxy.
    async fn store(&self) -> AnyStore;

    /// The same server, past the proxy.
    async fn beside(&self) -> AnyStore;

    /// What a fault needs that takes time.
    async fn prepare(&mut self, fault: Fault);

    async fn strike(&mut self, fault: Fault);

    async fn heal(&mut self, fault: Fault);

    /// What may come of it.
    fn expected(fault: Fault) -> Expected;

    /// Returns whether the sessions are there afterwards.
    fn keeps(fault: Fault) -> bool;

    /// Lets a record end in an hour, so that it is worth extending.
    async fn age(&self, id: &StoreId);
}

/// The password in the URLs, and what servers are made to say: neither belongs in a log.
pub(crate) const PASSWORD: &str = "Tr0ub4dor-9d41";
pub(crate) const MARKER: &str = "quoted-row-77ab";

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
/// Of each of the few replies that an operation takes.
pub(crate) const DELAY: Duration = Duration::from_millis(40);
