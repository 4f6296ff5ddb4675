//! Clauses: a value comes back as it was put, and changes only while it is the expected one.

use std::time::Duration;

use super::{Clause, DAY, MINUTE, Values};
use crate::testing::contract::breach::{Breach, Kept, demand, same};
use crate::testing::contract::strange::STRANGE;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a key that was never written has no value",
        check: |trial| Box::pin(never_written(trial)),
    },
    Clause {
        name: "values are read in the order of the keys, once for each",
        check: |trial| Box::pin(in_order(trial)),
    },
    Clause { name: "a value comes back byte for byte", check: |trial| Box::pin(byte_for_byte(trial)) },
    Clause {
        name: "writing and removing a value leaves the others as they are",
        check: |trial| Box::pin(others_stay(trial)),
    },
    Clause {
        name: "keys are told apart, whatever characters they have",
        check: |trial| Box::pin(strange_keys(trial)),
    },
    Clause {
        name: "a value is put in the place of nothing only if there is none",
        check: |trial| Box::pin(put_once(trial)),
    },
    Clause {
        name: "a value is replaced only by who knows it",
        check: |trial| Box::pin(replaced_by_who_knows(trial)),
    },
    Clause { name: "a value can be replaced by itself", check: |trial| Box::pin(by_itself(trial)) },
    Clause {
        name: "a value is removed once, and only by who knows it",
        check: |trial| Box::pin(removed_once(trial)),
    },
    Clause {
        name: "nothing is replaced by nothing only where there is nothing",
        check: |trial| Box::pin(nothing_by_nothing(trial)),
    },
];

async fn never_written(trial: &Values<'_>) -> Kept {
    trial.has_none(&trial.key()).await
}

async fn in_order(trial: &Values<'_>) -> Kept {
    same("read of no key", &trial.read(&[]).await?, &Vec::new())?;
    let mut keys: Vec<String> = (0..MANY).map(|_| trial.key()).collect();
    // In an order that is not the alphabet's, with gaps and repetitions: a store must answer in the order of the keys.
    keys.rotate_left(MANY / 3);
    keys.reverse();
    for (index, key) in keys.iter().enumerate() {
        if !index.is_multiple_of(3) {
            trial.put(key, key, MINUTE).await?;
        }
    }
    keys.extend_from_within(..MANY / 2);
    let values = trial.read(&keys).await?;
    same("read, values", &values.len(), &keys.len())?;
    for (index, (key, value)) in keys.iter().zip(&values).enumerate() {
        let expected = Some(key).filter(|_| !(index % MANY).is_multiple_of(3));
        demand(value.as_ref() == expected, "each value from read in the place of its key", || {
            format!("another one in place {index}")
        })?;
    }
    Ok(())
}

async fn byte_for_byte(trial: &Values<'_>) -> Kept {
    let large = "0123456\u{1f511}\u{e9}".repeat(8_000);
    for value in VALUES.into_iter().chain([large.as_str()]) {
        let key = trial.key();
        trial.put(&key, value, 400 * DAY).await?;
        trial.has(&key, value).await?;
        trial.replaced(&key, value, "next", MINUTE).await?;
        trial.replaced(&key, "next", value, MINUTE).await?;
        trial.has(&key, value).await?;
    }
    Ok(())
}

async fn others_stay(trial: &Values<'_>) -> Kept {
    let [first, second, third] = [trial.key(), trial.key(), trial.key()];
    for key in [&first, &second, &third] {
        trial.put(key, "value", MINUTE).await?;
    }
    trial.replaced(&second, "value", "next", MINUTE).await?;
    if !trial.compare_and_swap(&second, Some("next"), None, MINUTE).await? {
        return Err(Breach::new("true from replace of a value by nothing", "false"));
    }
    trial.has_none(&second).await?;
    trial.has(&first, "value").await?;
    trial.has(&third, "value").await
}

async fn strange_keys(trial: &Values<'_>) -> Kept {
    let prefix = trial.fresh();
    let long = "k".repeat(200);
    let ends = STRANGE.iter().map(|end| (*end).to_owned());
    let ends = ends.chain(["k", "l"].map(|last| format!("{long}{last}")));
    let keys: Vec<String> = ends.map(|end| trial.named(format!("{prefix}{end}"))).collect();
    for key in &keys {
        trial.has_none(key).await?;
        trial.put(key, key, MINUTE).await?;
    }
    for key in &keys {
        trial.has(key, key).await?;
    }
    for key in &keys {
        let removed = trial.compare_and_swap(key, Some(key), None, MINUTE).await?;
        same("replace of a value by nothing", &removed, &true)?;
        trial.has_none(key).await?;
    }
    Ok(())
}

async fn put_once(trial: &Values<'_>) -> Kept {
    let key = trial.key();
    trial.put(&key, "first", MINUTE).await?;
    for value in ["second", "first"] {
        trial.refused(&key, None, Some(value)).await?;
        trial.has(&key, "first").await?;
    }
    Ok(())
}

async fn replaced_by_who_knows(trial: &Values<'_>) -> Kept {
    let key = trial.key();
    trial.refused(&key, Some("value"), Some("next")).await?;
    trial.refused(&key, Some(""), Some("next")).await?;
    trial.has_none(&key).await?;
    trial.put(&key, "value", MINUTE).await?;
    for other in NOT_THE_VALUE {
        trial.refused(&key, Some(other), Some("next")).await?;
        trial.has(&key, "value").await?;
    }
    trial.replaced(&key, "value", "next", MINUTE).await?;
    trial.has(&key, "next").await?;
    trial.refused(&key, Some("value"), Some("late")).await?;
    trial.has(&key, "next").await
}

/// An instance prolongs its lease in this way.
async fn by_itself(trial: &Values<'_>) -> Kept {
    let key = trial.key();
    trial.put(&key, "mine", MINUTE).await?;
    for _ in 0..2 {
        trial.replaced(&key, "mine", "mine", MINUTE).await?;
        trial.has(&key, "mine").await?;
    }
    Ok(())
}

async fn removed_once(trial: &Values<'_>) -> Kept {
    let key = trial.key();
    trial.refused(&key, Some("value"), None).await?;
    for ttl in [MINUTE, Duration::ZERO] {
        trial.put(&key, "value", MINUTE).await?;
        for other in NOT_THE_VALUE {
            trial.refused(&key, Some(other), None).await?;
            trial.has(&key, "value").await?;
        }
        let removed = trial.compare_and_swap(&key, Some("value"), None, ttl).await?;
        same("replace of a value by nothing", &removed, &true)?;
        trial.has_none(&key).await?;
        trial.refused(&key, Some("value"), None).await?;
    }
    Ok(())
}

async fn nothing_by_nothing(trial: &Values<'_>) -> Kept {
    let key = trial.key();
    let replaced = trial.compare_and_swap(&key, None, None, MINUTE).await?;
    same("replace of nothing by nothing where there is nothing", &replaced, &true)?;
    trial.has_none(&key).await?;
    trial.put(&key, "value", MINUTE).await?;
    trial.refused(&key, None, None).await?;
    trial.has(&key, "value").await
}

const MANY: usize = 60;

const VALUES: [&str; 6] = [
    "",
    " ",
    "value ",
    "{\"a\": 1.0, \"a\" : \"\\ud83e\"}\r\n",
    "'; DROP TABLE 1; -- %s \\",
    "é e\u{301} 🔑",
];

/// The texts that an inexact comparison may take for `value`.
const NOT_THE_VALUE: [&str; 9] =
    ["", "Value", "VALUE", "value ", " value", "valu", "values", "v%", "\u{76}\u{301}alue"];
