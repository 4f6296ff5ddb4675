//! The tests that `SECURITY.md` names are there.

use std::collections::BTreeSet;

use crate::names;
use crate::read;

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let claims = claims(&read("SECURITY.md"));
    let missing = missing(&claims, &names::all());
    assert!(missing.is_empty(), "SECURITY.md names tests that are not there:\n{}", missing.join("\n"));
}

/// A row of a table with a column `tests`.
struct Claim {
    line: usize,
    text: String,
    tests: Vec<String>,
}

/// The rows of every table that has a column of that name, and what that column names in backticks.
fn claims(text: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut column = None;
    for (line, text) in text.lines().enumerate() {
        let cells = cells(text);
        if cells.is_empty() {
            column = None;
        } else if column.is_none() {
            // The first row of a table is its head.
            column = Some(cells.iter().position(|cell| cell.eq_ignore_ascii_case("tests")));
        } else if let Some(Some(at)) = column
            && !cells.iter().all(|cell| cell.bytes().all(|byte| matches!(byte, b'-' | b':')))
        {
            let cell = cells.get(at).copied().unwrap_or_default();
            claims.push(Claim { line: line + 1, text: text.to_owned(), tests: named(cell) });
        }
    }
    claims
}

/// The cells of a table's row; none of what is no row. A bar behind a backslash is no border.
fn cells(line: &str) -> Vec<&str> {
    let Some(row) = line.trim().strip_prefix('|') else { return Vec::new() };
    let row = row.strip_suffix('|').unwrap_or(row);
    let mut cells = Vec::new();
    let (mut start, mut before) = (0, ' ');
    for (at, char) in row.char_indices() {
        if char == '|' && before != '\\' {
            cells.push(row[start..at].trim());
            start = at + 1;
        }
        before = char;
    }
    cells.push(row[start..].trim());
    cells
}

/// What stands in backticks and can be the name of a test: words joined by at least two underscores.
fn named(cell: &str) -> Vec<String> {
    let is_name = |text: &&str| {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        text.matches('_').count() >= 2 && text.bytes().all(is_word)
    };
    cell.split('`').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
}

/// What is wrong with the claims, a line each.
fn missing(claims: &[Claim], names: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for Claim { line, text, tests } in claims {
        if tests.is_empty() {
            wrong.push(format!("line {line} names no test: {text}"));
        }
        let absent = tests.iter().filter(|test| !names.contains(*test));
        wrong.extend(absent.map(|test| format!("line {line}: `{test}`")));
    }
    wrong
}

#[test]
fn a_claim_without_a_test_is_found() {
    let text = "Prose with `a_b_c`.\n\n| claim | tests |\n|---|---|\n| one | `jwe_05_is_there`, `m3_is_there_too` |\n\
                | two | `jwe_06_is_gone`; see `Auth` |\n| three \\| and more | by type |\n| four | `a_title_of_a_scenario` |\n\n\
                | other | table |\n|---|---|\n| `x_y_z` | nothing |\n\n| tests | claim |\n|:--|--:|\n| `gone_as_well` | five |\n";
    let names = ["jwe_05_is_there", "m3_is_there_too", "a_title_of_a_scenario"].map(str::to_owned).into();
    let claims = claims(text);
    assert_eq!(claims.len(), 5);
    assert_eq!(
        missing(&claims, &names),
        [
            "line 6: `jwe_06_is_gone`",
            "line 7 names no test: | three \\| and more | by type |",
            "line 16: `gone_as_well`",
        ]
    );
}

#[test]
fn every_kind_of_test_can_be_named() {
    let names = names::all();
    // A function, one in a library, and a case that must not compile.
    for name in [
        "csr_01_no_page_of_another_site_reaches_a_handler_in_any_browser",
        "key_13_keys_live_in_types_that_wipe_themselves",
        "m4_without_a_guard",
    ] {
        assert!(names.contains(name), "{name}");
    }
    assert!(names.len() > 1_000, "only {} tests are found", names.len());
}
