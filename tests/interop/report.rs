//! Collects what does not agree, so that one run shows all of it.

/// The numbers of the cases to run: all `count`, or the one that `INTEROP_CASE` names.
pub(crate) fn cases(count: u64) -> Vec<u64> {
    match single_case() {
        Some(case) => vec![case],
        None => (0..count).collect(),
    }
}

fn single_case() -> Option<u64> {
    let case = std::env::var_os("INTEROP_CASE")?;
    Some(case.to_str().and_then(|case| case.parse().ok()).expect("INTEROP_CASE is the number of a case"))
}

/// The mismatches of one subject.
pub(crate) struct Report {
    subject: &'static str,
    agreed: usize,
    mismatches: Vec<String>,
}

impl Report {
    pub(crate) fn of(subject: &'static str) -> Self {
        Self { subject, agreed: 0, mismatches: Vec::new() }
    }

    /// Runs one case; what it returns as an error is a mismatch.
    pub(crate) fn case(&mut self, case: u64, run: impl FnOnce() -> Outcome) {
        match run() {
            Ok(()) => self.agreed += 1,
            Err(what) => self.mismatches.push(format!("INTEROP_CASE={case}: {what}")),
        }
    }

    /// Prints the count.
    ///
    /// # Panics
    ///
    /// There were mismatches, or fewer than `at_least` cases.
    pub(crate) fn finish(self, at_least: usize) {
        println!("interop: {} {}", self.agreed, self.subject);
        assert!(
            self.mismatches.is_empty(),
            "{} mismatches among {}:\n{}",
            self.mismatches.len(),
            self.subject,
            self.mismatches.join("\n")
        );
        assert!(self.agreed >= at_least || single_case().is_some(), "only {} cases ran", self.agreed);
    }
}

/// Agreement, or what differs.
pub(crate) type Outcome = Result<(), String>;

/// Both must be the same text; a mismatch shows the place.
pub(crate) fn same(what: &str, found: &str, expected: &str) -> Outcome {
    if found == expected {
        return Ok(());
    }
    let at = found.bytes().zip(expected.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let bytes = text.as_bytes();
        let part = &bytes[at.saturating_sub(40).min(bytes.len())..(at + 60).min(bytes.len())];
        String::from_utf8_lossy(part).into_owned()
    };
    Err(format!("{what}: differs at byte {at}: found …{}… expected …{}…", around(found), around(expected)))
}

pub(crate) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(what()) }
}
