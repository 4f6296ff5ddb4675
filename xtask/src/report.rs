//! The summary that closes a run.

use std::fmt::Write as _;
use std::time::Duration;

use crate::runner::StepResult;
use crate::step::Outcome;

/// One line per step, the total time, and the closing line `N passed, N failed`.
/// A step that could not be checked has its line with the reason, is in neither of these numbers, and is counted by a third
/// one, `N not checked`, so that nobody takes the run for a complete one.
pub(crate) fn table(results: &[StepResult]) -> String {
    let width = results.iter().map(|result| result.name.len()).max().unwrap_or(0);
    let mut text = String::from("=== summary\n");
    for StepResult { name, outcome, elapsed } in results {
        let (word, reason) = match outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::Failed(reason) => ("FAILED", reason.as_str()),
            Outcome::NotChecked(reason) => ("not checked", reason.as_str()),
        };
        let line = format!("{name:<width$}  {:>8}  {word:<11}  {reason}", duration(*elapsed));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let total = results.iter().map(|result| result.elapsed).sum();
    let count =
        |wanted: fn(&Outcome) -> bool| results.iter().filter(|result| wanted(&result.outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let not_checked = match count(|outcome| matches!(outcome, Outcome::NotChecked(_))) {
        0 => String::new(),
        steps => format!(", {steps} not checked"),
    };
    let _ = writeln!(text, "{:<width$}  {:>8}", "total", duration(total));
    let _ = writeln!(text, "{passed} passed, {failed} failed{not_checked}");
    text
}

pub(crate) fn all_passed(results: &[StepResult]) -> bool {
    !results.iter().any(|result| matches!(result.outcome, Outcome::Failed(_)))
}

/// `7.3s`, `4m 05s`.
pub(crate) fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    if seconds < 60 {
        format!("{}.{}s", seconds, elapsed.subsec_millis() / 100)
    } else {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(name: &'static str, outcome: Outcome) -> StepResult {
        StepResult { name, outcome, elapsed: Duration::from_millis(1500) }
    }

    #[test]
    fn the_last_line_counts() {
        let results = [
            result("format", Outcome::Passed),
            result("clippy", Outcome::Failed("`cargo` ended with exit status: 101".to_owned())),
            result("advisories", Outcome::NotChecked("no network".to_owned())),
        ];
        let text = table(&results);
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed, 1 not checked"));
        assert!(text.contains("exit status: 101"), "{text}");
        assert!(!all_passed(&results));
    }

    #[test]
    fn what_could_not_be_checked_is_never_called_passed() {
        let reason = "the counts were recorded with rustc 1.94.0";
        let text = table(&[result("instructions", Outcome::NotChecked(reason.to_owned()))]);
        let line = text.lines().nth(1).expect("its line");
        assert!(line.contains("not checked") && line.ends_with(reason), "{line}");
        assert!(!line.contains("passed"), "{line}");
        assert_eq!(text.lines().last(), Some("0 passed, 0 failed, 1 not checked"));
    }

    #[test]
    fn where_all_was_checked_the_last_line_counts_two_things() {
        assert_eq!(table(&[result("a", Outcome::Passed)]).lines().last(), Some("1 passed, 0 failed"));
    }

    #[test]
    fn what_could_not_be_checked_is_no_failure() {
        assert!(all_passed(&[result("a", Outcome::Passed), result("b", Outcome::NotChecked(String::new()))]));
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(Duration::from_millis(49)), "0.0s");
        assert_eq!(duration(Duration::from_millis(7_390)), "7.3s");
        assert_eq!(duration(Duration::from_secs(245)), "4m 05s");
    }
}
