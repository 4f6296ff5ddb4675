//! The list of attacks and the names of the tests say the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::{Id, all, ids};
use crate::read;

#[test]
fn every_attack_has_a_test_and_every_test_of_an_attack_is_listed() {
    let listed = listed(&read("tests/attacks.md"));
    assert!(listed.len() >= 224, "only {} attacks are listed", listed.len());
    let mut groups: BTreeSet<String> = listed.keys().map(|id| id.group.clone()).collect();
    // Groups that may be empty: their tests have to be listed too.
    groups.extend(["ATK", "BRR", "DPP", "MTD", "SVC"].map(str::to_owned));
    let mut tested = BTreeMap::new();
    for name in all() {
        for id in ids(&name, &groups) {
            tested.entry(id).or_insert_with(Vec::new).push(name.clone());
        }
    }
    let untested: Vec<_> = listed.keys().filter(|id| !tested.contains_key(id)).collect();
    assert!(untested.is_empty(), "no test has the name of these attacks: {untested:?}");
    // A range in a name passes over numbers that no attack has.
    let is_range = |names: &Vec<String>| names.iter().all(|name| name.contains("_to_"));
    let unlisted: Vec<_> =
        tested.iter().filter(|(id, names)| !listed.contains_key(id) && !is_range(names)).collect();
    assert!(unlisted.is_empty(), "tests/attacks.md does not list these: {unlisted:?}");
}

/// What is listed, by its id.
fn listed(text: &str) -> BTreeMap<Id, String> {
    let mut listed = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let Some(id) = cells.first().and_then(|cell| Id::parse(cell)) else { continue };
        assert!(
            cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty()),
            "not id, attack, answer: {line}"
        );
        assert!(listed.insert(id, line.to_owned()).is_none(), "listed twice: {line}");
    }
    listed
}

#[test]
#[should_panic(expected = "listed twice")]
fn an_attack_is_listed_once() {
    listed("| A-01 | this | that |\n| A-01 | this | that |\n");
}

#[test]
#[should_panic(expected = "not id, attack, answer")]
fn a_row_is_whole() {
    listed("| A-01 | this | |\n");
}
