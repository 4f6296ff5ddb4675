//! The right to send a refresh token, which one instance has at a time.

use std::time::Duration;

use tokio::time::timeout;

use crate::shared::{SealedValues, StoreError, next_attempt};

/// Held until it is [released](Self::release), or until whoever holds it stops saying so.
pub(super) struct Lease<'v> {
    values: &'v SealedValues,
    key: String,
    /// Whose it is.
    pub(super) name: String,
}

/// Whose turn it is.
pub(super) enum Turn<'v> {
    Mine(Lease<'v>),
    /// Somebody else's, by the name of their lease.
    Theirs(String),
}

impl<'v> Lease<'v> {
    /// Takes the lease of this key, if nobody has it.
    pub(super) async fn take(values: &'v SealedValues, key: String) -> Result<Turn<'v>, StoreError> {
        let name = values.new_name()?;
        let mut attempt = 0;
        loop {
            if values.plain().replace(&key, None, Some(&name), TTL).await? {
                return Ok(Turn::Mine(Lease { values, key, name }));
            }
            let holder = values.plain().read(std::slice::from_ref(&key)).await?.pop().flatten();
            match holder {
                // An answer that came too late for us, on a connection that was given up.
                Some(holder) if holder == name => return Ok(Turn::Mine(Lease { values, key, name })),
                Some(holder) => return Ok(Turn::Theirs(holder)),
                // It was just released.
                None => next_attempt(&mut attempt).await?,
            }
        }
    }

    /// Does some work and goes on holding the lease meanwhile.
    pub(super) async fn hold_during<T>(&self, work: impl Future<Output = T>) -> T {
        let beats = async {
            loop {
                tokio::time::sleep(BEAT).await;
                match timeout(BEAT, self.renew()).await {
                    Ok(Ok(true)) => {}
                    // The work cannot be undone, and what it yields is written down all the same.
                    Ok(Ok(false)) => tracing::warn!("a lease was lost while its holder was at work"),
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
    async fn renew(&self) -> Result<bool, StoreError> {
        let name = Some(self.name.as_str());
        let values = self.values.plain();
        Ok(values.replace(&self.key, name, name, TTL).await?
            || values.replace(&self.key, None, name, TTL).await?)
    }

    /// Lets others have it.
    pub(super) async fn release(self) {
        let released = self.values.plain().replace(&self.key, Some(&self.name), None, TTL).await;
        if let Err(error) = released {
            tracing::debug!(%error, "a lease was not released; it ends by itself");
        }
    }
}

/// How long a holder that has crashed keeps others waiting.
pub(super) const TTL: Duration = Duration::from_secs(5);

/// Several beats may fail before a lease is lost.
const BEAT: Duration = Duration::from_secs(1);
