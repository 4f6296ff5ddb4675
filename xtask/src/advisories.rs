//! Known vulnerabilities of the dependencies.
//!
//! The database is fetched on its own first. Only so can "no way to the database" be told from "an advisory applies":
//! both are exit code 1 of the check itself.

use std::env::var_os;
use std::ffi::OsStr;

use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::step::Outcome;

/// The variable that allows the check to be left undone. `.ci/run` sets it.
pub(crate) const VARIABLE: &str = "ADVISORIES";
/// The one value that does.
pub(crate) const OFFLINE: &str = "offline";

/// Fetches the database and looks the dependencies up in it.
pub(crate) fn check(layout: &Layout) -> Outcome {
    let is_reachable = Invocation::of("cargo-deny fetch db").run(layout).is_ok();
    judge(is_reachable, var_os(VARIABLE).as_deref(), || {
        Invocation::of("cargo-deny check advisories").run(layout)
    })
}

/// A database that is reachable is always asked. One that is not is a failure, unless the machine is known to be offline.
fn judge(is_reachable: bool, variable: Option<&OsStr>, ask: impl FnOnce() -> Result<(), String>) -> Outcome {
    if is_reachable {
        return Outcome::from(ask());
    }
    if variable.is_some_and(|value| value == OFFLINE) {
        return Outcome::NotChecked(format!("{UNREACHABLE}, and {VARIABLE} is `{OFFLINE}`"));
    }
    Outcome::Failed(format!(
        "{UNREACHABLE}: check the network, or set {VARIABLE}={OFFLINE} to run without this check"
    ))
}

const UNREACHABLE: &str = "the advisory database could not be fetched";

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn unreachable(variable: Option<&str>) -> Outcome {
        judge(false, variable.map(OsStr::new), || panic!("there is nothing to ask"))
    }

    #[test]
    fn a_database_that_cannot_be_reached_is_a_failure() {
        for variable in [None, Some(""), Some("1"), Some("Offline"), Some("online")] {
            let Outcome::Failed(reason) = unreachable(variable) else { panic!("{variable:?}") };
            assert!(reason.contains("could not be fetched"), "{reason}");
            assert!(reason.contains("ADVISORIES=offline"), "{reason}");
        }
    }

    #[test]
    fn a_machine_that_is_offline_by_its_own_word_has_checked_nothing() {
        let Outcome::NotChecked(reason) = unreachable(Some(OFFLINE)) else { panic!("it was checked") };
        assert!(reason.contains("could not be fetched") && reason.contains(VARIABLE), "{reason}");
    }

    #[test]
    fn an_advisory_that_applies_is_a_failure_whatever_the_variable_says() {
        for variable in [None, Some(OsStr::new(OFFLINE))] {
            let found = || Err("`cargo-deny` ended with exit status: 1".to_owned());
            assert!(matches!(judge(true, variable, found), Outcome::Failed(_)), "{variable:?}");
            assert_eq!(judge(true, variable, || Ok(())), Outcome::Passed, "{variable:?}");
        }
    }

    #[test]
    fn ci_says_that_it_may_be_offline() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/run");
        let script = fs::read_to_string(script).expect("the script is there");
        assert!(script.contains(&format!("\nexport {VARIABLE}={OFFLINE}\n")), "{script}");
    }
}
