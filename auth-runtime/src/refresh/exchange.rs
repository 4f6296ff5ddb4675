//! The exchange of a refresh token among instances, step by step.
//!
//! ```text
//! Look -> found an outcome                                    -> Done
//!      -> found the next token                                -> Look
//!      -> found nothing -> Take -> another instance has it    -> Pause -> Look
//!                               -> ours: Look once more, Send -> Read, Change ... -> Release -> Done
//! ```
//!
//! The state machine names the next step, and is told the result. It reads no clock and does no I/O:
//! [`shared`](super::shared) carries out its steps, and the exploration in the tests puts them in every order.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::entry::{Asking, Entry, Finding};
use super::outcome::{Exchanged, Outcome, Purpose};
use crate::oidc::{ProviderError, TokenError};
use crate::time::Timestamp;

/// The entry of a token in the store that instances share. An exchange has the name of the lease under which the token
/// was sent.
pub(super) type SharedEntry = Entry<String>;

/// The state machine of one instance that wants an outcome.
#[derive(Clone)]
pub(super) struct Exchange {
    /// The token that is looked at.
    token: SecretString,
    purpose: Purpose,
    /// True if the request wants no token that was there before it.
    fresh: bool,
    /// The name of another instance's lease that this instance waited for.
    waited_for: Option<String>,
    /// Number of successors that the machine has followed.
    successors: usize,
    state: State,
}

#[derive(Clone)]
enum State {
    Looking,
    Taking,
    Pausing,
    /// The lease of this name is held, and the token may have been exchanged since it was looked at.
    LookingAgain(String),
    /// The lease of this name is held, and the token is sent.
    Sending(String),
    Telling(Box<Telling>),
    /// The lease is held and no longer needed.
    Releasing(After),
    Done(Exchanged),
}

/// A token that was sent, of which no other instance knows yet.
#[derive(Clone)]
struct Telling {
    /// The name of the lease.
    by: String,
    sent: Exchanged,
    stage: Stage,
}

/// The step that follows when a lease is released.
#[derive(Clone)]
enum After {
    Look,
    Pause,
    End(Exchanged),
}

/// The next write to the store. A request that follows the pointer to the successor has to find the outcome there, so
/// the successor's entry is written before the pointer.
#[derive(Clone)]
enum Stage {
    /// There is no successor: the outcome goes to the entry of the token itself.
    Note,
    /// The entry of the token is read: its former outcomes go to the successor's entry.
    ReadFormer,
    /// The former outcomes and the new one go to the successor's entry.
    Inherit(Box<SharedEntry>),
    /// The pointer to the successor goes to the entry of the token.
    Lead,
    /// The user has signed out: the successor ends as well.
    EndNext,
}

/// The next step, and the method that takes its result.
#[derive(Debug)]
pub(super) enum Step<'e> {
    /// Read the entry of the token; then [`Exchange::looked`].
    Look(&'e SecretString),
    /// Ask for the lease of the token; then [`Exchange::took`].
    Take(&'e SecretString),
    /// Send the token, if the right to do so is good; then [`Exchange::sent`]. The caller renews the lease from here
    /// until all is written.
    Send(&'e SecretString),
    /// Read the entry of the token; then [`Exchange::read`].
    Read(&'e SecretString),
    /// Change the entry of the token with [`Exchange::change`], as one compare-and-swap; then [`Exchange::changed`].
    Change(&'e SecretString),
    /// Release the lease; then [`Exchange::released`].
    Release,
    /// Wait for a moment; then [`Exchange::paused`].
    Pause,
    /// Do nothing more: [`Exchange::into_end`] has the outcome.
    Done,
}

impl Exchange {
    pub(super) fn new(token: SecretString, purpose: Purpose, fresh: bool) -> Self {
        Self { token, purpose, fresh, waited_for: None, successors: 0, state: State::Looking }
    }

    /// Returns the next step.
    pub(super) fn step(&self) -> Step<'_> {
        match &self.state {
            State::Looking | State::LookingAgain(_) => Step::Look(&self.token),
            State::Taking => Step::Take(&self.token),
            State::Pausing => Step::Pause,
            State::Sending(_) => Step::Send(&self.token),
            State::Telling(telling) => match telling.stage {
                Stage::ReadFormer => Step::Read(&self.token),
                Stage::Note | Stage::Lead => Step::Change(&self.token),
                Stage::Inherit(_) | Stage::EndNext => Step::Change(&telling.sent.refresh_token),
            },
            State::Releasing(_) => Step::Release,
            State::Done(_) => Step::Done,
        }
    }

    /// Takes the entry that was read. `is_patient` says whether the caller would still wait.
    pub(super) fn looked(
        &mut self,
        entry: Option<&SharedEntry>,
        grace: Duration,
        now: Timestamp,
        is_patient: bool,
    ) {
        let waited_for = |by: &String| self.waited_for.as_ref() == Some(by);
        let (purpose, fresh) = (&self.purpose, self.fresh);
        let found = entry.map_or(Finding::Nothing, |entry| {
            entry.find(&Asking { purpose, fresh, waited_for: &waited_for, grace, came_at: now, now })
        });
        let lease = match std::mem::replace(&mut self.state, State::Looking) {
            State::LookingAgain(lease) => Some(lease),
            _ => None,
        };
        self.state = match (found, lease) {
            // No instance exchanged the token before this one took the lease.
            (Finding::Nothing, Some(lease)) => State::Sending(lease),
            (Finding::Nothing, None) => State::Taking,
            // Another instance exchanged the token between the first look and the lease.
            (_, Some(_)) => State::Releasing(After::Look),
            (Finding::Outcome(outcome), None) => {
                // The outcome may stand beside a pointer, if an instance wrote it late: the pointer names a newer
                // token.
                let next = entry.filter(|entry| !entry.is_over()).and_then(SharedEntry::next);
                let refresh_token = next.unwrap_or_else(|| self.token.clone());
                State::Done(Exchanged::new(outcome, refresh_token))
            }
            // A provider may give a token again that it gave before: then the successors form a circle.
            (Finding::Next(_), None) if self.successors >= MAX_SUCCESSORS || !is_patient => {
                State::Done(self.ended(Err(unavailable())))
            }
            (Finding::Next(next), None) => {
                self.successors = self.successors.saturating_add(1);
                self.token = next;
                State::Looking
            }
        };
    }

    /// Notes that this instance holds the lease of this name.
    pub(super) fn took(&mut self, lease: String) {
        self.state = State::LookingAgain(lease);
    }

    /// Notes that another instance holds the lease of this name.
    pub(super) fn is_behind(&mut self, lease: String) {
        self.waited_for = Some(lease);
        self.state = State::Pausing;
    }

    /// Takes the provider's answer, or that the right to send had ended before ([`TokenError::Withheld`]): then another
    /// instance may have sent the token.
    pub(super) fn sent(&mut self, sent: Exchanged) {
        let State::Sending(by) = std::mem::replace(&mut self.state, State::Pausing) else { return };
        // Nothing was sent, so there is nothing to tell.
        self.state = if matches!(sent.outcome, Err(ProviderError::Token(TokenError::Withheld))) {
            State::Releasing(After::Pause)
        } else {
            let stage = Stage::first(&sent, &self.token);
            State::Telling(Box::new(Telling { by, sent, stage }))
        };
    }

    /// Takes the entry of the token, for the outcomes that it had before.
    pub(super) fn read(&mut self, former: Option<SharedEntry>) {
        if let State::Telling(telling) = &mut self.state {
            telling.stage = Stage::Inherit(Box::new(former.unwrap_or_default()));
        }
    }

    /// Makes the change of [`Step::Change`] to an entry.
    pub(super) fn change(&self, entry: &mut SharedEntry, now: Timestamp) {
        let State::Telling(telling) = &self.state else { return };
        let Telling { by, sent, stage } = &**telling;
        match stage {
            Stage::Note => entry.note(&self.purpose, by.clone(), &sent.outcome, now),
            Stage::Inherit(former) => {
                entry.inherit(former, &self.token);
                entry.note(&self.purpose, by.clone(), &sent.outcome, now);
            }
            Stage::Lead => entry.lead_to(&sent.refresh_token),
            Stage::EndNext => entry.end(),
            Stage::ReadFormer => {}
        }
    }

    /// Takes from the changed entry whether the user has signed out.
    pub(super) fn changed(&mut self, is_over: bool) {
        let State::Telling(telling) = &mut self.state else { return };
        match telling.stage {
            Stage::ReadFormer => {}
            Stage::Inherit(_) => telling.stage = Stage::Lead,
            // The sign-out ended the token before it had a successor, so the successor is still to be ended.
            Stage::Lead if is_over => (telling.stage, telling.sent.is_over) = (Stage::EndNext, true),
            Stage::EndNext => self.state = State::Releasing(After::End(telling.ended())),
            Stage::Note | Stage::Lead => {
                telling.sent.is_over |= is_over;
                self.state = State::Releasing(After::End(telling.ended()));
            }
        }
    }

    /// Starts the writes from the first one again, because one of them failed.
    pub(super) fn tell_again(&mut self) {
        if let State::Telling(telling) = &mut self.state {
            telling.stage = Stage::first(&telling.sent, &self.token);
        }
    }

    /// Ends without telling the other instances, because the store fails. The lease is not released: until it ends by
    /// itself, it keeps them from sending a token that is spent.
    pub(super) fn give_up_telling(&mut self) {
        if let State::Telling(telling) = &self.state {
            self.state = State::Done(telling.ended());
        }
    }

    /// Notes that the lease is released, or will end by itself.
    pub(super) fn released(&mut self) {
        let state = std::mem::replace(&mut self.state, State::Pausing);
        self.state = match state {
            State::Releasing(After::Look) => State::Looking,
            State::Releasing(After::Pause) => State::Pausing,
            State::Releasing(After::End(ended)) => State::Done(ended),
            state => state,
        };
    }

    /// Notes that the pause is over. `is_patient` says whether the caller would still wait.
    pub(super) fn paused(&mut self, is_patient: bool) {
        self.state = if is_patient { State::Looking } else { State::Done(self.ended(Err(unavailable()))) };
    }

    /// Returns the outcome. Before [`Step::Done`] it is that nothing is known of the token.
    pub(super) fn into_end(self) -> Exchanged {
        match self.state {
            State::Done(ended) => ended,
            _ => self.ended(Err(unavailable())),
        }
    }

    fn ended(&self, outcome: Outcome) -> Exchanged {
        Exchanged::new(outcome, self.token.clone())
    }
}

impl Telling {
    /// Returns the outcome for the requests that waited. After a sign-out no request gets tokens.
    fn ended(&self) -> Exchanged {
        let mut exchanged = self.sent.clone();
        if exchanged.is_over {
            exchanged.outcome = Err(TokenError::InvalidGrant.into());
        }
        exchanged
    }
}

impl Stage {
    /// Returns the first write: it depends on whether the provider gave another refresh token.
    fn first(sent: &Exchanged, token: &SecretString) -> Self {
        let is_new = sent.refresh_token.expose_secret() != token.expose_secret();
        if is_new { Self::ReadFormer } else { Self::Note }
    }
}

/// Returns the error for a token whose outcome is not known.
pub(super) fn unavailable() -> ProviderError {
    TokenError::Unavailable { retry_after: None, code: None }.into()
}

/// The number of successors that a request follows. A browser with an old cookie is at most that many exchanges behind
/// within the time for which they are remembered.
pub(super) const MAX_SUCCESSORS: usize = 200;

#[cfg(test)]
impl Exchange {
    /// Returns a text that differs where two machines differ.
    pub(super) fn describe(&self) -> String {
        let sent = |sent: &Exchanged| {
            let outcome = match &sent.outcome {
                Ok(renewed) => renewed.access_token.expose_secret().to_owned(),
                Err(error) => error.code().to_owned(),
            };
            format!("{outcome}/{}/{}", sent.refresh_token.expose_secret(), sent.is_over)
        };
        let state = match &self.state {
            State::Looking => "look".to_owned(),
            State::Taking => "take".to_owned(),
            State::Pausing => "pause".to_owned(),
            State::LookingAgain(by) => format!("again {by}"),
            State::Sending(by) => format!("send {by}"),
            State::Telling(telling) => {
                let Telling { by, sent: told, stage } = &**telling;
                let stage = match stage {
                    Stage::Note => "note".to_owned(),
                    Stage::ReadFormer => "read".to_owned(),
                    Stage::Inherit(former) => format!("inherit {}", former.to_text().unwrap().as_str()),
                    Stage::Lead => "lead".to_owned(),
                    Stage::EndNext => "end".to_owned(),
                };
                format!("tell {by} {} {stage}", sent(told))
            }
            State::Releasing(After::Look) => "release look".to_owned(),
            State::Releasing(After::Pause) => "release pause".to_owned(),
            State::Releasing(After::End(ended)) => format!("release {}", sent(ended)),
            State::Done(ended) => format!("done {}", sent(ended)),
        };
        format!("{} {:?} {state}", self.token.expose_secret(), self.waited_for)
    }
}
