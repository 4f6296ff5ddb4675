//! One session at a time: its browser, the instances of the service, the store that they may share, and the provider, as events
//! in the order of their times.
//!
//! Left out is what changes nothing: requests whose access token is still good. Pages come as a Poisson process, which has no
//! memory, so what follows an expiry is a process of its own.
//!
//! The provider of the model accepts every refresh token, and what a real one would make of it is counted beside: how a
//! session goes on after a refused one is then no question, and each expiry counts by itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::random::Random;

/// Microseconds.
pub(super) type Time = u64;

pub(super) const MILLISECOND: Time = 1_000;
pub(super) const SECOND: Time = 1_000 * MILLISECOND;

/// How long an access token lives.
pub(super) const TOKEN_LIFETIME: Time = 3_600 * SECOND;
/// From sending a refresh token to having the answer.
pub(super) const REFRESH: Time = 200 * MILLISECOND;
/// From the browser to the service, or back.
pub(super) const HOP: Time = 25 * MILLISECOND;
/// One question to the store that the instances share, and its answer.
pub(super) const STORE: Time = 2 * MILLISECOND;
/// How long a renewed token is for those who come late: the service's default.
pub(super) const GRACE: Time = 30 * SECOND;
/// How long an instance remembers by what a refresh token was replaced.
pub(super) const KEPT: Time = 3_600 * SECOND;
/// How long a lenient provider takes a refresh token again.
pub(super) const LEEWAY: Time = 10 * SECOND;

/// What the browsers do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// From one page to the next, on average.
    pub(super) page_every: Time,
    /// How many requests a page makes at once.
    pub(super) requests: usize,
    /// How often in 1,000 pages no answer arrives: the user has gone on, or the connection is lost.
    pub(super) lost: u64,
}

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// How many instances of the service there are. Each request goes to any of them.
    pub(super) instances: usize,
    /// Whether they share who refreshes, and the outcome.
    pub(super) lease: bool,
    /// What comes in.
    pub(super) load: Load,
    /// How many sessions.
    pub(super) sessions: u64,
    /// How often the access token of each expires.
    pub(super) expiries: u64,
    /// Where the random numbers start.
    pub(super) seed: u64,
}

/// What it came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Of all sessions together.
    pub(super) expiries: u64,
    /// What the provider was asked.
    pub(super) token_requests: u64,
    /// Expiries at which a refresh token was sent again: a strict provider ends the session.
    pub(super) reused: u64,
    /// Those of them at which it was sent later than the leeway, or after its successor.
    pub(super) reused_beyond_leeway: u64,
    /// How long requests with an expired token waited in the service, shortest first.
    pub(super) waits: Vec<Time>,
}

/// Simulates all sessions.
pub(super) fn simulate(settings: &Settings) -> Outcome {
    let mut outcome = Outcome { expiries: settings.sessions * settings.expiries, ..Outcome::default() };
    for session in 0..settings.sessions {
        World::new(settings).run(session, &mut outcome);
    }
    outcome.waits.sort_unstable();
    outcome
}

/// A session as the browser has it: a refresh token, by its number, and when the access token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cookie {
    token: usize,
    ends: Time,
}

/// A chain in an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    instance: usize,
    chain: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    arrived: Time,
    is_lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Page,
    Request { instance: usize, token: usize, is_lost: bool },
    AtStore { place: Place, token: usize },
    AtProvider { place: Place, lease: Option<usize>, token: usize },
    Granted { place: Place, lease: Option<usize>, cookie: Cookie },
    Written { lease: usize, cookie: Cookie },
    Settled { place: Place, cookie: Cookie },
    AtBrowser { cookie: Cookie },
}

/// What is known of a refresh token and its successors, and who waits for the next one.
struct Chain<W> {
    tokens: Vec<usize>,
    settled: Option<(Cookie, Time)>,
    is_busy: bool,
    waiting: Vec<W>,
}

/// The chains of an instance, or of the store.
struct Chains<W>(Vec<Chain<W>>);

/// What somebody is told who asks for the outcome.
enum Told {
    Wait,
    Outcome(Cookie),
    /// Send this one.
    Send(usize),
}

impl<W> Chains<W> {
    /// The chain of this token; a new one if it is not known.
    fn find_or_begin(&mut self, token: usize) -> usize {
        let known = self.0.iter().position(|chain| chain.tokens.contains(&token));
        known.unwrap_or_else(|| {
            self.0.push(Chain { tokens: vec![token], settled: None, is_busy: false, waiting: Vec::new() });
            self.0.len() - 1
        })
    }

    /// One that is told to wait or to send is told the outcome later.
    fn ask(&mut self, chain: usize, who: W, now: Time) -> Told {
        let chain = &mut self.0[chain];
        let recent = chain.settled.filter(|(cookie, at)| now - at < GRACE && cookie.ends > now);
        if let (Some((cookie, _)), false) = (recent, chain.is_busy) {
            return Told::Outcome(cookie);
        }
        chain.waiting.push(who);
        if chain.is_busy {
            return Told::Wait;
        }
        chain.is_busy = true;
        Told::Send(chain.tokens[chain.tokens.len() - 1])
    }

    /// Gives those who waited.
    fn settle(&mut self, chain: usize, cookie: Cookie, now: Time) -> Vec<W> {
        let chain = &mut self.0[chain];
        chain.tokens.push(cookie.token);
        chain.settled = Some((cookie, now));
        chain.is_busy = false;
        std::mem::take(&mut chain.waiting)
    }

    /// Only while nobody waits.
    fn forget(&mut self, now: Time) {
        self.0.retain(|chain| chain.settled.is_some_and(|(_, at)| now - at < KEPT));
    }
}

/// A refresh token as the provider knows it.
#[derive(Default)]
struct Issued {
    parent: Option<usize>,
    spent: Option<Time>,
    is_successor_spent: bool,
}

/// What the provider noticed at one expiry.
#[derive(Default)]
struct Noticed {
    reused: bool,
    beyond_leeway: bool,
}

struct World<'s> {
    settings: &'s Settings,
    random: Random,
    now: Time,
    /// The earliest first; those of one time in the order in which they were put there.
    queue: BinaryHeap<Reverse<(Time, u64, Event)>>,
    queued: u64,
    cookie: Cookie,
    instances: Vec<Chains<Waiting>>,
    store: Chains<Place>,
    issued: Vec<Issued>,
    noticed: Noticed,
}

impl<'s> World<'s> {
    fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            random: Random::of([settings.seed, 0, 0]),
            now: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            cookie: Cookie { token: 0, ends: TOKEN_LIFETIME },
            instances: (0..settings.instances).map(|_| Chains(Vec::new())).collect(),
            store: Chains(Vec::new()),
            issued: vec![Issued::default()],
            noticed: Noticed::default(),
        }
    }

    fn run(mut self, session: u64, outcome: &mut Outcome) {
        for expiry in 0..self.settings.expiries {
            // Of its own, so that other settings meet the same pages and the same choices of instances.
            self.random = Random::of([self.settings.seed, session, expiry]);
            self.noticed = Noticed::default();
            self.now = self.cookie.ends - HOP;
            self.instances.iter_mut().for_each(|chains| chains.forget(self.now));
            self.store.forget(self.now);
            let first = self.random.exponential(self.settings.load.page_every);
            self.after(first, Event::Page);
            while let Some(Reverse((time, _, event))) = self.queue.pop() {
                self.now = time;
                self.happens(event, outcome);
            }
            outcome.reused += u64::from(self.noticed.reused);
            outcome.reused_beyond_leeway += u64::from(self.noticed.beyond_leeway);
        }
    }

    fn after(&mut self, delay: Time, event: Event) {
        self.queued += 1;
        self.queue.push(Reverse((self.now + delay, self.queued, event)));
    }

    fn happens(&mut self, event: Event, outcome: &mut Outcome) {
        match event {
            Event::Page => self.page(),
            Event::Request { instance, token, is_lost } => self.request(instance, token, is_lost, outcome),
            Event::AtStore { place, token } => self.at_store(place, token),
            Event::AtProvider { place, lease, token } => {
                outcome.token_requests += 1;
                let cookie = self.exchange(token);
                self.after(REFRESH / 2, Event::Granted { place, lease, cookie });
            }
            Event::Granted { lease: Some(lease), cookie, .. } => {
                self.after(STORE / 2, Event::Written { lease, cookie });
            }
            Event::Written { lease, cookie } => {
                for place in self.store.settle(lease, cookie, self.now) {
                    self.after(STORE / 2, Event::Settled { place, cookie });
                }
            }
            Event::Granted { place, lease: None, cookie } | Event::Settled { place, cookie } => {
                self.settled(place, cookie, outcome);
            }
            Event::AtBrowser { cookie } => self.cookie = cookie,
        }
    }

    /// All requests of a page carry the cookie that the browser has now. With one that will do, the storm is over.
    fn page(&mut self) {
        if self.cookie.ends > self.now + HOP {
            return;
        }
        let is_lost = self.random.below(1_000) < self.settings.load.lost;
        for _ in 0..self.settings.load.requests {
            let instance = self.random.index(self.settings.instances);
            self.after(HOP, Event::Request { instance, token: self.cookie.token, is_lost });
        }
        let next = self.random.exponential(self.settings.load.page_every);
        self.after(next, Event::Page);
    }

    fn request(&mut self, instance: usize, token: usize, is_lost: bool, outcome: &mut Outcome) {
        let chains = &mut self.instances[instance];
        let chain = chains.find_or_begin(token);
        let waiting = Waiting { arrived: self.now, is_lost };
        match chains.ask(chain, waiting, self.now) {
            Told::Wait => {}
            Told::Outcome(cookie) => self.answer(waiting, cookie, outcome),
            Told::Send(token) => {
                let place = Place { instance, chain };
                if self.settings.lease {
                    self.after(STORE / 2, Event::AtStore { place, token });
                } else {
                    self.after(REFRESH / 2, Event::AtProvider { place, lease: None, token });
                }
            }
        }
    }

    fn at_store(&mut self, place: Place, token: usize) {
        let lease = self.store.find_or_begin(token);
        match self.store.ask(lease, place, self.now) {
            Told::Wait => {}
            Told::Outcome(cookie) => self.after(STORE / 2, Event::Settled { place, cookie }),
            Told::Send(token) => {
                self.after(STORE / 2 + REFRESH / 2, Event::AtProvider { place, lease: Some(lease), token });
            }
        }
    }

    fn exchange(&mut self, token: usize) -> Cookie {
        let issued = &mut self.issued[token];
        if let Some(spent) = issued.spent {
            self.noticed.reused = true;
            self.noticed.beyond_leeway |= self.now - spent > LEEWAY || issued.is_successor_spent;
        } else {
            issued.spent = Some(self.now);
            if let Some(parent) = issued.parent {
                self.issued[parent].is_successor_spent = true;
            }
        }
        self.issued.push(Issued { parent: Some(token), ..Issued::default() });
        Cookie { token: self.issued.len() - 1, ends: self.now + TOKEN_LIFETIME }
    }

    fn settled(&mut self, place: Place, cookie: Cookie, outcome: &mut Outcome) {
        for waiting in self.instances[place.instance].settle(place.chain, cookie, self.now) {
            self.answer(waiting, cookie, outcome);
        }
    }

    fn answer(&mut self, waiting: Waiting, cookie: Cookie, outcome: &mut Outcome) {
        outcome.waits.push(self.now - waiting.arrived);
        if !waiting.is_lost {
            self.after(HOP, Event::AtBrowser { cookie });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_BY_ONE: Load = Load { page_every: SECOND, requests: 1, lost: 0 };
    const PAGES: Load = Load { page_every: 30 * SECOND, requests: 6, lost: 0 };
    const LOST: Load = Load { lost: 100, ..PAGES };

    fn of(instances: usize, lease: bool, load: Load) -> Outcome {
        simulate(&Settings { instances, lease, load, sessions: 500, expiries: 10, seed: 1 })
    }

    #[test]
    fn one_instance_sends_no_token_twice_and_asks_once() {
        for load in [ONE_BY_ONE, PAGES, LOST] {
            let outcome = of(1, false, load);
            assert_eq!((outcome.reused, outcome.reused_beyond_leeway), (0, 0), "{load:?}");
            assert!(load.lost > 0 || outcome.token_requests == outcome.expiries, "{load:?}");
        }
    }

    #[test]
    fn with_a_lease_no_token_is_sent_twice_however_many_instances_there_are() {
        for instances in [1, 2, 8, 32] {
            for load in [ONE_BY_ONE, PAGES, LOST] {
                let outcome = of(instances, true, load);
                assert_eq!((outcome.reused, outcome.reused_beyond_leeway), (0, 0), "{instances} {load:?}");
                let is_one_each = outcome.token_requests == outcome.expiries;
                assert!(load.lost > 0 || is_one_each, "{instances} {load:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_outcome_and_another_one_another() {
        let settings =
            Settings { instances: 4, lease: false, load: LOST, sessions: 50, expiries: 5, seed: 1 };
        assert_eq!(simulate(&settings), simulate(&settings));
        assert_ne!(simulate(&settings).waits, simulate(&Settings { seed: 2, ..settings }).waits);
    }

    #[test]
    fn more_instances_never_make_reuse_rarer() {
        for load in [ONE_BY_ONE, PAGES, LOST] {
            let mut before = 0;
            for instances in [1, 2, 4, 8, 16, 32] {
                let Outcome { reused, expiries, .. } = of(instances, false, load);
                assert!(reused + expiries / 100 >= before, "{instances} {load:?}: {reused} after {before}");
                before = reused;
            }
        }
    }

    /// Whoever sends within the first refresh and its way to and fro, and comes to another instance, sends the token again.
    #[test]
    fn where_chance_can_be_calculated_the_simulation_agrees() {
        let window = [REFRESH, HOP, HOP].iter().sum::<Time>();
        for instances in [2_u32, 8, 32] {
            let others = f64::from(u32::try_from(window).unwrap()) / 1e6 * (1.0 - 1.0 / f64::from(instances));
            let expected = 1.0 - (-others).exp();
            let outcome = of(instances as usize, false, ONE_BY_ONE);
            let share = f64::from(u32::try_from(outcome.reused).unwrap()) / 5_000.0;
            assert!((share - expected).abs() < 0.02, "{instances}: {share} instead of {expected}");
        }
        // Six at once all come to the same of two instances once in 32 times.
        let share = f64::from(u32::try_from(of(2, false, PAGES).reused).unwrap()) / 5_000.0;
        assert!((share - 31.0 / 32.0).abs() < 0.01, "{share}");
    }

    #[test]
    fn nobody_waits_longer_than_a_refresh_and_the_store_take() {
        for load in [ONE_BY_ONE, PAGES, LOST] {
            assert_eq!(of(8, false, load).waits.last(), Some(&REFRESH));
            assert_eq!(of(8, true, load).waits.last(), Some(&(REFRESH + 2 * STORE)));
        }
    }

    #[test]
    fn a_leeway_covers_all_but_answers_that_were_lost() {
        for instances in [2, 32] {
            assert_eq!(of(instances, false, PAGES).reused_beyond_leeway, 0);
            assert!(of(instances, false, LOST).reused_beyond_leeway > 0);
        }
    }
}
