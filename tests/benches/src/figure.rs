//! A figure of the report: what was measured, and what it was measured against in the same run.

use serde::{Deserialize, Serialize};

use crate::rounds::median;

/// One row of the report. Benchmarks print rows as lines of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What the ratio compares, ours first.
    pub name: String,
    /// The unit of `value` and `baseline`.
    pub unit: String,
    /// Ours.
    pub value: f64,
    /// What ours is measured against.
    pub baseline: f64,
    /// The two divided, as `name` says it.
    pub ratio: f64,
    /// How many rounds, or how many requests where there is one round.
    pub n: usize,
}

impl Figure {
    /// `value` over `baseline`.
    pub fn of(name: impl Into<String>, unit: &str, value: f64, baseline: f64, n: usize) -> Self {
        let ratio = value / baseline;
        Self { name: name.into(), unit: unit.to_owned(), value, baseline, ratio, n }
    }

    /// `baseline` over `value`: how many times as long the other one takes.
    pub fn times_faster(name: impl Into<String>, unit: &str, value: f64, baseline: f64, n: usize) -> Self {
        Self { ratio: baseline / value, ..Self::of(name, unit, value, baseline, n) }
    }

    /// Ours and the other one, in pairs that were measured one right after the other. The ratio is the median of theirs, and
    /// so not quite that of the medians.
    pub fn of_pairs(name: impl Into<String>, unit: &str, pairs: &[(f64, f64)]) -> Self {
        let middle = |of: fn(&(f64, f64)) -> f64| median(pairs.iter().map(of).collect());
        let ratio = middle(|(ours, theirs)| ours / theirs);
        Self { ratio, ..Self::of(name, unit, middle(|pair| pair.0), middle(|pair| pair.1), pairs.len()) }
    }

    /// What is counted and stands for itself.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub fn count(name: impl Into<String>, unit: &str, count: u64) -> Self {
        Self::of(name, unit, count as f64, 1.0, 1)
    }

    /// The row as the runner reads it.
    pub fn print(&self) {
        match serde_json::to_string(self) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("{}: {error}", self.name),
        }
    }
}
