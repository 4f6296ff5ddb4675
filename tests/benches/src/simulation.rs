//! What becomes of refresh tokens when requests of one session reach several instances of a service, which share nothing
//! about refreshes or share a lease.

mod model;
mod random;

use self::model::{
    HOP, LEEWAY, Load, MILLISECOND, Outcome, REFRESH, SECOND, STORE, Settings, TOKEN_LIFETIME,
};
use crate::figure::Figure;

const INSTANCES: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// What browsers do, with what the names of the figures say of it.
const LOADS: [(&str, &str, Load); 3] = [
    ("", "a request a second on average", Load { page_every: SECOND, requests: 1, lost: 0 }),
    (
        ",pages",
        "a page every 30 s on average, six requests at once",
        Load { page_every: 30 * SECOND, requests: 6, lost: 0 },
    ),
    (
        ",lost",
        "the same, and of 1 page in 100 no answer arrives",
        Load { page_every: 30 * SECOND, requests: 6, lost: 10 },
    ),
];

/// Runs all of it: a table for people on stderr, the figures on stdout.
pub fn run(sessions: u64, expiries: u64, seed: u64) {
    eprintln!(
        "access tokens live {} s, a refresh takes {} ms, the way to the browser {} ms, the store {} ms, the leeway is {} s",
        TOKEN_LIFETIME / SECOND,
        REFRESH / MILLISECOND,
        HOP / MILLISECOND,
        STORE / MILLISECOND,
        LEEWAY / SECOND
    );
    for (suffix, description, load) in LOADS {
        eprintln!("\n{description}; {} expiries\n", sessions * expiries);
        eprintln!(
            "| instances | lease | token requests per expiry | reused | beyond the leeway | p50 | p99 |"
        );
        eprintln!("|---|---|---|---|---|---|---|");
        let mut alone = None;
        for lease in [false, true] {
            for instances in INSTANCES {
                let settings = Settings { instances, lease, load, sessions, expiries, seed };
                let row = Row::of(&model::simulate(&settings));
                let alone = alone.get_or_insert_with(|| row.clone());
                row.print(&settings, suffix, alone);
            }
        }
    }
}

/// One line of the table.
#[derive(Clone)]
struct Row {
    requests_per_expiry: f64,
    reuse: f64,
    reuse_beyond_leeway: f64,
    wait_p50: f64,
    wait_p99: f64,
    expiries: usize,
}

impl Row {
    fn of(outcome: &Outcome) -> Self {
        let per_expiry = |number| ratio(number, outcome.expiries);
        let wait = |percent| ratio(percentile(&outcome.waits, percent), MILLISECOND);
        Self {
            requests_per_expiry: per_expiry(outcome.token_requests),
            reuse: per_expiry(outcome.reused),
            reuse_beyond_leeway: per_expiry(outcome.reused_beyond_leeway),
            wait_p50: wait(50),
            wait_p99: wait(99),
            expiries: usize::try_from(outcome.expiries).unwrap_or(usize::MAX),
        }
    }

    /// `alone` is the one instance that shares nothing because there is nobody to share with.
    fn print(&self, settings: &Settings, suffix: &str, alone: &Self) {
        let lease = if settings.lease { "lease" } else { "none" };
        eprintln!(
            "| {} | {lease} | {:.3} | {:.2} % | {:.2} % | {:.0} ms | {:.0} ms |",
            settings.instances,
            self.requests_per_expiry,
            self.reuse * 100.0,
            self.reuse_beyond_leeway * 100.0,
            self.wait_p50,
            self.wait_p99
        );
        let name = |what: &str| format!("simulation/{what}[{},{lease}{suffix}]", settings.instances);
        let compare = |what: &str, unit: &str, value, baseline| {
            Figure::of(name(what), unit, value, baseline, self.expiries).print();
        };
        // One instance never sends a token twice, and nothing can be divided by that: the ratio is the share of all expiries.
        let share = |what: &str, value, baseline| {
            let (name, unit) = (name(what), "of all expiries".to_owned());
            Figure { name, unit, value, baseline, ratio: value, n: self.expiries }.print();
        };
        compare("requests-per-expiry", "requests", self.requests_per_expiry, alone.requests_per_expiry);
        share("reuse", self.reuse, alone.reuse);
        share("reuse-beyond-leeway", self.reuse_beyond_leeway, alone.reuse_beyond_leeway);
        compare("wait-p50", "ms", self.wait_p50, alone.wait_p50);
        compare("wait-p99", "ms", self.wait_p99, alone.wait_p99);
    }
}

/// Of sorted values; zero of none.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_occurred() {
        assert_eq!(percentile(&[1, 2, 3, 4], 50), 2);
        assert_eq!(percentile(&[1, 2, 3, 4], 99), 4);
        assert_eq!(percentile(&[7], 50), 7);
        assert_eq!(percentile(&[], 50), 0);
    }
}
