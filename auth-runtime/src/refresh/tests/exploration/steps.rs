//! The effect of an instance's step on the store and the provider, and what the instance is told.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::Setting;
use super::world::{self, Instance, Phase, World, name_of};
use crate::oidc::TokenError;
use crate::refresh::exchange::{Exchange, Step, unavailable};
use crate::refresh::outcome::{Exchanged, Renewed};
use crate::time::Timestamp;

/// A step of an instance.
#[derive(Clone, Copy)]
pub(super) struct Going<'a> {
    /// The instance.
    pub(super) number: usize,
    pub(super) setting: &'a Setting,
    /// The store or the provider carries the step out.
    pub(super) is_done: bool,
    /// The instance is told what came of it.
    pub(super) is_heard: bool,
}

impl Going<'_> {
    /// Returns the time by the instance's own clock.
    fn now(&self) -> Timestamp {
        NOW.saturating_add(self.setting.clocks[self.number])
    }
}

impl World {
    /// Takes the step of an instance.
    pub(super) fn run(&mut self, going: Going<'_>) {
        let mut instance = self.instances[going.number].clone();
        instance.phase = match std::mem::replace(&mut instance.phase, Phase::Crashed) {
            Phase::Waits(mut exchange, sent) => {
                if going.is_heard {
                    exchange.sent(sent);
                } else {
                    // It is not known whether the provider has exchanged the token.
                    let refresh_token = held_token(&exchange);
                    exchange.sent(Exchanged::new(Err(unavailable()), refresh_token));
                    self.is_excused = true;
                }
                Phase::Runs(exchange)
            }
            Phase::Runs(exchange) => match exchange.step() {
                // Without the store no instance renews a token.
                Step::Look(_) if !going.is_heard => Phase::Ended(None),
                Step::Look(_) | Step::Take(_) => self.ask(&mut instance, exchange, going),
                Step::Send(_) => self.send_or_withhold(&instance, exchange, going),
                Step::Read(_) | Step::Change(_) => self.tell(&mut instance, exchange, going),
                Step::Release | Step::Pause | Step::Done => self.leave(&mut instance, exchange, going),
            },
            phase => phase,
        };
        self.instances[going.number] = instance;
    }

    /// Reads the entry of the token, or takes its lease.
    fn ask(&mut self, instance: &mut Instance, mut exchange: Exchange, going: Going<'_>) -> Phase {
        match exchange.step() {
            Step::Look(token) => {
                let entry = self.entry(token.expose_secret());
                exchange.looked(entry.as_ref(), GRACE, going.now(), true);
            }
            Step::Take(token) => {
                let token = token.expose_secret().to_owned();
                let turn = if going.is_done {
                    self.take(going.number, instance, &token)
                } else {
                    Err(String::new())
                };
                if !going.is_heard {
                    instance.lease = None;
                    return Phase::Ended(None);
                }
                match turn {
                    Ok(name) => exchange.took(name),
                    Err(name) => exchange.is_behind(name),
                }
            }
            step => panic!("{step:?}"),
        }
        Phase::Runs(exchange)
    }

    fn send_or_withhold(&mut self, instance: &Instance, mut exchange: Exchange, going: Going<'_>) -> Phase {
        let token = held_token(&exchange);
        let ends = instance.lease.as_ref().and_then(|(_, _, ends)| *ends);
        if ends.is_some_and(|ends| self.now + CONNECT < ends) {
            let sent = self.send(instance, &token, going);
            return Phase::Waits(exchange, sent);
        }
        exchange.sent(Exchanged::new(Err(TokenError::Withheld.into()), token));
        Phase::Runs(exchange)
    }

    /// Tells the other instances what the token yielded.
    fn tell(&mut self, instance: &mut Instance, mut exchange: Exchange, going: Going<'_>) -> Phase {
        match exchange.step() {
            Step::Read(token) => {
                let former = self.entry(token.expose_secret());
                if going.is_heard {
                    exchange.read(former);
                }
            }
            Step::Change(token) => {
                let token = token.expose_secret().to_owned();
                let mut entry = self.entry(&token).unwrap_or_default();
                exchange.change(&mut entry, going.now());
                if going.is_done {
                    self.entries.insert(token, entry.to_text().expect("it is JSON").to_string());
                }
                if going.is_heard {
                    exchange.changed(entry.is_over());
                }
            }
            step => panic!("{step:?}"),
        }
        if !going.is_heard {
            self.fail_to_tell(instance, &mut exchange);
        }
        Phase::Runs(exchange)
    }

    /// Releases the lease, waits for a moment, or ends.
    fn leave(&mut self, instance: &mut Instance, mut exchange: Exchange, going: Going<'_>) -> Phase {
        match exchange.step() {
            Step::Release => {
                if let Some((token, name, _)) = instance.lease.take()
                    && going.is_done
                    && self.leases.get(&token).is_some_and(|(holder, _)| *holder == name)
                {
                    self.leases.remove(&token);
                }
                exchange.released();
                Phase::Runs(exchange)
            }
            Step::Pause => {
                exchange.paused(true);
                Phase::Runs(exchange)
            }
            _ => {
                let ended = exchange.into_end();
                if !ended.is_over {
                    self.given.insert(ended.refresh_token.expose_secret().to_owned());
                }
                let outcome = ended.outcome.ok();
                Phase::Ended(outcome.map(|renewed| renewed.access_token.expose_secret().to_owned()))
            }
        }
    }

    /// The store lets an instance have the lease of a token, or says who has it.
    fn take(&mut self, number: usize, instance: &mut Instance, token: &str) -> Result<String, String> {
        if let Some((holder, ends)) = self.leases.get(token)
            && *ends > self.now
        {
            return Err(holder.clone());
        }
        instance.leases += 1;
        let name = format!("{number}.{}", instance.leases);
        self.leases.insert(token.to_owned(), (name.clone(), self.now + TTL));
        instance.lease = Some((token.to_owned(), name.clone(), Some(self.now + TTL)));
        Ok(name)
    }

    /// An instance that sends or has sent a token goes on holding its lease.
    pub(super) fn beat(&mut self, number: usize) {
        let instance = &mut self.instances[number];
        let is_at_work = match &instance.phase {
            Phase::Waits(..) => true,
            Phase::Runs(exchange) => {
                matches!(exchange.step(), Step::Send(_) | Step::Read(_) | Step::Change(_))
            }
            Phase::Ended(_) | Phase::Crashed => false,
        };
        let Some((token, name, right)) = instance.lease.as_mut().filter(|_| is_at_work) else { return };
        let now = self.now;
        match self.leases.get_mut(token).filter(|(_, ends)| *ends > now) {
            Some((holder, ends)) if holder == name => {
                *ends = now + TTL;
                if right.is_some() {
                    *right = Some(now + TTL);
                }
            }
            Some(_) => *right = None,
            None => {
                *right = None;
                self.leases.insert(token.clone(), (name.clone(), now + TTL));
            }
        }
    }

    /// The provider gets a token.
    fn send(&mut self, instance: &Instance, token: &SecretString, going: Going<'_>) -> Exchanged {
        let text = token.expose_secret().to_owned();
        let (_, name, _) = instance.lease.as_ref().expect("a token is sent under a lease");
        let holder = self.leases.get(&text).filter(|(_, ends)| *ends > self.now);
        assert!(
            holder.is_some_and(|(holder, _)| holder == name),
            "a token is sent by an instance that holds no lease of it"
        );
        *self.provider.sends.entry(text.clone()).or_default() += 1;
        let is_good = !self.provider.is_over && text == name_of(self.provider.good);
        if !is_good {
            self.provider.is_over = true;
            return Exchanged::new(Err(TokenError::InvalidGrant.into()), token.clone());
        }
        self.provider.good += 1;
        let renewed = Renewed {
            access_token: format!("{} for {}", text, going.setting.audiences[going.number]).into(),
            expires_at: None,
            scope: None,
            id_token: None,
        };
        Exchanged::new(Ok(Arc::new(renewed)), world::token(self.provider.good))
    }

    /// The store failed while the others were told. After some time the instance gives up.
    fn fail_to_tell(&mut self, instance: &mut Instance, exchange: &mut Exchange) {
        instance.failures += 1;
        if instance.failures > MAX_FAILURES {
            exchange.give_up_telling();
            (self.is_excused, self.is_untold) = (true, true);
        } else {
            exchange.tell_again();
        }
    }
}

/// The token that a machine is about to send, or has sent.
fn held_token(exchange: &Exchange) -> SecretString {
    match exchange.step() {
        Step::Send(token) => token.clone(),
        step => panic!("{step:?} is not the step of a machine that waits for the provider"),
    }
}

/// The time that a lease lasts, in ticks, and the time that a request to the provider may take to leave.
const TTL: u8 = 3;
const CONNECT: u8 = 1;
/// The number of times that an instance tries to tell the others.
const MAX_FAILURES: u8 = 1;
const GRACE: Duration = Duration::from_secs(30);
const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);
