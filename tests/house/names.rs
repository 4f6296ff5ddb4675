//! The names of the tests in the repository, with the ids that they carry.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{root, tracked_files};

/// An attack's group and number, as `JWE-05` and `M3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) group: String,
    pub(crate) number: u32,
}

impl Id {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (group, number) =
            text.split_once('-').or_else(|| text.strip_prefix('M').map(|number| ("M", number)))?;
        let is_group = !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { group: group.to_owned(), number: number.parse().ok()? }).filter(|_| is_group && is_number)
    }
}

/// The names of all tests: functions that are tests, titles of tests in JavaScript, and files whose compilation is one.
pub(crate) fn all() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in tracked_files() {
        let case = path.strip_prefix("tests/ui/").or_else(|| path.strip_prefix("tests/compiles/"));
        if let Some(case) = case.and_then(|path| path.strip_suffix(".rs")) {
            names.insert(case.rsplit('/').next().unwrap_or(case).to_owned());
        }
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        match Path::new(&path).extension().and_then(|end| end.to_str()) {
            Some("rs") => names.extend(functions(&text)),
            Some("mjs") => names.extend(titles(&text)),
            _ => {}
        }
    }
    names
}

/// Every function below an attribute that ends in `test`.
fn functions(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let path = attribute.split(['(', ']']).next().unwrap_or("");
            is_test |= path == "test" || path.ends_with("::test");
            is_test &= path != "ignore";
        } else if let Some((before, rest)) = line.split_once("fn ") {
            let is_function =
                before.split_whitespace().all(|word| matches!(word, "pub" | "pub(crate)" | "async"));
            let name = rest.split(|char: char| !char.is_alphanumeric() && char != '_').next().unwrap_or("");
            if std::mem::take(&mut is_test) && is_function {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// The first argument of every call of `test`, with its words joined as in a function's name.
fn titles(text: &str) -> Vec<String> {
    let calls = text.lines().filter_map(|line| line.trim().strip_prefix("await ").or(Some(line.trim())));
    let of_call = |line: &str| {
        let (call, rest) = line.split_once('(')?;
        let quote = rest.chars().next().filter(|char| matches!(char, '\'' | '"' | '`'))?;
        matches!(call, "it" | "test" | "t.test")
            .then(|| rest[1..].split(quote).next().unwrap_or("").replace([' ', '-'], "_"))
    };
    calls.filter_map(of_call).collect()
}

/// The ids that a name carries: `tok_09_10_and_race_12_…`, `m3_…`, and with `bcl_05_to_bcl_10_…` all between.
pub(crate) fn ids(name: &str, groups: &BTreeSet<String>) -> Vec<Id> {
    let words: Vec<String> = name.split('_').map(str::to_ascii_uppercase).collect();
    let mut ids: Vec<Id> = Vec::new();
    let mut is_range = false;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let number =
            |word: Option<&String>| word.filter(|word| word.len() == 2).and_then(|word| word.parse().ok());
        let found = if word == "S" {
            // A requirement of a standard, as `s_idt_6`: its name, and numbers.
            at += 1;
            while words.get(at).is_some_and(|word| word.parse::<u32>().is_ok()) {
                at += 1;
            }
            continue;
        } else if let Some(number) = number(words.get(at)).filter(|_| groups.contains(word)) {
            at += 1;
            Some(Id { group: word.clone(), number })
        } else if let (Some(number), Some(last)) = (number(Some(word)), ids.last()) {
            Some(Id { group: last.group.clone(), number })
        } else {
            Id::parse(word).filter(|id| groups.contains(&id.group))
        };
        match (found, word.as_str()) {
            (Some(id), _) => {
                if std::mem::take(&mut is_range)
                    && let Some(first) = ids.last().cloned()
                {
                    let between = first.number + 1..id.number;
                    ids.extend(between.map(|number| Id { group: id.group.clone(), number }));
                }
                ids.push(id);
            }
            (None, "TO") if !ids.is_empty() => is_range = true,
            (None, "AND") => {}
            (None, _) => break,
        }
    }
    ids
}

#[test]
fn the_ids_of_a_name_are_those_before_its_sentence() {
    let groups = ["JWE", "TOK", "RACE", "BCL", "IDT", "KEY", "M", "JWK"].map(str::to_owned).into();
    let found = |name: &str| {
        let show = |id: &Id| format!("{}{}", id.group, id.number);
        ids(name, &groups).iter().map(show).collect::<Vec<_>>().join(" ")
    };
    for (name, expected) in [
        ("jwe_05_and_s_jwe_1_an_encrypted_key_is_refused", "JWE5"),
        ("tok_02_03_04_jwk_02_and_s_bcp_13_every_fault", "TOK2 TOK3 TOK4 JWK2"),
        ("tok_09_10_and_16_tokens", "TOK9 TOK10 TOK16"),
        ("bcl_05_to_bcl_08_a_token", "BCL5 BCL6 BCL7 BCL8"),
        ("idt_16_s_idt_11_and_s_8725_6_a_token", "IDT16"),
        ("race_05_500_requests", "RACE5"),
        ("m6_and_m7_a_lacking_right", "M6 M7"),
        ("s_bcp_7_and_race_07_late", "RACE7"),
        ("key_ring_is_derived", ""),
        ("a_sentence_about_m3_and_tok_02", ""),
        ("many_at_once", ""),
    ] {
        assert_eq!(found(name), expected, "{name}");
    }
}

#[test]
fn only_tests_are_found() {
    let text = "#[test]\nfn a() {}\nfn helper() {}\n#[tokio::test(start_paused = true)]\nasync fn b() {\n}\n\
                #[test]\n#[ignore]\nfn c() {}\n/// fn d\n#[test]\n#[cfg(unix)]\nfn e() {}";
    assert_eq!(functions(text), ["a", "b", "e"]);
    assert_eq!(
        titles("test('a b', async () => {});\n  await t.test(\"c-d\", f);\ntester('x')"),
        ["a_b", "c_d"]
    );
}
