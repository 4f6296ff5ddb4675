//! Versions as programs print them: `v20.20.2`, `cargo-deny 0.20.2`, `11.19.1`.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) patch: u32,
}

impl Version {
    pub(crate) const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Finds the version in a program's answer: the first word that is one. A pre-release counts as the release it
    /// leads to, since no check here depends on the difference.
    pub(crate) fn in_answer(answer: &str) -> Option<Self> {
        answer.split_whitespace().find_map(Self::of_word)
    }

    fn of_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let core = word.split(['-', '+']).next()?;
        let mut parts = core.split('.').map(|part| part.parse().ok());
        let version = Self::new(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
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
            assert_eq!(Version::in_answer(answer), Some(expected), "{answer}");
        }
    }

    #[test]
    fn what_is_no_version_is_none() {
        for answer in ["", "v", "20", "20.1", "1.2.3.4", "1.2.x", "command not found", "-1.2.3"] {
            assert_eq!(Version::in_answer(answer), None, "{answer}");
        }
    }

    #[test]
    fn order_is_by_number_not_by_text() {
        let at_least_20 = |answer| Version::in_answer(answer) >= Some(Version::new(20, 0, 0));
        assert!(at_least_20("v20.0.0") && at_least_20("v100.0.0"));
        assert!(!at_least_20("v18.20.4") && !at_least_20("v9.9.9") && !at_least_20("nothing"));
    }
}
