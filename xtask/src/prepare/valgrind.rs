//! Valgrind, under which instructions are counted.

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;

/// Any version will do: the benchmark says which one its counts were made with.
pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if is_installed(layout) {
        return Ok(());
    }
    debian::install("valgrind", layout);
    if is_installed(layout) { Ok(()) } else { Err("install valgrind (Debian: valgrind)".to_owned()) }
}

fn is_installed(layout: &Layout) -> bool {
    let answer = Invocation::of("valgrind --version").answer(layout);
    println!("{}", answer.as_deref().unwrap_or("valgrind is missing"));
    answer.is_some()
}
