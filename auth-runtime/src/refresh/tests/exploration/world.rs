//! A moment of the exploration: the instances, the store, the provider, and what may happen next.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret, SecretString};

use super::Setting;
use super::steps::Going;
use crate::refresh::exchange::{Exchange, SharedEntry, Step};
use crate::refresh::outcome::{Exchanged, Purpose};
use crate::refresh::refresher::Wanted;

/// All that is the case at a moment.
#[derive(Clone)]
pub(super) struct World {
    pub(super) instances: Vec<Instance>,
    /// The store's entries by token.
    pub(super) entries: BTreeMap<String, String>,
    /// The store's leases by token: the holder, and when the store lets it go.
    pub(super) leases: BTreeMap<String, (String, u8)>,
    pub(super) provider: Provider,
    pub(super) sign_out: SignOut,
    pub(super) now: u8,
    pub(super) faults: u8,
    /// The tokens that browsers may have: the first one, and those that requests were given.
    pub(super) given: BTreeSet<String>,
    /// A fault after which a token may be sent twice: an instance that had sent it could not tell the others.
    pub(super) is_excused: bool,
    /// An instance gave up telling the others, so that a sign-out elsewhere does not know of its new token.
    pub(super) is_untold: bool,
}

#[derive(Clone)]
pub(super) struct Instance {
    pub(super) phase: Phase,
    /// The token whose lease is held, and until when the instance may send by its own clock.
    pub(super) lease: Option<(String, String, Option<u8>)>,
    /// The number of leases that it asked for.
    pub(super) leases: u8,
    /// The number of times that it was not able to tell the others.
    pub(super) failures: u8,
}

#[derive(Clone)]
pub(super) enum Phase {
    /// The machine takes its next step.
    Runs(Exchange),
    /// The token is on its way to the provider, or the answer on its way back.
    Waits(Exchange, Exchanged),
    /// The outcome's access token, if it has one.
    Ended(Option<String>),
    Crashed,
}

/// A provider at which each refresh token is good once. One that comes a second time ends them all.
#[derive(Clone, Default)]
pub(super) struct Provider {
    /// The number of the token that is good.
    pub(super) good: u8,
    pub(super) is_over: bool,
    /// The number of times that each token came.
    pub(super) sends: BTreeMap<String, u8>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum SignOut {
    Never,
    /// The sign-out may begin.
    Possible,
    /// This token is the next one to end.
    At(String),
    Done,
}

/// An event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// An instance takes its step.
    Step(usize),
    /// The step is carried out, and the instance is told that it was not.
    AnswerLost(usize),
    /// The step is not carried out.
    StepLost(usize),
    Crash(usize),
    /// The caller of an instance waits no longer.
    Impatience(usize),
    /// The user's sign-out takes its step.
    SignOut,
    /// Time passes for all instances, or for all but one, which stands still.
    Tick(Option<usize>),
}

impl World {
    pub(super) fn new(setting: &Setting) -> Self {
        let instance = |audience: &&str| Instance {
            phase: Phase::Runs(Exchange::new(token(0), purpose(audience), false)),
            lease: None,
            leases: 0,
            failures: 0,
        };
        Self {
            instances: setting.audiences.iter().map(instance).collect(),
            entries: BTreeMap::new(),
            leases: BTreeMap::new(),
            provider: Provider::default(),
            sign_out: if setting.signs_out { SignOut::Possible } else { SignOut::Never },
            now: 0,
            faults: setting.faults,
            given: BTreeSet::from([name_of(0)]),
            is_excused: false,
            is_untold: false,
        }
    }

    /// A text that differs where two worlds differ.
    pub(super) fn describe(&self) -> String {
        let instances = self.instances.iter().map(|instance| {
            let phase = match &instance.phase {
                Phase::Runs(exchange) => exchange.describe(),
                Phase::Waits(exchange, _) => format!("waits {}", exchange.describe()),
                Phase::Ended(outcome) => format!("{outcome:?}"),
                Phase::Crashed => "crashed".to_owned(),
            };
            format!("{phase} {:?} {} {}\n", instance.lease, instance.leases, instance.failures)
        });
        let sign_out = match &self.sign_out {
            SignOut::At(token) => token,
            SignOut::Never | SignOut::Possible => "-",
            SignOut::Done => "+",
        };
        let provider = format!("{} {} {:?}", self.provider.good, self.provider.is_over, self.provider.sends);
        let rest =
            format!("{} {} {:?} {} {}", self.now, self.faults, self.given, self.is_excused, self.is_untold);
        let store = format!("{:?} {:?}", self.entries, self.leases);
        format!("{}{store}{provider}{sign_out}{rest}", instances.collect::<String>())
    }

    /// Returns the events that may come next.
    pub(super) fn events(&self, setting: &Setting) -> Vec<Event> {
        let mut events = Vec::new();
        for (number, instance) in self.instances.iter().enumerate() {
            let (can_be_lost, is_waiting) = match &instance.phase {
                Phase::Runs(exchange) => {
                    let step = exchange.step();
                    (!matches!(step, Step::Pause | Step::Send(_)), matches!(step, Step::Pause))
                }
                Phase::Waits(..) => (true, false),
                Phase::Ended(_) | Phase::Crashed => continue,
            };
            events.push(Event::Step(number));
            if self.faults > 0 {
                events.push(Event::Crash(number));
                if is_waiting {
                    events.push(Event::Impatience(number));
                }
                if can_be_lost {
                    events.extend([Event::AnswerLost(number), Event::StepLost(number)]);
                }
            }
        }
        if matches!(self.sign_out, SignOut::Possible | SignOut::At(_)) {
            events.push(Event::SignOut);
        }
        if self.now < setting.ticks {
            events.push(Event::Tick(None));
            if self.faults > 0 {
                events.extend((0..self.instances.len()).map(|number| Event::Tick(Some(number))));
            }
        }
        events
    }

    /// Returns the world that follows from an event.
    pub(super) fn after(mut self, event: Event, setting: &Setting) -> Self {
        match event {
            Event::Step(number) => self.run(Going { number, setting, is_done: true, is_heard: true }),
            Event::AnswerLost(number) => {
                self.faults -= 1;
                self.run(Going { number, setting, is_done: true, is_heard: false });
            }
            Event::StepLost(number) => {
                self.faults -= 1;
                self.run(Going { number, setting, is_done: false, is_heard: false });
            }
            Event::Crash(number) => {
                self.faults -= 1;
                self.excuse_if_sent(number);
                self.instances[number].phase = Phase::Crashed;
            }
            Event::Impatience(number) => {
                self.faults -= 1;
                if let Phase::Runs(exchange) = &mut self.instances[number].phase {
                    exchange.paused(false);
                }
            }
            Event::SignOut => self.sign_out(),
            Event::Tick(still) => {
                self.now += 1;
                if let Some(number) = still {
                    self.faults -= 1;
                    self.excuse_if_sent(number);
                }
                for number in 0..self.instances.len() {
                    if Some(number) != still {
                        self.beat(number);
                    }
                }
            }
        }
        self
    }

    /// An instance that has sent a token and not told the others may be followed by another one that sends it.
    fn excuse_if_sent(&mut self, number: usize) {
        self.is_excused |= match &self.instances[number].phase {
            Phase::Waits(..) => true,
            Phase::Runs(exchange) => matches!(exchange.step(), Step::Read(_) | Step::Change(_)),
            Phase::Ended(_) | Phase::Crashed => false,
        };
    }

    /// Ends the tokens one after the other, as an instance does that is told of a sign-out.
    fn sign_out(&mut self) {
        let token = match &self.sign_out {
            SignOut::At(token) => token.clone(),
            _ => name_of(0),
        };
        let mut entry = self.entry(&token).unwrap_or_default();
        let next = entry.next().map(|next| next.expose_secret().to_owned());
        entry.end();
        self.entries.insert(token, entry.to_text().unwrap().to_string());
        self.sign_out = next.map_or(SignOut::Done, SignOut::At);
    }

    pub(super) fn entry(&self, token: &str) -> Option<SharedEntry> {
        self.entries.get(token).map(|text| SharedEntry::parse(text).unwrap())
    }

    /// Checks the rules that hold at every moment.
    ///
    /// - No refresh token is sent twice, unless an instance that had sent it crashed, stood still, heard no answer, or found
    ///   no store to tell. ([`World::send`] checks besides that the sender has the lease.)
    /// - No instance has a token of another purpose than its own.
    /// - A user who signed out and a provider that was asked by one instance at a time go on as they should: see
    ///   [`World::check_end`].
    pub(super) fn check(&self, setting: &Setting) -> Result<(), String> {
        if !self.is_excused && self.provider.sends.values().any(|count| *count > 1) {
            return Err(format!("a token was sent twice: {:?}", self.provider.sends));
        }
        for (instance, audience) in self.instances.iter().zip(&setting.audiences) {
            if let Phase::Ended(Some(outcome)) = &instance.phase
                && !outcome.ends_with(&format!(" for {audience}"))
            {
                return Err(format!("a token for {audience} is {outcome}"));
            }
        }
        Ok(())
    }

    /// Checks the rule that holds when nothing is under way any more: a request that comes with any of the user's tokens
    /// gets what it wants, unless there is an excuse; and nothing after a sign-out, if all instances know of the tokens.
    pub(super) fn check_end(&self, setting: &Setting) -> Result<(), String> {
        for number in 0..=self.provider.good {
            let mut world = self.clone();
            // All leases have ended.
            world.now = world.leases.values().map(|(_, ends)| *ends).max().unwrap_or(0).max(world.now);
            let exchange = Exchange::new(token(number), purpose(setting.audiences[0]), false);
            let late = &mut world.instances[0];
            *late = Instance { phase: Phase::Runs(exchange), lease: None, leases: 100, failures: 0 };
            for _ in 0..100 {
                world.run(Going { number: 0, setting, is_done: true, is_heard: true });
            }
            let Phase::Ended(outcome) = &world.instances[0].phase else {
                return Err("a late request does not end".to_owned());
            };
            match (&self.sign_out, outcome) {
                (SignOut::Done, Some(outcome))
                    if !self.is_untold && self.given.contains(&name_of(number)) =>
                {
                    return Err(format!("after the sign-out {} yields {outcome}", name_of(number)));
                }
                (SignOut::Never, None) if !self.is_excused => {
                    return Err(format!("{} yields nothing, and there is no excuse", name_of(number)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn is_at_its_end(&self) -> bool {
        let is_ended = |instance: &Instance| matches!(instance.phase, Phase::Ended(_) | Phase::Crashed);
        self.instances.iter().all(is_ended) && matches!(self.sign_out, SignOut::Never | SignOut::Done)
    }
}

pub(super) fn name_of(number: u8) -> String {
    format!("t{number}")
}

pub(super) fn token(number: u8) -> SecretString {
    name_of(number).into()
}

fn purpose(audience: &str) -> Purpose {
    Purpose::of(&Wanted { audience: Some(audience.to_owned()), ..Wanted::default() })
}
