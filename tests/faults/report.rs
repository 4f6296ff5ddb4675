//! Fault by endpoint: what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::table::Outcome;

/// Cells in the order of the table of faults.
#[derive(Default)]
pub(crate) struct Report {
    rows: BTreeMap<usize, Row>,
    columns: Vec<&'static str>,
    wrong: Vec<String>,
}

struct Row {
    name: String,
    ids: &'static str,
    cells: BTreeMap<usize, &'static str>,
}

/// What came of one fault at one endpoint.
pub(crate) struct Cell {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) ids: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) problems: Vec<String>,
}

impl Report {
    /// One endpoint's cells.
    pub(crate) fn column(&mut self, name: &'static str, cells: Vec<Cell>) {
        let column = self.columns.len();
        self.columns.push(name);
        for Cell { number, name: fault, ids, outcome, problems } in cells {
            let row = Row { name: fault.clone(), ids, cells: BTreeMap::new() };
            self.rows.entry(number).or_insert(row).cells.insert(column, outcome);
            self.wrong.extend(problems.into_iter().map(|problem| format!("{fault} at {name}: {problem}")));
        }
    }

    /// As text.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("{:42}{:18}{}\n", "fault", "rows", heading(&self.columns));
        for Row { name, ids, cells } in self.rows.values() {
            write!(text, "{name:41} {ids:17} ").unwrap();
            for column in 0..self.columns.len() {
                write!(text, "{:22}", cells.get(&column).copied().unwrap_or("-")).unwrap();
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    /// How many faults and endpoints there are.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.columns.len())
    }

    /// How many cells have which word.
    pub(crate) fn counts(&self) -> String {
        let mut counts = BTreeMap::new();
        for word in self.rows.values().flat_map(|row| row.cells.values()) {
            *counts.entry(*word).or_insert(0) += 1;
        }
        let counts: Vec<_> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        counts.join(", ")
    }

    /// What broke a rule, a line each.
    pub(crate) fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

/// What a table calls it.
pub(crate) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fine => "as usual",
        Outcome::Unavailable => "503",
        Outcome::Nonsense => "502",
        Outcome::Refused => "400",
        Outcome::TooLarge => "500",
    }
}

fn heading(columns: &[&str]) -> String {
    let columns: Vec<_> = columns.iter().map(|column| format!("{column:22}")).collect();
    columns.concat().trim_end().to_owned()
}
