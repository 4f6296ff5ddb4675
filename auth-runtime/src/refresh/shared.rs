//! Entries in the store that instances share: one exchange of a refresh token in the whole deployment.
//!
//! A token and its successors are a list through the store: each entry names the next token.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::exchange::{Exchange, MAX_SUCCESSORS, SharedEntry, Step, unavailable};
use super::lease::{Lease, Right, SHARED_STORE, Turn};
use super::outcome::{Exchanged, Purpose};
use crate::crypto::hexadecimal;
use crate::oidc::TokenError;
use crate::shared::{LEASE_TIME, SealedValues, Seen, StoreError, log_unreadable, next_attempt};
use crate::time::Clock;

/// The entries of refresh tokens that instances share.
#[derive(Debug)]
pub(super) struct SharedEntries {
    pub(super) values: SealedValues,
    pub(super) clock: Clock,
    /// The time for which an outcome is given to requests that come after it.
    pub(super) grace: Duration,
    /// The time for which an instance waits for the exchange of another one.
    pub(super) patience: Duration,
    /// The time for which the store keeps an entry after its last change.
    pub(super) keep: Duration,
}

impl SharedEntries {
    /// Returns the outcome for `purpose`: one that another instance got, or that of `send`. `send` is given the token
    /// and the right to send it. It asks right before it sends whether the right is still good, and fails with
    /// [`TokenError::Withheld`] if not.
    pub(super) async fn exchange<F: Future<Output = Exchanged>>(
        &self,
        token: SecretString,
        purpose: Purpose,
        fresh: bool,
        send: impl Fn(SecretString, Right) -> F,
    ) -> Exchanged {
        let known = token.clone();
        match self.try_exchange(Exchange::new(token, purpose, fresh), send).await {
            Ok(ended) => ended,
            // It is not known whether the token was sent, so it is not sent again: the user signs in anew.
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                Exchanged::new(Err(TokenError::InvalidGrant.into()), known)
            }
            Err(error) => {
                // Without the store no instance knows whether another one is sending the token.
                tracing::error!(%error, "{SHARED_STORE} failed, so this instance cannot renew a token");
                Exchanged::new(Err(unavailable()), known)
            }
        }
    }

    async fn try_exchange<F: Future<Output = Exchanged>>(
        &self,
        mut exchange: Exchange,
        send: impl Fn(SecretString, Right) -> F,
    ) -> Result<Exchanged, StoreError> {
        let began = Instant::now();
        let is_patient = || began.elapsed() <= self.patience;
        let mut lease = None;
        let mut pause = FIRST_PAUSE;
        loop {
            match exchange.step() {
                Step::Look(token) => {
                    let entry = self.read(token).await?.map(|(_, entry)| entry);
                    exchange.looked(entry.as_ref(), self.grace, self.clock.now(), is_patient());
                }
                Step::Take(token) => match Lease::take(&self.values, lease_key(token)).await? {
                    Turn::Mine(own) => {
                        exchange.took(own.name.clone());
                        lease = Some(own);
                    }
                    Turn::Theirs(name) => exchange.is_behind(name),
                },
                Step::Send(token) => {
                    // The machine says this only while the lease is held.
                    let Some(held) = &lease else { break };
                    let sending = send(token.clone(), held.right());
                    held.hold_during(self.send_and_tell(&mut exchange, sending)).await;
                }
                Step::Release => {
                    if let Some(held) = lease.take() {
                        held.release().await;
                    }
                    exchange.released();
                }
                Step::Pause => {
                    tokio::time::sleep(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                    exchange.paused(is_patient());
                }
                // `send_and_tell` carries out the reads and changes.
                Step::Read(_) | Step::Change(_) | Step::Done => break,
            }
        }
        Ok(exchange.into_end())
    }

    /// Sends the token and tells the other instances the outcome. A token that was sent may be spent, so a store that
    /// fails is asked again for as long as a lease lasts.
    async fn send_and_tell(&self, exchange: &mut Exchange, sending: impl Future<Output = Exchanged>) {
        exchange.sent(sending.await);
        let began = Instant::now();
        while let Err(error) = self.tell(exchange).await {
            if error.is_unreadable() || began.elapsed() >= LEASE_TIME {
                tracing::error!(%error, "{SHARED_STORE} failed, so other instances do not know a renewed token");
                exchange.give_up_telling();
                return;
            }
            tokio::time::sleep(LONGEST_PAUSE).await;
            exchange.tell_again();
        }
    }

    /// Carries out the steps that tell the other instances the outcome.
    async fn tell(&self, exchange: &mut Exchange) -> Result<(), StoreError> {
        loop {
            match exchange.step() {
                Step::Read(token) => {
                    let former = self.read(token).await?.map(|(_, entry)| entry);
                    exchange.read(former);
                }
                Step::Change(token) => {
                    let now = self.clock.now();
                    let is_over = self.change(token, |entry| exchange.change(entry, now)).await?;
                    exchange.changed(is_over);
                }
                _ => return Ok(()),
            }
        }
    }

    /// Checks that the store answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.values.plain().read(&["refresh:nobody".to_owned()]).await.map(|_| ())
    }

    /// Ends the token and its successors, since the user has signed out. Returns the newest of them.
    pub(super) async fn end(&self, mut token: SecretString) -> Result<SecretString, StoreError> {
        let began = Instant::now();
        for _ in 0..MAX_SUCCESSORS {
            self.check_patience(began)?;
            let mut next = None;
            self.change(&token, |entry| {
                next = entry.next();
                entry.end();
            })
            .await?;
            match next {
                Some(next) => token = next,
                None => break,
            }
        }
        Ok(token)
    }

    /// Returns the last of the token's successors, or the token itself.
    pub(super) async fn newest(&self, mut token: SecretString) -> Result<SecretString, StoreError> {
        let began = Instant::now();
        for _ in 0..MAX_SUCCESSORS {
            self.check_patience(began)?;
            match self.read(&token).await?.and_then(|(_, entry)| entry.next()) {
                Some(next) => token = next,
                None => break,
            }
        }
        Ok(token)
    }

    /// Fails if a list of successors takes too long: there may be [`MAX_SUCCESSORS`] of them, and a slow store is not
    /// asked for each.
    fn check_patience(&self, began: Instant) -> Result<(), StoreError> {
        if began.elapsed() > self.patience { Err(StoreError::new(TOO_SLOW)) } else { Ok(()) }
    }

    async fn read(&self, token: &SecretString) -> Result<Option<(Seen, SharedEntry)>, StoreError> {
        let Some(seen) = self.values.read(key(token)).await? else { return Ok(None) };
        let entry = SharedEntry::parse(&seen.text).ok_or_else(|| StoreError::unreadable(UNREADABLE))?;
        Ok(Some((seen, entry)))
    }

    /// Changes the entry of the token by compare-and-swap, so that several instances may do so at once. Returns whether
    /// the user has signed out.
    async fn change(
        &self,
        token: &SecretString,
        mut change: impl FnMut(&mut SharedEntry),
    ) -> Result<bool, StoreError> {
        let key = key(token);
        let mut attempt = 0;
        loop {
            let (seen, mut entry) = self.read(token).await?.unzip();
            let mut changed = entry.take().unwrap_or_default();
            change(&mut changed);
            let text = changed.to_text().ok_or_else(|| StoreError::new(UNREADABLE))?;
            if self.values.compare_and_swap(&key, seen.as_ref(), &text, self.keep).await? {
                return Ok(changed.is_over());
            }
            // Another instance has changed the entry meanwhile.
            next_attempt(&mut attempt).await?;
        }
    }
}

/// Returns the key of a token's entry. It has the token's hash, so that no key of the store is a refresh token.
fn key(token: &SecretString) -> String {
    format!("refresh:{}", hash(token))
}

/// Returns the key of a token's lease.
fn lease_key(token: &SecretString) -> String {
    format!("lease:{}", hash(token))
}

fn hash(token: &SecretString) -> String {
    hexadecimal(&Sha256::digest(token.expose_secret()))
}

const TOO_SLOW: &str = "the successors of a refresh token could not be read in time";

const UNREADABLE: &str = "what instances share about a refresh token cannot be read";

/// The time that an instance waits before it looks again at the entry of another one: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
#[path = "shared_tests.rs"]
mod tests;
