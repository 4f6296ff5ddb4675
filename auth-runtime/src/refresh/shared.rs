//! One exchange of a refresh token in the whole deployment.
//!
//! ```text
//! what is known of the token -> settled? -> else whose turn is it? -> mine: send, write down, release
//!                                                                  -> theirs: wait, and look again
//! ```
//!
//! A token and those that took its place are a list through the store: each entry names the next one.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::chain::{Outcome, Purpose};
use super::lease::{Lease, Right, Turn};
use super::spent::{Asking, Finding, Spent};
use crate::crypto::hexadecimal;
use crate::oidc::{ProviderError, TokenError};
use crate::shared::{LEASE_TIME, SealedValues, Seen, StoreError, log_unreadable, next_attempt};
use crate::time::Clock;

/// What instances tell each other about refresh tokens.
#[derive(Debug)]
pub(super) struct Everywhere {
    pub(super) values: SealedValues,
    pub(super) clock: Clock,
    /// How long the outcome of an exchange is for those who come late.
    pub(super) grace: Duration,
    /// How long somebody waits for another one's exchange.
    pub(super) patience: Duration,
    /// How long it is remembered what took the place of a token.
    pub(super) keep: Duration,
}

/// How it ended, and with which refresh token to go on.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) newest: SecretString,
    /// The user signed out meanwhile, so `newest` is nobody's.
    pub(super) is_over: bool,
}

/// What an exchange gave: its outcome, and the token to go on with.
pub(super) struct Sent {
    pub(super) outcome: Outcome,
    pub(super) newest: SecretString,
}

/// How the holder of a lease is done.
enum Finished {
    /// The token was not sent.
    NotSent,
    /// It was sent, and the store has what came of it.
    Told(Ended),
    /// It was sent, and the store took nothing.
    Untold(Ended),
}

impl Everywhere {
    /// The outcome for `purpose`: one that another instance got, or that of `send`, which is given the token to send
    /// and the right to do so. It asks whether that is still good right before it sends, and else says so
    /// ([`TokenError::Withheld`]).
    pub(super) async fn exchange<F: Future<Output = Sent>>(
        &self,
        token: SecretString,
        purpose: &Purpose,
        fresh: bool,
        send: impl Fn(SecretString, Right) -> F,
    ) -> Ended {
        let known = token.clone();
        match self.try_exchange(token, purpose, fresh, send).await {
            Ok(ended) => ended,
            // What became of the token cannot be told any more, so it is not sent again: the user signs in anew.
            Err(error) if error.is_unreadable() => {
                log_unreadable(&error);
                Ended { outcome: Err(TokenError::InvalidGrant.into()), newest: known, is_over: false }
            }
            Err(error) => {
                // Without the store nobody knows whether another instance is sending the token.
                tracing::error!(%error, "a token cannot be renewed without the store that instances share");
                Ended { outcome: Err(unavailable()), newest: known, is_over: false }
            }
        }
    }

    async fn try_exchange<F: Future<Output = Sent>>(
        &self,
        mut token: SecretString,
        purpose: &Purpose,
        fresh: bool,
        send: impl Fn(SecretString, Right) -> F,
    ) -> Result<Ended, StoreError> {
        let began = Instant::now();
        let mut waited_for = None;
        let mut pause = FIRST_PAUSE;
        let mut steps = 0;
        loop {
            match self.look(&token, purpose, fresh, waited_for.as_deref()).await? {
                Finding::Outcome(outcome) => {
                    let newest = self.newest(token).await?;
                    return Ok(Ended { outcome, newest, is_over: false });
                }
                // A provider may give a token again that it gave before.
                Finding::Next(_) if steps >= MAX_SUCCESSORS || began.elapsed() > self.patience => {
                    return Ok(Ended { outcome: Err(unavailable()), newest: token, is_over: false });
                }
                Finding::Next(next) => {
                    (token, steps) = (next, steps + 1);
                    continue;
                }
                Finding::Nothing => {}
            }
            match Lease::take(&self.values, lease_key(&token)).await? {
                Turn::Mine(lease) => {
                    // It may have been settled since we looked.
                    if let Finding::Nothing = self.look(&token, purpose, fresh, waited_for.as_deref()).await?
                    {
                        let sending = send(token.clone(), lease.right());
                        match lease.hold_during(self.finish(&token, purpose, &lease, sending)).await {
                            // The lease could have ended before the token was sent, so another instance may have sent it.
                            Finished::NotSent => lease.release().await,
                            Finished::Told(ended) => {
                                lease.release().await;
                                return Ok(ended);
                            }
                            // The token is spent, and no other instance knows: the lease keeps them from sending it until it
                            // ends by itself.
                            Finished::Untold(ended) => return Ok(ended),
                        }
                    } else {
                        lease.release().await;
                        continue;
                    }
                }
                Turn::Theirs(name) => waited_for = Some(name),
            }
            if began.elapsed() > self.patience {
                return Ok(Ended { outcome: Err(unavailable()), newest: token, is_over: false });
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    /// Sends the token, and tells the others what came of it.
    async fn finish(
        &self,
        token: &SecretString,
        purpose: &Purpose,
        lease: &Lease<'_>,
        sending: impl Future<Output = Sent>,
    ) -> Finished {
        let Sent { outcome, newest } = sending.await;
        if matches!(outcome, Err(ProviderError::Token(TokenError::Withheld))) {
            return Finished::NotSent;
        }
        let next = (newest.expose_secret() != token.expose_secret()).then_some(&newest);
        match self.settle(token, purpose, &lease.name, &outcome, next).await {
            Ok(true) => Finished::Told(Ended { outcome, newest, is_over: false }),
            Ok(false) => {
                Finished::Told(Ended { outcome: Err(TokenError::InvalidGrant.into()), newest, is_over: true })
            }
            Err(error) => {
                tracing::error!(%error, "other instances could not be told of a renewed token");
                Finished::Untold(Ended { outcome, newest, is_over: false })
            }
        }
    }

    /// Writes down how an exchange ended, unless the user has signed out: then `false`. The token is spent, so this is
    /// tried for as long as a lease lasts, which is held meanwhile.
    async fn settle(
        &self,
        token: &SecretString,
        purpose: &Purpose,
        by: &str,
        outcome: &Outcome,
        next: Option<&SecretString>,
    ) -> Result<bool, StoreError> {
        let began = Instant::now();
        loop {
            match self.try_settle(token, purpose, by, outcome, next).await {
                Err(error) if !error.is_unreadable() && began.elapsed() < LEASE_TIME => {
                    tokio::time::sleep(LONGEST_PAUSE).await;
                }
                settled => return settled,
            }
        }
    }

    async fn try_settle(
        &self,
        token: &SecretString,
        purpose: &Purpose,
        by: &str,
        outcome: &Outcome,
        next: Option<&SecretString>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some(next) = next else {
            return Ok(!self.change(token, |spent| spent.note(purpose, by, outcome, now)).await?);
        };
        // First what the next one yields, then that it is the next one: who is led there finds it.
        let former = self.read(token).await?.map(|(_, spent)| spent).unwrap_or_default();
        self.change(next, |spent| {
            spent.inherit(&former, token);
            spent.note(purpose, by, outcome, now);
        })
        .await?;
        let is_over = self.change(token, |spent| spent.lead_to(next)).await?;
        if is_over {
            self.change(next, Spent::end).await?;
        }
        Ok(!is_over)
    }

    /// Whether the store answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.values.plain().read(&["refresh:nobody".to_owned()]).await.map(|_| ())
    }

    /// Lets nobody have anything of the token and its successors any more. Gives the newest one.
    pub(super) async fn end(&self, mut token: SecretString) -> Result<SecretString, StoreError> {
        let began = Instant::now();
        for _ in 0..MAX_SUCCESSORS {
            self.check_patience(began)?;
            let mut next = None;
            self.change(&token, |spent| {
                next = spent.next();
                spent.end();
            })
            .await?;
            match next {
                Some(next) => token = next,
                None => break,
            }
        }
        Ok(token)
    }

    /// The last one of those that took the token's place.
    pub(super) async fn newest(&self, mut token: SecretString) -> Result<SecretString, StoreError> {
        let began = Instant::now();
        for _ in 0..MAX_SUCCESSORS {
            self.check_patience(began)?;
            match self.read(&token).await?.and_then(|(_, spent)| spent.next()) {
                Some(next) => token = next,
                None => break,
            }
        }
        Ok(token)
    }

    /// A chain has up to [`MAX_SUCCESSORS`] tokens, and a store that is slow is not asked for each of them.
    fn check_patience(&self, began: Instant) -> Result<(), StoreError> {
        if began.elapsed() > self.patience { Err(StoreError::new(TOO_SLOW)) } else { Ok(()) }
    }

    async fn look(
        &self,
        token: &SecretString,
        purpose: &Purpose,
        fresh: bool,
        waited_for: Option<&str>,
    ) -> Result<Finding, StoreError> {
        let Some((_, spent)) = self.read(token).await? else { return Ok(Finding::Nothing) };
        let asking = Asking { purpose, fresh, waited_for, grace: self.grace, now: self.clock.now() };
        Ok(spent.find(asking))
    }

    async fn read(&self, token: &SecretString) -> Result<Option<(Seen, Spent)>, StoreError> {
        let Some(seen) = self.values.read(key(token)).await? else { return Ok(None) };
        let spent = Spent::parse(&seen.text).ok_or_else(|| StoreError::unreadable(UNREADABLE))?;
        Ok(Some((seen, spent)))
    }

    /// Changes the entry of the token, however many do so at once. Says whether its user has signed out.
    async fn change(
        &self,
        token: &SecretString,
        mut change: impl FnMut(&mut Spent),
    ) -> Result<bool, StoreError> {
        let key = key(token);
        let mut attempt = 0;
        loop {
            let (seen, mut spent) = self.read(token).await?.unzip();
            let mut changed = spent.take().unwrap_or_default();
            change(&mut changed);
            let text = changed.to_text().ok_or_else(|| StoreError::new(UNREADABLE))?;
            if self.values.replace(&key, seen.as_ref(), &text, self.keep).await? {
                return Ok(changed.is_over());
            }
            next_attempt(&mut attempt).await?;
        }
    }
}

/// By the hash: no key of the store is a refresh token, and those of two users never meet.
fn key(token: &SecretString) -> String {
    format!("refresh:{}", hash(token))
}

fn lease_key(token: &SecretString) -> String {
    format!("lease:{}", hash(token))
}

fn hash(token: &SecretString) -> String {
    hexadecimal(&Sha256::digest(token.expose_secret()))
}

fn unavailable() -> ProviderError {
    TokenError::Unavailable { retry_after: None, code: None }.into()
}

const TOO_SLOW: &str = "the successors of a refresh token could not be read in time";

const UNREADABLE: &str = "what instances share about a refresh token cannot be read";

/// Somebody who has an old cookie is at most so many exchanges behind, within the time that they are remembered.
const MAX_SUCCESSORS: usize = 200;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
#[path = "everywhere_tests.rs"]
mod tests;
