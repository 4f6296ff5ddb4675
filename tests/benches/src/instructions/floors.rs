//! What a refusal costs beside what it costs at least, both counted in the same run.

use std::fmt::Write as _;

use super::record::Counts;

/// Every kind of garbage beside its floor, for people.
pub(crate) fn table(counts: &Counts) -> String {
    let mut text =
        format!("{:<32} {:>10} {:>10} {:>6}\n", "refusals, with libc", "refused", "floor", "ratio");
    for (name, refused, floor) in pairs(counts) {
        let (floor, ratio) = match floor {
            Some(floor) => (floor.to_string(), format!("{:.2}", ratio(refused, floor))),
            None => ("-".to_owned(), String::new()),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", format!("{name:<32} {refused:>10} {floor:>10} {ratio:>6}").trim_end());
    }
    text
}

/// Checks whether every kind of garbage is refused at a price that its floor justifies. The error is the beginning of
/// a sentence.
pub(crate) fn verdict(counts: &Counts) -> Result<(), String> {
    let pairs = pairs(counts);
    if pairs.is_empty() {
        return Err("no kind of garbage was counted".to_owned());
    }
    let is_dear = |(_, refused, floor): &(&str, u64, Option<u64>)| {
        floor.is_none_or(|floor| *refused > MAX_RATIO * floor)
    };
    let dear: Vec<_> = pairs.into_iter().filter(is_dear).map(|(name, ..)| name).collect();
    if dear.is_empty() {
        return Ok(());
    }
    Err(format!("more than {MAX_RATIO} times the floor, or no floor: {}", dear.join(", ")))
}

/// The name of each kind, what its refusal took, and what it takes at least.
fn pairs(counts: &Counts) -> Vec<(&str, u64, Option<u64>)> {
    let of_garbage =
        counts.iter().filter_map(|(name, count)| Some((name, name.strip_prefix("garbage")?, count)));
    of_garbage
        .map(|(name, kind, count)| {
            let floor = counts.get(&format!("floor{kind}"));
            (name.as_str(), count.all, floor.map(|floor| floor.all))
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn ratio(refused: u64, floor: u64) -> f64 {
    refused as f64 / floor as f64
}

/// Garbage may cost that many times what it must cost. A request that costs a sender little must not cost this service more.
const MAX_RATIO: u64 = 3;

#[cfg(test)]
mod tests {
    use super::super::record::Count;
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> Counts {
        counts.iter().map(|&(name, all)| (name.to_owned(), Count { ours: 1, all })).collect()
    }

    #[test]
    fn a_refusal_costs_at_most_three_times_its_floor() {
        for (refused, is_red) in [(300, false), (301, true)] {
            let counts =
                counts(&[("garbage[x,tag]", refused), ("floor[x,tag]", 100), ("reject[x,1kB]", 10_000)]);
            assert_eq!(verdict(&counts).is_err(), is_red, "{refused}");
            assert!(table(&counts).contains("3.0"), "{}", table(&counts));
        }
    }

    #[test]
    fn each_kind_has_a_floor_of_its_own() {
        let counts = counts(&[("garbage[x,tag]", 1), ("floor[y,tag]", 100), ("floor[x,header]", 100)]);
        assert!(verdict(&counts).unwrap_err().contains("garbage[x,tag]"));
    }

    #[test]
    fn that_nothing_was_counted_is_a_failure() {
        assert!(verdict(&counts(&[("floor[x,tag]", 100)])).is_err());
    }
}
