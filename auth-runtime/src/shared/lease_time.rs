//! How long a lease is held by an instance that says nothing.

use std::time::Duration;

/// How long a holder that has crashed keeps others waiting. A store has to answer sooner than that: from an answer that
/// comes later nobody learns that he holds anything.
pub(crate) const LEASE_TIME: Duration = Duration::from_secs(5);
