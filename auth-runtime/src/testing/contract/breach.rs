//! The breach of a clause by a store.

use std::fmt::Debug;
use std::time::Duration;

use crate::store::StoreError;

/// The breach of a clause.
#[derive(Debug)]
pub(super) struct Breach {
    pub(super) expected: String,
    pub(super) found: String,
    /// The store's error, if the operation failed.
    pub(super) cause: Option<StoreError>,
}

/// The result of a step of a clause: a value while the store keeps the contract, else the breach.
pub(super) type Kept<T = ()> = Result<T, Breach>;

impl Breach {
    pub(super) fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into(), cause: None }
    }

    pub(super) fn failed(operation: &str, error: StoreError) -> Self {
        let found = format!("an error: {error}");
        Self { cause: Some(error), ..Self::new(format!("an answer from {operation}"), found) }
    }

    pub(super) fn silent(patience: Duration) -> Self {
        Self::new(format!("answers within {} s", patience.as_secs()), "none")
    }
}

/// Demands that an operation gave the expected answer.
pub(super) fn same<T: Debug + PartialEq>(what: &str, found: &T, expected: &T) -> Kept {
    let breach = || Breach::new(format!("{expected:?} from {what}"), format!("{found:?}"));
    if found == expected { Ok(()) } else { Err(breach()) }
}

/// Demands that a condition holds.
pub(super) fn demand(holds: bool, expected: &str, found: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(Breach::new(expected, found())) }
}

/// Demands that two texts have the same bytes. The texts are too long to be shown.
pub(super) fn same_text(found: &str, expected: &str) -> Kept {
    let difference = || {
        let same = found.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
        format!("{} bytes that are others from byte {same} on", found.len())
    };
    demand(found == expected, &format!("the {} bytes that were written last", expected.len()), difference)
}

/// Demands that exactly one of several answers is `true`, and returns its index.
pub(super) fn only_one(answers: impl IntoIterator<Item = bool>) -> Kept<usize> {
    let told: Vec<usize> =
        answers.into_iter().enumerate().filter_map(|(index, is_told)| is_told.then_some(index)).collect();
    match *told {
        [one] => Ok(one),
        _ => Err(Breach::new("one who is told so", told.len().to_string())),
    }
}
