//! Random numbers that are the same at every run.

/// `SplitMix64` (Steele, Lea and Flood 2014): enough for a simulation, and eight lines.
pub(super) struct Random(u64);

impl Random {
    /// A sequence of its own for each list of seeds.
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

    /// One of `0..bound`, all equally likely but for what 64 bits cannot show.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let scaled = (u128::from(self.next()) * u128::from(bound)) >> 64;
        u64::try_from(scaled).unwrap_or_default()
    }

    /// A place in a list of this length. What falls apart into two halves of a short list does so in a longer one.
    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    /// The time to the next event of a Poisson process.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time far below 2^53, and not negative"
    )]
    pub(super) fn exponential(&mut self, mean: u64) -> u64 {
        let uniform = ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        (-uniform.ln() * mean as f64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_as_they_should_be() {
        let mut random = Random::of([1, 2, 3]);
        let mean = |mut next: Box<dyn FnMut() -> u64>| (0..100_000).map(|_| next()).sum::<u64>() / 100_000;
        let mut other = Random::of([3, 2, 1]);
        assert!(mean(Box::new(move || random.exponential(1_000))).abs_diff(1_000) < 20);
        assert!(mean(Box::new(move || other.below(2_001))).abs_diff(1_000) < 20);
    }
}
