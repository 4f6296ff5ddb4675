//! The compiler's messages on mistakes with the attribute. Cases that compile are in `compiles/`.
//!
//! The messages beside the cases are those of the pinned toolchain. After a change that is meant to alter them:
//! `TRYBUILD=overwrite cargo test -p auth-tests --test ui`, then read the difference as a user would.
//!
//! Without a case that passes, all are checked by one run of cargo, side by side.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

#[test]
fn every_mistake_is_refused_as_recorded() {
    trybuild::TestCases::new().compile_fail("ui/fail/**/*.rs");
}

#[test]
fn every_heading_of_the_guide_has_the_words_of_a_message() {
    let messages = messages_below(Path::new("ui/fail"));
    let page = fs::read_to_string("../auth-runtime/docs/compiler_messages.md").unwrap();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert!(headings.len() > 10, "{headings:?}");
    for heading in headings {
        let words = heading.trim_matches('`').trim();
        assert!(messages.contains(words), "no message has the words of the heading {heading}");
    }
}

fn messages_below(folder: &Path) -> String {
    let mut messages = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            messages.push_str(&messages_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "stderr") {
            messages.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    messages
}
