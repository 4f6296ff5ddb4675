//! What every file and every manifest of the repository keeps to.

use crate::{read, root, tracked_files};

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // Put together here, so that this file passes its own test.
    let places = ["home", "root", "tmp/wt", "work", "Users"].map(|place| format!("/{place}/"));
    let mut wrong = Vec::new();
    for path in tracked_files() {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|place| names_place(line, place)) {
                wrong.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "paths of one machine:\n{}", wrong.join("\n"));
}

/// The start of a path, as against the middle of an address.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|char| !char.is_alphanumeric() && !matches!(char, '.' | '-' | '_' | '}'))
    })
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let manifests: Vec<_> =
        tracked_files().into_iter().filter(|path| path.ends_with("/Cargo.toml")).collect();
    assert!(manifests.len() >= 6, "only {manifests:?}");
    for path in manifests {
        let manifest = read(&path);
        // A workspace of its own takes nothing from this one, so it says the same: for its one package, or for all.
        let takes_lints = manifest.contains("\n[lints]\nworkspace = true\n");
        let forbids = |table: &str| manifest.contains(&format!("\n[{table}]\nunsafe_code = \"forbid\"\n"));
        let is_right = if manifest.contains("\n[workspace]\n") {
            forbids("lints.rust") || takes_lints && forbids("workspace.lints.rust")
        } else {
            takes_lints
        };
        assert!(is_right, "{path} does not take the lints of its workspace, or does not forbid unsafe code");
    }
}

#[test]
fn unsafe_code_is_forbidden() {
    let lints = read("Cargo.toml");
    let (_, lints) = lints.split_once("[workspace.lints.rust]").unwrap();
    let lints = lints.split("\n[").next().unwrap();
    assert!(lints.lines().any(|line| line == "unsafe_code = \"forbid\""), "unsafe_code is not forbidden");
}

#[test]
fn an_address_is_no_place() {
    let place = format!("/{}/", "home");
    for line in [format!("see {place}ada"), format!("\"{place}ada\""), format!("{place}ada")] {
        assert!(names_place(&line, &place), "{line}");
    }
    assert!(!names_place(&format!("https://example.com{place}ada"), &place));
}
