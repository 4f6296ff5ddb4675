//! The right to send a refresh token, which one instance has at a time.
//!
//! The store ends a lease by its own clock. Its holder measures by a clock of its own, which never goes back, and from
//! before it asked: so by the holder's clock the lease ends no later than in the store.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::oidc::CONNECT_DEADLINE;
use crate::shared::{LEASE_TIME as TTL, SealedValues, StoreError, next_attempt};

/// Held until it is [released](Self::release), or until whoever holds it stops saying so.
pub(super) struct Lease<'v> {
    values: &'v SealedValues,
    key: String,
    /// Whose it is.
    pub(super) name: String,
    right: Right,
}

/// Until when the holder of a lease may send. Clones are of the same lease.
#[derive(Clone, Debug)]
pub(super) struct Right {
    /// `None` once the lease was not held for a while: another instance may have sent then.
    ends: Arc<Mutex<Option<Instant>>>,
}

/// Whose turn it is.
pub(super) enum Turn<'v> {
    Mine(Lease<'v>),
    /// Somebody else's, by the name of their lease.
    Theirs(String),
}

/// The outcome of renewing a lease.
enum Renewed {
    Held,
    /// It had ended in the store. It is held once more, if nobody else has it, so that others wait all the same.
    Lapsed,
}

impl Right {
    /// The right that comes with a lease which was asked for at `asked`.
    fn asked_at(asked: Instant) -> Self {
        Self { ends: Arc::new(Mutex::new(asked.checked_add(TTL))) }
    }

    /// Returns whether a request that is begun now is on its way before the lease can end.
    pub(super) fn is_good(&self) -> bool {
        self.is_good_at(Instant::now())
    }

    fn is_good_at(&self, now: Instant) -> bool {
        let begun = now.checked_add(CONNECT_DEADLINE);
        self.lock().zip(begun).is_some_and(|(ends, begun)| begun < ends)
    }

    /// The lease was held all the time, and renewed by a question of `asked`.
    fn renewed_at(&self, asked: Instant) {
        let mut ends = self.lock();
        // Once it is lost it is no better for being renewed.
        if ends.is_some() {
            *ends = asked.checked_add(TTL);
        }
    }

    fn lose(&self) {
        *self.lock() = None;
    }

    /// Nothing here can panic while the lock is held, so what is poisoned is whole.
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'v> Lease<'v> {
    /// Takes the lease of this key, if nobody has it.
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
                // An answer that came too late for us, on a connection that was given up. Which question it answered
                // is not known, so it may have been the first.
                Some(holder) if holder == name => {
                    return Ok(Turn::Mine(Lease { values, key, name, right: Right::asked_at(began) }));
                }
                Some(holder) => return Ok(Turn::Theirs(holder)),
                // It was just released.
                None => next_attempt(&mut attempt).await?,
            }
        }
    }

    /// Until when its holder may send.
    pub(super) fn right(&self) -> Right {
        self.right.clone()
    }

    /// Does some work and goes on holding the lease meanwhile.
    pub(super) async fn hold_during<T>(&self, work: impl Future<Output = T>) -> T {
        let beats = async {
            loop {
                tokio::time::sleep(BEAT).await;
                let asked = Instant::now();
                // What is not confirmed in time moves nothing: the right ends when it would have ended.
                match timeout(BEAT, self.renew()).await {
                    Ok(Ok(Renewed::Held)) => self.right.renewed_at(asked),
                    // What was sent cannot be undone, and what it yields is written down all the same.
                    Ok(Ok(Renewed::Lapsed)) => {
                        self.right.lose();
                        tracing::warn!("a lease was lost while its holder was at work");
                    }
                    Ok(Err(error)) => tracing::warn!(%error, "a lease could not be renewed"),
                    Err(_) => tracing::warn!("a lease could not be renewed in time"),
                }
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            () = beats => std::future::pending().await,
        }
    }

    /// Once more for its whole time, also if it has ended and nobody has taken it since.
    async fn renew(&self) -> Result<Renewed, StoreError> {
        let name = Some(self.name.as_str());
        let values = self.values.plain();
        if values.compare_and_swap(&self.key, name, name, TTL).await? {
            return Ok(Renewed::Held);
        }
        values.compare_and_swap(&self.key, None, name, TTL).await?;
        Ok(Renewed::Lapsed)
    }

    /// Lets others have it.
    pub(super) async fn release(self) {
        let released = self.values.plain().compare_and_swap(&self.key, Some(&self.name), None, TTL).await;
        if let Err(error) = released {
            tracing::debug!(%error, "a lease was not released; it ends by itself");
        }
    }
}

/// Several beats may fail before a lease is lost.
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
