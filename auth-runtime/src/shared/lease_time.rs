//! The time to live of a lease.

use std::time::Duration;

/// The time for which the other instances wait for an instance that holds a lease and has crashed. A store has to
/// answer sooner: an instance whose answer comes later holds a lease that is already over.
pub(crate) const LEASE_TIME: Duration = Duration::from_secs(5);
