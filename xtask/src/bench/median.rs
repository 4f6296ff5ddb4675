//! The middle of several measurements: one disturbed round does not move it.

use std::time::Duration;

/// The middle one, or the mean of the two in the middle; zero for none.
pub(crate) fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    let half = rounds.len() / 2;
    match (rounds.get(half.wrapping_sub(1)), rounds.get(half)) {
        (_, None) => Duration::ZERO,
        (Some(low), Some(high)) if rounds.len().is_multiple_of(2) => (*low + *high) / 2,
        (_, Some(middle)) => *middle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        let of = |rounds: &[u64]| median(rounds.iter().copied().map(Duration::from_secs).collect());
        assert_eq!(of(&[]), Duration::ZERO);
        assert_eq!(of(&[7]), Duration::from_secs(7));
        assert_eq!(of(&[9, 1]), Duration::from_secs(5));
        assert_eq!(of(&[900, 1, 2]), Duration::from_secs(2));
        assert_eq!(of(&[4, 1, 900, 2]), Duration::from_secs(3));
    }
}
