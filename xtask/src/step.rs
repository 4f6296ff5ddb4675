//! One step of the plan, and how each kind of step is performed.

use crate::advisories;
use crate::documentation;
use crate::fuzz;
use crate::instructions;
use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::prepare::{self, Preparation};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// One line, for people.
    pub(crate) purpose: &'static str,
    /// Names of earlier steps without whose success this one cannot tell anything.
    pub(crate) needs: &'static [&'static str],
    pub(crate) action: Action,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// See that something is installed, and install it where that is possible.
    Prepare(Preparation),
    /// The program's exit code is the verdict.
    Run(Invocation),
    /// The documentation as docs.rs builds it.
    CheckDocumentation,
    /// Known vulnerabilities, for which a database is fetched.
    CheckAdvisories,
    /// Every fuzz target: its corpus, and some seconds more.
    Fuzz,
    /// Instruction counts; they can be compared only where compiler and processor are of the recorded kind.
    CompareInstructions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// Neither good nor bad: it could not be looked at, for a reason that the summary gives. Only where a run without the
    /// check was asked for, or where there is nothing to compare with.
    NotChecked(String),
}

pub(crate) fn perform(action: &Action, layout: &Layout) -> Outcome {
    match action {
        Action::Prepare(preparation) => Outcome::from(prepare::prepare(*preparation, layout)),
        Action::Run(invocation) => Outcome::from(invocation.run(layout)),
        Action::CheckDocumentation => Outcome::from(documentation::check(layout)),
        Action::CheckAdvisories => advisories::check(layout),
        Action::CompareInstructions => instructions::compare(layout),
        Action::Fuzz => fuzz::check(layout),
    }
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(reason) => Self::Failed(reason),
        }
    }
}
