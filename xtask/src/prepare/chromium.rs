//! Chromium, which the browser suite drives.

use std::env::var_os;
use std::ffi::OsStr;

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;

pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if let Some(chosen) = var_os(VARIABLE).filter(|chosen| !chosen.is_empty()) {
        return match version(&chosen, layout) {
            Some(_) => Ok(()),
            None => Err(format!(
                "{VARIABLE} names {}, which does not start: name the program of a Chromium, or unset {VARIABLE}",
                chosen.to_string_lossy()
            )),
        };
    }
    if version(OsStr::new(DEBIAN), layout).is_some() {
        return Ok(());
    }
    debian::install("chromium", layout);
    if version(OsStr::new(DEBIAN), layout).is_some() {
        Ok(())
    } else {
        Err(format!("install Chromium (Debian: chromium), or set {VARIABLE} to the program of one"))
    }
}

fn version(program: &OsStr, layout: &Layout) -> Option<String> {
    let mut ask = Invocation::of("chromium --version");
    ask.program = program.to_string_lossy().into_owned();
    let answer = ask.answer(layout);
    println!("{}", answer.as_deref().unwrap_or("Chromium is missing"));
    answer
}

const VARIABLE: &str = "CHROMIUM";
/// Where Debian's package puts it; `tests/browser/browser.mjs` looks in the same places.
const DEBIAN: &str = "/usr/bin/chromium";
