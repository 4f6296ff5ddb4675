//! Clauses: several operations on one key at the same time.

use super::{Clause, MINUTE, Values};
use crate::testing::contract::at_once::{both, together};
use crate::testing::contract::breach::{Kept, only_one};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "of those who put a value at the same time, one does",
        check: |trial| Box::pin(puts(trial)),
    },
    Clause {
        name: "of those who replace a value at the same time, one does",
        check: |trial| Box::pin(replacements(trial)),
    },
    Clause {
        name: "of those who remove a value at the same time, one does",
        check: |trial| Box::pin(removals(trial)),
    },
    Clause {
        name: "a value is there for its readers and taken for others while it is replaced",
        check: |trial| Box::pin(held(trial)),
    },
];

async fn puts(trial: &Values<'_>) -> Kept {
    for _ in 0..ROUNDS {
        let key = trial.key();
        contend(trial, &key, None).await?;
    }
    Ok(())
}

async fn replacements(trial: &Values<'_>) -> Kept {
    for _ in 0..ROUNDS {
        let key = trial.key();
        trial.put(&key, "value", MINUTE).await?;
        contend(trial, &key, Some("value")).await?;
    }
    Ok(())
}

async fn removals(trial: &Values<'_>) -> Kept {
    for _ in 0..ROUNDS {
        let key = trial.key();
        trial.put(&key, "value", MINUTE).await?;
        let removals = (0..CROWD).map(|_| trial.compare_and_swap(&key, Some("value"), None, MINUTE));
        only_one(together(removals).await.into_iter().collect::<Kept<Vec<bool>>>()?)?;
        trial.has_none(&key).await?;
    }
    Ok(())
}

/// An instance that renews its lease holds it all the time.
async fn held(trial: &Values<'_>) -> Kept {
    for round in 0..ROUNDS {
        let key = trial.key();
        trial.put(&key, "mine", MINUTE).await?;
        let holder = async {
            for _ in 0..4 {
                trial.replaced(&key, "mine", "mine", MINUTE).await?;
            }
            Ok(())
        };
        let others = together((0..CROWD).map(|_| look_and_try(trial, &key)));
        let (held, others) = both(round, holder, others).await;
        held?;
        others.into_iter().collect::<Kept>()?;
    }
    Ok(())
}

async fn look_and_try(trial: &Values<'_>, key: &str) -> Kept {
    for _ in 0..3 {
        trial.has(key, "mine").await?;
        trial.refused(key, None, Some("theirs")).await?;
    }
    Ok(())
}

/// Demands that one of many compare-and-swap operations succeeds, and that its value is there then.
pub(super) async fn contend(trial: &Values<'_>, key: &str, expected: Option<&str>) -> Kept {
    let names: Vec<String> = (0..CROWD).map(|rival| format!("rival {rival}")).collect();
    let rivals = names.iter().map(|name| trial.compare_and_swap(key, expected, Some(name), MINUTE));
    let winner = only_one(together(rivals).await.into_iter().collect::<Kept<Vec<bool>>>()?)?;
    match names.get(winner) {
        Some(name) => trial.has(key, name).await,
        None => Ok(()),
    }
}

const ROUNDS: usize = 6;

/// Number of operations at the same time.
const CROWD: usize = 8;
