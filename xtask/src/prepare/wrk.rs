//! `wrk`, which the servers are measured with, and `taskset`, which keeps both sides apart.

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if !is_there(layout) {
        debian::install("wrk util-linux", layout);
    }
    if is_there(layout) {
        Ok(())
    } else {
        Err("install wrk and taskset (Debian: wrk, util-linux)".to_owned())
    }
}

/// Asked for its version, `wrk` tells it and fails.
fn is_there(layout: &Layout) -> bool {
    ["which wrk", "which taskset"].iter().all(|line| Invocation::of(line).answer(layout).is_some())
}
