//! "Did you mean": the known name that a wrong one was most likely meant to be.

/// Returns the candidate that is close enough to `name` for `name` to be a misspelling of it.
pub(super) fn nearest(name: &str, candidates: &[&'static str]) -> Option<&'static str> {
    let name = name.to_lowercase();
    let near = |candidate: &str| distance(&name, candidate) <= candidate.len().div_ceil(3);
    candidates
        .iter()
        .copied()
        .filter(|candidate| near(candidate))
        .min_by_key(|candidate| distance(&name, candidate))
}

/// Returns the number of characters to insert, remove or replace to get from `a` to `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (removed, from) in a.chars().enumerate() {
        let mut diagonal = removed;
        let mut left = removed.saturating_add(1);
        let mut next = vec![left];
        for (to, &above) in b.chars().zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(from != to));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("state", "state", 0),
            ("stat", "state", 1),
            ("krate", "crate", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), edits, "{a} -> {b}");
        }
    }

    #[test]
    fn only_slips_of_the_pen_get_a_suggestion() {
        let candidates = ["crate", "max_age", "roles", "scopes", "state"];
        for (name, near) in [
            ("stat", Some("state")),
            ("State", Some("state")),
            ("krate", Some("crate")),
            ("scop", Some("scopes")),
            ("scope", Some("scopes")),
            ("role", Some("roles")),
            ("maxage", Some("max_age")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &candidates), near, "{name}");
        }
    }
}
