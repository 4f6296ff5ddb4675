//! The layout of a report for people: numbered steps with details, then warnings, then the result.

use std::fmt;

/// A report. Everything that goes in is fit for a terminal.
#[derive(Debug, Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
    warnings: Vec<String>,
    result: Vec<String>,
}

#[derive(Debug)]
struct Step {
    mark: Mark,
    title: String,
    details: Vec<String>,
}

/// The outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Fine,
    Refused,
    Skipped,
}

impl Report {
    /// Begins a step. Details go under the step that was begun last.
    pub(crate) fn step(&mut self, mark: Mark, title: impl Into<String>) {
        self.steps.push(Step { mark, title: title.into(), details: Vec::new() });
    }

    pub(crate) fn detail(&mut self, text: impl Into<String>) {
        if let Some(step) = self.steps.last_mut() {
            step.details.push(text.into());
        }
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    pub(crate) fn result(&mut self, line: impl Into<String>) {
        self.result.push(line.into());
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, number) in self.steps.iter().zip(1..) {
            let mark = match step.mark {
                Mark::Fine => "ok",
                Mark::Refused => "NO",
                Mark::Skipped => "--",
            };
            writeln!(f, "{number}. [{mark}] {}", step.title)?;
            for detail in &step.details {
                writeln!(f, "        {detail}")?;
            }
        }
        if !self.warnings.is_empty() {
            writeln!(f, "\nWarnings")?;
        }
        for warning in &self.warnings {
            writeln!(f, "  ! {warning}")?;
        }
        writeln!(f)?;
        for line in &self.result {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

/// Returns a span of time in its two largest units that are not zero.
pub(crate) fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (length, unit) in units {
        let count = left.checked_div(length).unwrap_or(0);
        left = left.checked_rem(length).unwrap_or(0);
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// Returns `count` with the noun in its number: `1 byte`, `2 bytes`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in [(0, "0 s"), (59, "59 s"), (3_661, "1 h 1 min"), (86_401, "1 d 1 s")] {
            assert_eq!(span(seconds), text);
        }
    }
}
