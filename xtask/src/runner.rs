//! Runs a list of steps and remembers how each one ended.

use std::time::{Duration, Instant};

use crate::report::duration;
use crate::step::{Action, Outcome, Step};

#[derive(Debug)]
pub(crate) struct StepResult {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) elapsed: Duration,
}

/// Runs every step, whatever became of the ones before: one run shows all that is wrong. Only a step whose needs are
/// unmet is not tried; it counts as failed, so that nothing is skipped in silence.
pub(crate) fn run(steps: &[Step], mut perform: impl FnMut(&Action) -> Outcome) -> Vec<StepResult> {
    let mut results: Vec<StepResult> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        println!("\n=== [{}/{}] {}: {}", index + 1, steps.len(), step.name, step.purpose);
        let started = Instant::now();
        let outcome = match unmet_need(step, &results) {
            Some(need) => Outcome::Failed(format!("not run, because `{need}` failed")),
            None => perform(&step.action),
        };
        let elapsed = started.elapsed();
        println!("--- {}: {} after {}", step.name, verdict(&outcome), duration(elapsed));
        results.push(StepResult { name: step.name, outcome, elapsed });
    }
    results
}

fn unmet_need(step: &Step, results: &[StepResult]) -> Option<&'static str> {
    let passed =
        |need: &&str| results.iter().any(|done| done.name == *need && done.outcome == Outcome::Passed);
    step.needs.iter().copied().find(|need| !passed(need))
}

fn verdict(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed(reason) => format!("FAILED, {reason}"),
        Outcome::NotChecked(reason) => format!("not checked, {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;

    fn step(name: &'static str, needs: &'static [&'static str]) -> Step {
        Step { name, purpose: "", needs, action: Action::Run(Invocation::of(name)) }
    }

    fn outcomes(steps: &[Step], failing: &str) -> (Vec<String>, Vec<bool>) {
        let mut tried = Vec::new();
        let results = run(steps, |action| {
            let Action::Run(invocation) = action else { panic!("only programs here") };
            tried.push(invocation.program.clone());
            if invocation.program == failing {
                Outcome::Failed("as asked".to_owned())
            } else {
                Outcome::Passed
            }
        });
        (tried, results.iter().map(|result| result.outcome == Outcome::Passed).collect())
    }

    #[test]
    fn a_failure_does_not_stop_the_steps_that_do_not_need_it() {
        let steps = [step("a", &[]), step("b", &[]), step("c", &["b"])];
        let (tried, passed) = outcomes(&steps, "a");
        assert_eq!(tried, ["a", "b", "c"]);
        assert_eq!(passed, [false, true, true]);
    }

    #[test]
    fn what_needs_a_failed_step_is_not_tried_and_counts_as_failed() {
        let steps = [step("a", &[]), step("b", &["a"]), step("c", &["b"]), step("d", &[])];
        let (tried, passed) = outcomes(&steps, "a");
        assert_eq!(tried, ["a", "d"]);
        assert_eq!(passed, [false, false, false, true]);
    }
}
