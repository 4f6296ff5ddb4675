//! What `cargo xtask help` says. The list of steps is read from the plan, so it cannot drift from it.

use std::fmt::Write as _;
use std::path::Path;

use crate::args::Scope;
use crate::layout::Layout;
use crate::plan::plan;
use crate::step::Step;

pub(crate) const USAGE: &str = "\
Usage: cargo xtask <command>

Commands:
  test           run every check of the project, as CI does
  test --quick   run those checks that need Rust alone
  bench          measure all of docs/performance.md; --quick takes fewer rounds, --only NAME one benchmark or figure
  bench compile  measure what the attribute adds to `cargo check`; --quick takes fewer rounds
  bench instructions
                 compare instruction counts with the recorded ones; --record records these instead
  bench bounds   count what the largest inputs from outside cost, and compare it with their budgets
  fuzz [TARGET]  run all fuzz targets or one for ten minutes each, or for --minutes N, and sum up what they reached
  help           show this text";

/// The whole help text.
pub(crate) fn text() -> String {
    // The text shows no path, so any layout will do.
    let layout = Layout::at(Path::new("."), None);
    let (quick, full) = (plan(Scope::Quick, &layout), plan(Scope::Full, &layout));
    let is_quick = |step: &&Step| quick.iter().any(|other| other.name == step.name);
    let (everywhere, full_only): (Vec<_>, Vec<_>) = full.iter().partition(is_quick);

    let mut text = format!("{USAGE}\n\nSteps of `test` and `test --quick`:\n");
    list(&mut text, &everywhere);
    text.push_str("\nSteps of `test` alone:\n");
    list(&mut text, &full_only);
    text.push_str(
        "\nA failing step does not stop the others; the exit code is 0 only when none failed.\n\
         A step that could not be checked counts neither as passed nor as failed; the summary says \"not checked\" and why:\n\
         `advisories` without its database where ADVISORIES=offline is set (else it fails), and `instructions` with another\n\
         compiler or kind of processor than the recorded counts are of.\n\
         Tools and npm packages are installed below the target folder (CARGO_TARGET_DIR is respected),\n\
         Debian packages only as root.\n",
    );
    text
}

fn list(text: &mut String, steps: &[&Step]) {
    for step in steps {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<18} {}", step.name, step.purpose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_unchecked_is_said() {
        let text = text();
        for word in ["not checked", "ADVISORIES=offline", "`instructions`"] {
            assert!(text.contains(word), "{word}");
        }
    }

    #[test]
    fn every_step_is_listed_once() {
        let text = text();
        for step in plan(Scope::Full, &Layout::at(Path::new("."), None)) {
            assert_eq!(text.matches(step.purpose).count(), 1, "{}", step.name);
        }
    }
}
