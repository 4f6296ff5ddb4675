//! What stands below the help of `cargo xtask test`. The steps are read from the plan, so the list cannot drift from it.

use std::path::Path;

use crate::args::Scope;
use crate::layout::Layout;
use crate::plan::plan;
use crate::step::Step;

/// Lists the steps with their purposes, and says how they are counted.
pub(crate) fn steps() -> String {
    // The text shows no path, so any layout will do.
    let layout = Layout::at(Path::new("."), None);
    let (quick, full) = (plan(Scope::Quick, &layout), plan(Scope::Full, &layout));
    let full_only = full.get(quick.len()..).unwrap_or_default();
    format!(
        "Steps of `test` and `test --quick`:\n{}\nSteps of `test` alone:\n{}\n{OUTCOMES}",
        list(&quick),
        list(full_only)
    )
}

fn list(steps: &[Step]) -> String {
    steps.iter().map(|step| format!("  {:<18} {}\n", step.name, step.purpose)).collect()
}

const OUTCOMES: &str = "\
A step that fails does not stop the others. The exit code is 0 only if no step failed.
Two steps can end as \"not checked\", which counts neither as passed nor as failed. The summary says why:
  `advisories`    its database cannot be fetched, and ADVISORIES=offline is set (without it the step fails)
  `instructions`  the recorded counts are of another compiler or of another kind of processor
The run installs tools and npm packages below the target folder (CARGO_TARGET_DIR is respected), and Debian packages
only if it runs as root.";

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Arguments;

    fn help_of_test() -> String {
        Arguments::try_parse_from(["xtask", "test", "--help"]).expect_err("it is no command").to_string()
    }

    #[test]
    fn what_may_go_unchecked_is_said() {
        let text = help_of_test();
        for word in ["not checked", "ADVISORIES=offline", "`instructions`"] {
            assert!(text.contains(word), "{word}");
        }
    }

    #[test]
    fn every_step_is_listed_once() {
        let text = help_of_test();
        for step in plan(Scope::Full, &Layout::at(Path::new("."), None)) {
            assert_eq!(text.matches(step.purpose).count(), 1, "{}", step.name);
        }
    }
}
