//! Versions as programs print them: `v20.20.2`, `cargo-deny 0.20.2`, `11.19.1`.

use semver::Version;

/// Finds the version in a program's answer: the first word that is one. A pre-release counts as the release it
/// leads to, since no check here depends on the difference.
pub(crate) fn in_answer(answer: &str) -> Option<Version> {
    let of_word = |word: &str| Version::parse(word.strip_prefix('v').unwrap_or(word)).ok();
    let Version { major, minor, patch, .. } = answer.split_whitespace().find_map(of_word)?;
    Some(Version::new(major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_programs_way_of_saying_it_is_read() {
        for (answer, expected) in [
            ("v20.20.2", Version::new(20, 20, 2)),
            ("11.19.1\n", Version::new(11, 19, 1)),
            ("cargo-deny 0.20.2", Version::new(0, 20, 2)),
            ("rustfmt 1.8.0-stable (59807616e1 2026-04-14)", Version::new(1, 8, 0)),
            ("v22.0.0-nightly20240101+abc", Version::new(22, 0, 0)),
        ] {
            assert_eq!(in_answer(answer), Some(expected), "{answer}");
        }
    }

    #[test]
    fn what_is_no_version_is_none() {
        for answer in ["", "v", "20", "20.1", "1.2.3.4", "1.2.x", "command not found", "-1.2.3"] {
            assert_eq!(in_answer(answer), None, "{answer}");
        }
    }

    #[test]
    fn order_is_by_number_not_by_text() {
        let at_least_20 = |answer| in_answer(answer) >= Some(Version::new(20, 0, 0));
        assert!(at_least_20("v20.0.0") && at_least_20("v100.0.0") && at_least_20("v20.0.0-rc.1"));
        assert!(!at_least_20("v18.20.4") && !at_least_20("v9.9.9") && !at_least_20("nothing"));
    }
}
