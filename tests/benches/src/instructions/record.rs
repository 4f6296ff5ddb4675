//! The counts that are checked in, and what it means that new ones differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::about;
use super::environment::Environment;

/// The instructions of one benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    /// Those in the benchmark's own program: ours and those of the dependencies.
    pub(crate) ours: u64,
    /// With those in the C library.
    pub(crate) all: u64,
}

/// By the name of the benchmark.
pub(crate) type Counts = BTreeMap<String, Count>;

/// What is checked in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// With what the counts were made.
    pub(crate) environment: Environment,
    /// The counts.
    pub(crate) counts: Counts,
}

impl Record {
    /// Reads the file.
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(about(file))?;
        serde_json::from_str(&text).map_err(about(file))
    }

    /// The file's text: a line per count, so that a difference is readable.
    pub(crate) fn to_text(&self) -> String {
        let environment = serde_json::to_string_pretty(&self.environment).expect("it is text");
        let line = |(name, Count { ours, all }): (&String, &Count)| {
            format!(r#"    {name:?}: {{ "ours": {ours}, "all": {all} }}"#)
        };
        let counts: Vec<_> = self.counts.iter().map(line).collect();
        format!(
            "{{\n  \"environment\": {},\n  \"counts\": {{\n{}\n  }}\n}}\n",
            environment.replace('\n', "\n  "),
            counts.join(",\n")
        )
    }

    /// Puts new counts beside the recorded ones. Without `with_libc`, only our own instructions are judged.
    pub(crate) fn compare(&self, counted: &Counts, with_libc: bool) -> Comparison {
        let mut names: Vec<_> = self.counts.keys().chain(counted.keys()).cloned().collect();
        names.sort_unstable();
        names.dedup();
        let row = |name: String| {
            let (recorded, counted) = (self.counts.get(&name).copied(), counted.get(&name).copied());
            Row { verdict: Verdict::of(recorded, counted, with_libc), name, recorded, counted }
        };
        Comparison(names.into_iter().map(row).collect())
    }
}

/// Recorded and new counts, side by side.
#[derive(Debug)]
pub(crate) struct Comparison(Vec<Row>);

#[derive(Debug)]
struct Row {
    name: String,
    recorded: Option<Count>,
    counted: Option<Count>,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    Grew,
    Shrank,
    /// On one side only: a benchmark that is new, or gone.
    NotRecorded,
    NotCounted,
}

impl Verdict {
    fn of(recorded: Option<Count>, counted: Option<Count>, with_libc: bool) -> Self {
        let (recorded, counted) = match (recorded, counted) {
            (Some(recorded), Some(counted)) => (recorded, counted),
            (None, _) => return Self::NotRecorded,
            (_, None) => return Self::NotCounted,
        };
        let grew = |before: u64, after: u64| after * 100 > before * (100 + TOLERANCE);
        let shrank = |before: u64, after: u64| after * 100 < before * (100 - TOLERANCE);
        if grew(recorded.ours, counted.ours) || with_libc && grew(recorded.all, counted.all) {
            Self::Grew
        } else if shrank(recorded.ours, counted.ours) || with_libc && shrank(recorded.all, counted.all) {
            Self::Shrank
        } else {
            Self::Same
        }
    }
}

impl Comparison {
    /// Every count with its recorded one, for people.
    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "{:<28} {:>10} {:>10} {:>9}  {:>10} {:>10} {:>9}\n",
            "instructions", "ours", "recorded", "", "with libc", "recorded", ""
        );
        for Row { name, recorded, counted, verdict } in &self.0 {
            let columns = |of: fn(Count) -> u64| {
                let (recorded, counted) = (recorded.map(of), counted.map(of));
                let shown =
                    |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
                format!("{:>10} {:>10} {:>9}", shown(counted), shown(recorded), change(recorded, counted))
            };
            let (ours, all) = (columns(|count| count.ours), columns(|count| count.all));
            let word = match verdict {
                Verdict::Same => "",
                Verdict::Grew => "GREW",
                Verdict::Shrank => "shrank",
                Verdict::NotRecorded => "NOT RECORDED",
                Verdict::NotCounted => "NOT COUNTED",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", format!("{name:<28} {ours}  {all}  {word}").trim_end());
        }
        text
    }

    /// Returns whether a count is lower than recorded, by more than is left unsaid.
    pub(crate) fn has_shrunk(&self) -> bool {
        self.number(Verdict::Shrank) > 0
    }

    /// Checks whether the counts are no worse than recorded. One that is not compared with anything is no better than
    /// one that grew. The error is the beginning of a sentence.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        let reasons = [
            (Verdict::Grew, format!("grew by more than {TOLERANCE} %")),
            (Verdict::NotRecorded, "not recorded".to_owned()),
            (Verdict::NotCounted, "recorded, but counted no longer".to_owned()),
        ];
        let reasons: Vec<_> = reasons
            .into_iter()
            .map(|(verdict, words)| (self.number(verdict), words))
            .filter(|(number, _)| *number > 0)
            .map(|(number, words)| format!("{number} of {} counts {words}", self.0.len()))
            .collect();
        if reasons.is_empty() { Ok(()) } else { Err(reasons.join(", ")) }
    }

    fn number(&self, verdict: Verdict) -> usize {
        self.0.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// `+1.25 %`.
fn change(recorded: Option<u64>, counted: Option<u64>) -> String {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    match (recorded, counted) {
        (Some(recorded), Some(counted)) => {
            format!("{:+.2} %", (counted as f64 / recorded as f64 - 1.0) * 100.0)
        }
        _ => String::new(),
    }
}

/// In percent: what a change may cost without a word. A machine moves our own counts by less than a tenth of a
/// percent, where the length of a path shifts the heap, and those of the C library by half a percent.
const TOLERANCE: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(counts: &[(&str, u64, u64)]) -> Record {
        let text = |text: &str| text.to_owned();
        Record {
            environment: Environment {
                rustc: text("1.2.3"),
                cpu: text("x86_64 avx2"),
                libc: text("glibc 2.36"),
                valgrind: text("3.19.0"),
            },
            counts: counts.iter().map(|&(name, ours, all)| (name.to_owned(), Count { ours, all })).collect(),
        }
    }

    fn compared(before: &[(&str, u64, u64)], after: &[(&str, u64, u64)], with_libc: bool) -> Comparison {
        record(before).compare(&record(after).counts, with_libc)
    }

    #[test]
    fn what_is_written_is_read() {
        let record = record(&[("a[x,1kB]", 10, 12), ("b[x,1kB]", 20, 24)]);
        let text = record.to_text();
        assert_eq!(serde_json::from_str::<Record>(&text).expect("JSON"), record);
        assert_eq!(text.lines().filter(|line| line.contains("kB")).count(), 2, "{text}");
    }

    #[test]
    fn more_than_two_percent_is_a_failure_and_less_is_none() {
        for (after, is_red) in [(10_000, false), (10_200, false), (10_201, true), (9_000, false)] {
            let comparison = compared(&[("a", 10_000, 10_000)], &[("a", after, after)], true);
            assert_eq!(comparison.verdict().is_err(), is_red, "{after}");
            assert_eq!(comparison.table().contains("GREW"), is_red, "{after}");
        }
    }

    #[test]
    fn what_shrank_is_said_and_no_failure() {
        for (after, is_said) in [(9_800, false), (9_799, true)] {
            let comparison = compared(&[("a", 10_000, 10_000)], &[("a", after, after)], true);
            assert!(comparison.verdict().is_ok());
            assert_eq!(comparison.has_shrunk(), is_said, "{after}");
            assert_eq!(comparison.table().contains("shrank"), is_said, "{after}");
        }
    }

    #[test]
    fn the_c_library_is_judged_only_if_it_is_the_same() {
        let (before, after) = ([("a", 10_000, 11_000)], [("a", 10_000, 15_000)]);
        assert!(compared(&before, &after, true).verdict().is_err());
        assert!(compared(&before, &after, false).verdict().is_ok());
        // One number does not hide behind the other.
        assert!(compared(&before, &[("a", 10_500, 11_000)], true).verdict().is_err());
    }

    #[test]
    fn what_is_on_one_side_alone_is_a_failure() {
        let new = compared(&[], &[("a", 1, 1)], true);
        assert_eq!(new.verdict(), Err("1 of 1 counts not recorded".to_owned()));
        let gone = compared(&[("a", 1, 1), ("b", 1, 1)], &[("b", 1, 1)], true);
        assert_eq!(gone.verdict(), Err("1 of 2 counts recorded, but counted no longer".to_owned()));
    }

    #[test]
    fn the_table_has_a_line_for_each_count() {
        let table = compared(&[("a", 10_000, 11_000)], &[("a", 12_500, 13_500), ("b", 1, 1)], true).table();
        assert_eq!(table.lines().count(), 3);
        assert!(table.contains("12500      10000  +25.00 %"), "{table}");
    }
}
