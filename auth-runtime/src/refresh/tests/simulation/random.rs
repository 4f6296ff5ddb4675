//! Random numbers that are the same at every run.

use std::time::Duration;

/// `SplitMix64` (Steele, Lea and Flood 2014): enough for a simulation, and eight lines.
pub(super) struct Random(u64);

impl Random {
    /// Returns a sequence of its own for each list of seeds.
    pub(super) fn of(seeds: [u64; 3]) -> Self {
        let mut random = Self(0);
        for seed in seeds {
            random.0 ^= seed;
            random.0 = random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns one of `0..bound`, all of them equally likely up to the precision of 64 bits.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let scaled = (u128::from(self.next()) * u128::from(bound)) >> 64;
        u64::try_from(scaled).unwrap_or_default()
    }

    /// Returns a place in a list of this length.
    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// Returns the time to the next event of a Poisson process.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(super) fn exponential(&mut self, mean: Duration) -> Duration {
        let uniform = ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        mean.mul_f64(-uniform.ln())
    }
}

#[test]
fn means_are_as_they_should_be() {
    let mut random = Random::of([1, 2, 3]);
    let second = Duration::from_secs(1);
    let exponential = (0..100_000).map(|_| random.exponential(second)).sum::<Duration>() / 100_000;
    assert!(exponential.abs_diff(second) < second / 50);
    let below = (0..100_000).map(|_| random.below(2_001)).sum::<u64>() / 100_000;
    assert!(below.abs_diff(1_000) < 20);
}
