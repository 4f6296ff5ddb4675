//! `cargo xtask bench compile`: what the attribute adds to `cargo check`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::handlers::{self, INSTRUMENT, PLAIN, VARIANTS, Variant};
use super::median::median;
use crate::args::Effort;
use crate::invocation::Invocation;
use crate::layout::Layout;

/// How many handlers the crate has.
const HANDLERS: usize = 1_000;

/// Checks the crate of handlers in every variant, in interleaved rounds, and gives a table for people. The same figures
/// go into `bench/compile.json` in the target folder.
pub(crate) fn compile(effort: Effort, layout: &Layout) -> Result<String, String> {
    let rounds = match effort {
        Effort::Quick => 3,
        Effort::Full => 9,
    };
    let manifest = handlers::write(layout, HANDLERS)
        .map_err(|error| format!("the crate of handlers cannot be written: {error}"))?;
    println!("preparing: dependencies, and one check of each variant that is not counted");
    let mut measured: Vec<(Variant, Vec<Duration>)> = Vec::new();
    for variant in VARIANTS {
        check(variant, &manifest, layout)?;
        measured.push((variant, Vec::new()));
    }
    for round in 1..=rounds {
        print!("round {round} of {rounds}:");
        for (variant, times) in &mut measured {
            let time = check(*variant, &manifest, layout)?;
            print!("  {} {:.2} s", variant.name, time.as_secs_f64());
            let _ = io::Write::flush(&mut io::stdout());
            times.push(time);
        }
        println!();
    }
    let figures = Figures::of(measured);
    let report = layout.target.join("bench/compile.json");
    fs::write(&report, figures.json(rounds))
        .map_err(|error| format!("{} cannot be written: {error}", report.display()))?;
    Ok(format!("{}\nwritten to {}\n", figures.table(), report.display()))
}

/// The time of one `cargo check` in which nothing but the crate of handlers is checked.
fn check(variant: Variant, manifest: &Path, layout: &Layout) -> Result<Duration, String> {
    let touched = fs::File::options()
        .append(true)
        .open(handlers::root_file(layout))
        .and_then(|file| file.set_modified(now()));
    touched.map_err(|error| format!("the crate of handlers cannot be touched: {error}"))?;
    let invocation = Invocation::of("cargo check --quiet --manifest-path")
        .arg(manifest.display().to_string())
        .arg("--features")
        .arg(variant.name)
        .env("CARGO_INCREMENTAL", "0");
    let started = Instant::now();
    if invocation.answer(layout).is_some() {
        return Ok(started.elapsed());
    }
    // Once more, for its messages.
    invocation.run(layout)?;
    Err(format!("the variant `{}` could not be checked at first, but then it could", variant.name))
}

#[expect(clippy::disallowed_methods, reason = "a modification time, not a time that a session is judged by")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The median of each variant.
struct Figures(Vec<(&'static str, Duration)>);

impl Figures {
    fn of(measured: Vec<(Variant, Vec<Duration>)>) -> Self {
        Self(measured.into_iter().map(|(variant, times)| (variant.name, median(times))).collect())
    }

    fn seconds(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(other, _)| *other == name);
        found.map_or(0.0, |(_, time)| time.as_secs_f64())
    }

    /// What the variant takes more than the handlers without an attribute.
    fn added(&self, name: &str) -> f64 {
        self.seconds(name) - self.seconds(PLAIN.name)
    }

    /// What the variant adds, in units of what `#[tracing::instrument(skip_all)]` adds.
    fn ratio(&self, name: &str) -> f64 {
        self.added(name) / self.added(INSTRUMENT.name)
    }

    fn table(&self) -> String {
        let mut text = format!(
            "cargo check of {HANDLERS} handlers, CARGO_INCREMENTAL=0, median\n\
             {:<22} {:>8} {:>8} {:>20}\n",
            "", "time", "added", "added / instrument's"
        );
        for (name, time) in &self.0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{name:<22} {:>6.2} s", time.as_secs_f64());
            if *name != PLAIN.name {
                let _ = write!(text, " {:>6.2} s {:>20.2}", self.added(name), self.ratio(name));
            }
            text.push('\n');
        }
        text
    }

    /// One row for each variant that has an attribute: what it adds, beside what `instrument` adds.
    fn json(&self, rounds: usize) -> String {
        let row = |(name, _): &(&str, Duration)| {
            format!(
                r#"  {{"name":"compile[{name}]","unit":"s","value":{:.4},"baseline":{:.4},"ratio":{:.4},"n":{rounds}}}"#,
                self.added(name),
                self.added(INSTRUMENT.name),
                self.ratio(name),
            )
        };
        let rows: Vec<_> = self.0.iter().filter(|(name, _)| *name != PLAIN.name).map(row).collect();
        format!("[\n{}\n]\n", rows.join(",\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        let times = [("plain", 2), ("attribute", 4), ("instrument", 6), ("debug_handler", 7)];
        Figures(times.map(|(name, seconds)| (name, Duration::from_secs(seconds))).to_vec())
    }

    #[test]
    fn a_ratio_compares_what_is_added() {
        assert!((figures().ratio("attribute") - 0.5).abs() < f64::EPSILON);
        assert!((figures().ratio("instrument") - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn table_and_report_have_a_line_for_each_variant() {
        let (table, json) = (figures().table(), figures().json(9));
        for name in ["attribute", "instrument", "debug_handler"] {
            assert_eq!(table.lines().filter(|line| line.starts_with(&format!("{name} "))).count(), 1);
            assert_eq!(json.matches(&format!("\"compile[{name}]\"")).count(), 1);
        }
        assert!(json.contains(r#""value":2.0000,"baseline":4.0000,"ratio":0.5000,"n":9"#), "{json}");
    }
}
