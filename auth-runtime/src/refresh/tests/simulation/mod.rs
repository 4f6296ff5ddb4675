//! The simulation of refresh tokens that are sent twice, because requests of one session reach several instances. These
//! share nothing about refreshes, or share a lease. The figures are in `docs/scaling.md`.
//!
//! The instances run the shipped code from the entries in memory on. Made up are the browser, the network, the store
//! and the provider, and time is tokio's paused time.

mod random;
mod world;

use std::time::Duration;

use self::world::World;

/// The load that browsers make.
#[derive(Clone, Copy, Debug)]
struct Load {
    /// The mean time from one page to the next.
    page_every: Duration,
    /// The number of requests that a page makes at once.
    requests: usize,
    /// The number of pages in 1,000 that get no answer: the user has gone on, or the connection is lost.
    lost: u64,
}

/// The service, and the sessions to simulate.
#[derive(Clone, Copy, Debug)]
struct Setting {
    /// The number of instances. Each request goes to a random one.
    instances: usize,
    /// True if the instances share a store for leases.
    lease: bool,
    load: Load,
    sessions: u32,
    /// The number of times that the access token of each session expires.
    expiries: u32,
    /// The seed of the random numbers.
    seed: u64,
}

/// The figures of a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    /// The number of expiries of all sessions.
    expiries: u32,
    /// The number of requests to the provider.
    token_requests: u32,
    /// The number of expiries at which a refresh token was sent again: a strict provider ends the session.
    reused: u32,
    /// The number of those at which it was sent later than the leeway, or after its successor.
    reused_beyond_leeway: u32,
    /// The times that requests with an expired access token waited in the service, the shortest first.
    waits: Vec<Duration>,
}

/// Simulates all sessions, one after the other.
fn simulate(setting: &Setting) -> Report {
    let mut report = Report { expiries: setting.sessions * setting.expiries, ..Report::default() };
    for session in 0..setting.sessions {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async { World::new(*setting).run(session, &mut report).await });
    }
    report.waits.sort_unstable();
    report
}

impl Report {
    fn row(&self) -> String {
        let [requests, reused, beyond] = [self.token_requests, self.reused, self.reused_beyond_leeway]
            .map(|number| f64::from(number) / f64::from(self.expiries));
        let [median, late] =
            [50, 99].map(|percent| self.waits[(self.waits.len() * percent).div_ceil(100) - 1]);
        let (reused, beyond) = (reused * 100.0, beyond * 100.0);
        format!(
            "{requests:.2} | {reused:.1} % | {beyond:.2} % | {} ms | {} ms",
            median.as_millis(),
            late.as_millis()
        )
    }
}

#[test]
fn one_instance_sends_no_token_twice_and_asks_once() {
    for load in [ONE_BY_ONE, PAGES, LOST] {
        assert_asks_once(&of(1, false, load), load);
    }
}

#[test]
fn race_05_with_a_lease_no_token_is_sent_twice_however_many_instances_there_are() {
    for instances in [2, 8] {
        for load in [ONE_BY_ONE, PAGES, LOST] {
            assert_asks_once(&of(instances, true, load), load);
        }
    }
}

/// Where answers are lost, the provider is asked again when the browser comes back with an old cookie.
fn assert_asks_once(report: &Report, load: Load) {
    assert_eq!((report.reused, report.reused_beyond_leeway), (0, 0), "{load:?}");
    assert!(load.lost > 0 || report.token_requests == report.expiries, "{load:?} {}", report.token_requests);
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_seed_others() {
    let setting = Setting { instances: 4, lease: false, load: LOST, sessions: 20, expiries: 5, seed: 1 };
    assert_eq!(simulate(&setting), simulate(&setting));
    assert_ne!(simulate(&setting), simulate(&Setting { seed: 2, ..setting }));
}

/// A request sends the token again if it is sent within the first refresh and the ways to and fro, and comes to another
/// instance.
#[test]
fn where_chance_can_be_calculated_the_simulation_agrees() {
    let window = (REFRESH + 2 * HOP).as_secs_f64();
    for instances in [2_u32, 32] {
        let expected = 1.0 - (-window * (1.0 - 1.0 / f64::from(instances))).exp();
        let report = of(instances as usize, false, ONE_BY_ONE);
        let share = f64::from(report.reused) / f64::from(report.expiries);
        assert!((share - expected).abs() < 0.04, "{instances}: {share} instead of {expected}");
    }
    // Six requests at once all come to the same one of two instances once in 32 times.
    let report = of(2, false, PAGES);
    let share = f64::from(report.reused) / f64::from(report.expiries);
    assert!((share - 31.0 / 32.0).abs() < 0.02, "{share}");
}

#[test]
fn a_request_waits_for_one_refresh_and_for_the_store() {
    for load in [ONE_BY_ONE, PAGES, LOST] {
        assert_eq!(of(8, false, load).waits.last(), Some(&REFRESH));
        // An instance that waits for another one looks at growing intervals of up to 50 ms.
        assert!(of(8, true, load).waits.last() <= Some(&(REFRESH + 20 * STORE + Duration::from_millis(50))));
    }
}

#[test]
fn a_leeway_covers_all_but_answers_that_were_lost() {
    for instances in [8, 32] {
        assert_eq!(of(instances, false, PAGES).reused_beyond_leeway, 0);
        assert!(of(instances, false, LOST).reused_beyond_leeway > 0);
    }
}

fn of(instances: usize, lease: bool, load: Load) -> Report {
    let sessions = if lease { 20 } else { 200 };
    simulate(&Setting { instances, lease, load, sessions, expiries: 5, seed: 1 })
}

#[test]
#[ignore = "takes minutes: cargo test --release -p auth-runtime --features testing --lib simulation -- --ignored --nocapture"]
fn the_figures_of_scaling_md() {
    for (name, load) in [("one by one", ONE_BY_ONE), ("pages", PAGES), ("1 page in 100 unanswered", FEW_LOST)]
    {
        println!("\n{name}\n");
        println!("| instances | token requests per expiry | sent again | with a leeway | median | p99 |");
        println!("|---|---|---|---|---|---|");
        for (lease, sessions) in [(false, 20_000), (true, 1_000)] {
            for instances in [1, 2, 4, 8, 16, 32] {
                let setting = Setting { instances, lease, load, sessions, expiries: 10, seed: 1 };
                let with = if lease { ", with a lease" } else { "" };
                println!("| {instances}{with} | {} |", simulate(&setting).row());
            }
        }
    }
}

const ONE_BY_ONE: Load = Load { page_every: Duration::from_secs(1), requests: 1, lost: 0 };
const PAGES: Load = Load { page_every: Duration::from_secs(30), requests: 6, lost: 0 };
const FEW_LOST: Load = Load { lost: 10, ..PAGES };
const LOST: Load = Load { lost: 100, ..PAGES };

/// The time from sending a refresh token to having the answer.
const REFRESH: Duration = Duration::from_millis(200);
/// The time from the browser to the service, or back.
const HOP: Duration = Duration::from_millis(25);
/// The time of one question to the store, and its answer.
const STORE: Duration = Duration::from_millis(2);
