//! Known vulnerabilities of the dependencies.
//!
//! The database is fetched on its own first. Only so can "no way to the database" (no verdict) be told from "an
//! advisory applies" (a failure): both are exit code 1 of the check itself.

use crate::invocation::Invocation;
use crate::layout::Layout;
use crate::step::Outcome;

pub(crate) fn check(layout: &Layout) -> Outcome {
    if Invocation::of("cargo-deny fetch db").run(layout).is_err() {
        return Outcome::NotChecked("the advisory database could not be fetched".to_owned());
    }
    Outcome::from(Invocation::of("cargo-deny check advisories").run(layout))
}
