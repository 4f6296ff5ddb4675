//! The lease of a refresh token: the right to send it, which one instance has at a time.
//!
//! The store ends a lease by its own clock. The holder measures by a monotonic clock from a moment before it asked, so
//! by the holder's clock the lease ends no later than in the store.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::oidc::CONNECT_DEADLINE;
use crate::shared::{LEASE_TIME as TTL, SealedValues, StoreError, next_attempt};

/// A lease that this instance holds until it [releases](Self::release) it, or no longer renews it.
pub(super) struct Lease<'v> {
    values: &'v SealedValues,
    key: String,
    /// The name under which this instance holds the lease.
    pub(super) name: String,
    right: Right,
}

/// The time until which the holder of a lease may send. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Right {
    /// The end of the lease by the holder's clock. `None` once the lease has lapsed: another instance may have sent
    /// since.
    ends: Arc<Mutex<Option<Instant>>>,
}

/// The answer to a request for a lease.
pub(super) enum Turn<'v> {
    /// This instance holds the lease now.
    Mine(Lease<'v>),
    /// Another instance holds the lease under this name.
    Theirs(String),
}

/// The outcome of renewing a lease.
enum Renewed {
    /// The lease was held all the time.
    Held,
    /// The lease had ended in the store. It is held once more if no other instance has it, so that others wait all the
    /// same.
    Lapsed,
}

impl Right {
    /// Returns the right that comes with a lease which was asked for at `asked`.
    fn asked_at(asked: Instant) -> Self {
        Self { ends: Arc::new(Mutex::new(asked.checked_add(TTL))) }
    }

    /// Returns whether a request that begins now is on its way before the lease can end.
    pub(super) fn is_good(&self) -> bool {
        self.is_good_at(Instant::now())
    }

    fn is_good_at(&self, now: Instant) -> bool {
        let begun = now.checked_add(CONNECT_DEADLINE);
        self.lock().zip(begun).is_some_and(|(ends, begun)| begun < ends)
    }

    /// Extends the right: the lease was held all the time, and a question of `asked` renewed it.
    fn renewed_at(&self, asked: Instant) {
        let mut ends = self.lock();
        // Another instance may have sent while the lease was lost, so a right that was lost stays lost.
        if ends.is_some() {
            *ends = asked.checked_add(TTL);
        }
    }

    /// Ends the right.
    fn lose(&self) {
        *self.lock() = None;
    }

    /// Locks the end. Nothing here can panic while the lock is held, so a poisoned value is whole.
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'v> Lease<'v> {
    /// Takes the lease of this key, if no instance has it.
    pub(super) async fn take(values: &'v SealedValues, key: String) -> Result<Turn<'v>, StoreError> {
        let name = values.new_name()?;
        let began = Instant::now();
        let mut attempt = 0;
        loop {
            let asked = Instant::now();
            if values.plain().compare_and_swap(&key, None, Some(&name), TTL).await? {
                return Ok(Turn::Mine(Lease { values, key, name, right: Right::asked_at(asked) }));
            }
            let holder = values.plain().read(std::slice::from_ref(&key)).await?.pop().flatten();
            match holder {
                // An earlier question took the lease, but its answer came too late, on a connection that was given up.
                // It may have been the first question, so the time counts from that.
                Some(holder) if holder == name => {
                    return Ok(Turn::Mine(Lease { values, key, name, right: Right::asked_at(began) }));
                }
                Some(holder) => return Ok(Turn::Theirs(holder)),
                // The holder has just released the lease.
                None => next_attempt(&mut attempt).await?,
            }
        }
    }

    /// Returns the right to send that comes with the lease.
    pub(super) fn right(&self) -> Right {
        self.right.clone()
    }

    /// Does some work, and renews the lease meanwhile.
    pub(super) async fn hold_during<T>(&self, work: impl Future<Output = T>) -> T {
        let beats = async {
            loop {
                tokio::time::sleep(BEAT).await;
                let asked = Instant::now();
                // Without an answer in time the right ends when it would have ended.
                match timeout(BEAT, self.renew()).await {
                    Ok(Ok(Renewed::Held)) => self.right.renewed_at(asked),
                    // The token may have been sent already, and its outcome has to be written, so the work goes on.
                    Ok(Ok(Renewed::Lapsed)) => {
                        self.right.lose();
                        tracing::warn!(
                            "this instance lost the lease of a refresh token before it was done: {SHARED_STORE} was too slow, or this process was paused"
                        );
                    }
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "the lease of a refresh token could not be renewed, because {SHARED_STORE} failed");
                    }
                    Err(_) => tracing::warn!(
                        "the lease of a refresh token could not be renewed in time: {SHARED_STORE} is too slow"
                    ),
                }
            }
        };
        tokio::select! {
            // The work comes first: once it is done, nothing is renewed any more.
            biased;
            done = work => done,
            () = beats => std::future::pending().await,
        }
    }

    /// Renews the lease for its whole time, also if it has ended and no instance has taken it since.
    async fn renew(&self) -> Result<Renewed, StoreError> {
        let name = Some(self.name.as_str());
        let values = self.values.plain();
        if values.compare_and_swap(&self.key, name, name, TTL).await? {
            return Ok(Renewed::Held);
        }
        // The lease is not in the store under this name. If no instance has it, it is taken once more.
        values.compare_and_swap(&self.key, None, name, TTL).await?;
        Ok(Renewed::Lapsed)
    }

    /// Releases the lease, so that another instance can take it.
    pub(super) async fn release(self) {
        let released = self.values.plain().compare_and_swap(&self.key, Some(&self.name), None, TTL).await;
        if let Err(error) = released {
            tracing::debug!(%error, "the lease of a refresh token was not released, because {SHARED_STORE} failed; it ends by itself");
        }
    }
}

/// The store of leases as the log names it, by the settings that say which store it is.
pub(super) const SHARED_STORE: &str = "the store that instances share (`refresh_lease` or `session_store`)";

/// The time between two renewals of a lease. Several of them may fail before the lease is lost.
const BEAT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_ends_before_its_lease_does_and_is_not_had_again_once_it_is_lost() {
        let asked = Instant::now();
        let right = Right::asked_at(asked);
        let last = asked + TTL - CONNECT_DEADLINE;
        assert!(right.is_good_at(last - Duration::from_millis(1)));
        assert!(!right.is_good_at(last), "the request could be on its way only when the lease is over");

        right.renewed_at(asked + BEAT);
        assert!(right.is_good_at(last) && !right.is_good_at(last + BEAT));
        right.clone().lose();
        right.renewed_at(asked + BEAT);
        assert!(!right.is_good_at(asked + BEAT));
    }
}
