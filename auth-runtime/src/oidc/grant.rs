//! The scopes that a provider granted, compared with the scopes that it was asked for.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// The sets of scopes that were granted without being asked for, and were logged. Each set is logged once, among the
/// security events.
///
/// The token is used all the same. Some providers add scopes to every grant, and the API judges in the end what a token
/// may do; but the service's operator should know.
#[derive(Debug, Default)]
pub(super) struct WiderGrants(Mutex<HashSet<[u8; 32]>>);

impl WiderGrants {
    /// Logs the scopes that were granted and not asked for. Nothing is logged where either of the two is unknown.
    pub(super) fn note(&self, provider: &str, asked: &str, granted: Option<&str>) {
        let added = wider(asked, granted.unwrap_or_default());
        if asked.is_empty() || added.is_empty() {
            return;
        }
        let text = added.join(" ");
        let hash: [u8; 32] = Sha256::digest(&text).into();
        let is_new = {
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.len() < MAX_TOLD && told.insert(hash)
        };
        if is_new {
            let scopes: String = text.chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect();
            tracing::warn!(
                target: "auth_runtime::security",
                provider,
                scopes,
                "the provider granted scopes that it was not asked for: check the application's settings at the provider, and AUTH0_SCOPE (`scope`)"
            );
        }
    }
}

/// Returns the scopes that were granted and not asked for, in order.
fn wider<'a>(asked: &str, granted: &'a str) -> Vec<&'a str> {
    let asked: HashSet<&str> = asked.split(' ').collect();
    let mut added: Vec<&str> =
        granted.split(' ').filter(|scope| !scope.is_empty() && !asked.contains(scope)).collect();
    added.sort_unstable();
    added.dedup();
    added
}

/// The most sets that are logged. A provider that always adds other scopes has been logged often enough by then.
const MAX_TOLD: usize = 32;

/// The most characters of a provider's text in a line of the log: enough for a dozen scopes.
const MAX_SHOWN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(grants: &WiderGrants) -> usize {
        grants.0.lock().unwrap().len()
    }

    #[test]
    fn a_wider_grant_is_told_of_once_and_a_narrower_one_never() {
        let grants = WiderGrants::default();
        for (asked, granted) in [
            ("a b", Some("a b")),
            ("a b", Some("b")),
            ("a b", Some("")),
            ("a b", Some(" b  a a ")),
            ("a b", None),
            ("", Some("a")),
        ] {
            grants.note("id", asked, granted);
            assert_eq!(told(&grants), 0, "{asked:?} {granted:?}");
        }
        grants.note("id", "a b", Some("a c b d"));
        grants.note("id", "a", Some("d c"));
        assert_eq!(told(&grants), 1, "the same scopes are told of once");
        grants.note("id", "a", Some("a ab"));
        assert_eq!(told(&grants), 2, "scopes are whole words");
    }

    #[test]
    fn dos_04_what_was_told_is_not_remembered_endlessly() {
        let grants = WiderGrants::default();
        for number in 0..1_000 {
            grants.note("id", "a", Some(&format!("extra-{number}")));
        }
        assert_eq!(told(&grants), MAX_TOLD);
    }
}
