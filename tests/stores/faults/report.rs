//! Fault by operation: what came of it.

use std::fmt::Write as _;
use std::time::Duration;

use super::table::Operation;

/// One kind of server.
pub(crate) struct Report {
    name: &'static str,
    rows: Vec<Row>,
    wrong: Vec<String>,
}

struct Row {
    fault: &'static str,
    cells: Vec<&'static str>,
    /// How long the slowest instance was ill after the fault.
    recovery: Duration,
}

/// What came of one operation under one fault.
pub(crate) struct Cell {
    pub(crate) operation: Operation,
    pub(crate) word: &'static str,
    pub(crate) recovery: Duration,
    pub(crate) problems: Vec<String>,
}

impl Report {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, rows: Vec::new(), wrong: Vec::new() }
    }

    pub(crate) fn row(&mut self, fault: &'static str, cells: Vec<Cell>) {
        let mut row = Row { fault, cells: Vec::new(), recovery: Duration::ZERO };
        for Cell { operation, word, recovery, problems } in cells {
            row.cells.push(if problems.is_empty() { word } else { "WRONG" });
            row.recovery = row.recovery.max(recovery);
            let place = format!("{} at {} of {}", fault, operation.name(), self.name);
            self.wrong.extend(problems.into_iter().map(|problem| format!("{place}: {problem}")));
        }
        self.rows.push(row);
    }

    /// As text.
    pub(crate) fn table(&self) -> String {
        let names = Operation::ALL.map(Operation::name);
        let mut text = format!("{:28}{}{:>10}\n", self.name, columns(&names), "well after");
        for Row { fault, cells, recovery } in &self.rows {
            writeln!(text, "{fault:28}{}{:>7} ms", columns(cells), recovery.as_millis()).unwrap();
        }
        text
    }

    /// How many faults there are, and how many cells.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.rows.iter().map(|row| row.cells.len()).sum())
    }

    /// How many cells have a problem.
    pub(crate) fn wrong_cells(&self) -> usize {
        self.rows.iter().flat_map(|row| &row.cells).filter(|word| **word == "WRONG").count()
    }

    /// What broke a rule, a line each.
    pub(crate) fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

fn columns(words: &[&str]) -> String {
    words.iter().map(|word| format!("{word:14}")).collect()
}
