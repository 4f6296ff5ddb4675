//! Clauses: a value ends when its time is over, neither before nor after. These clauses wait, all at the same time.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::races::contend;
use super::{Clause, DAY, MINUTE, Values};
use crate::testing::contract::at_once::given_up;
use crate::testing::contract::breach::{Breach, Kept, demand, same};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a value is there until its time is over",
        check: |trial| Box::pin(there_until_then(trial)),
    },
    Clause { name: "a value ends, and its key is free again", check: |trial| Box::pin(ends(trial)) },
    Clause { name: "a replacement has a time of its own", check: |trial| Box::pin(time_of_its_own(trial)) },
    Clause {
        name: "a replacement that is refused prolongs nothing",
        check: |trial| Box::pin(refusals_prolong_nothing(trial)),
    },
    Clause {
        name: "of those who come when a value has ended, one takes its place",
        check: |trial| Box::pin(one_takes_over(trial)),
    },
    Clause { name: "a value that is given no time ends", check: |trial| Box::pin(no_time(trial)) },
    Clause {
        name: "a value whose writer has left ends like any other",
        check: |trial| Box::pin(given_up_writes(trial)),
    },
];

async fn there_until_then(trial: &Values<'_>) -> Kept {
    let began = Instant::now();
    let ttl = Duration::from_millis(1_900);
    let [short, replaced, long, longest] = [trial.key(), trial.key(), trial.key(), trial.key()];
    trial.put(&short, "short", ttl).await?;
    trial.put(&replaced, "long", MINUTE).await?;
    trial.replaced(&replaced, "long", "short", ttl).await?;
    trial.put(&long, "long", MINUTE).await?;
    trial.put(&longest, "longest", 400 * DAY).await?;
    sleep(Duration::from_millis(1_200)).await;
    let is_there = trial.value(&short).await?.is_some() && trial.value(&replaced).await?.is_some();
    // On a slow machine the value may have ended meanwhile: then its absence proves nothing.
    let is_early = began.elapsed() < ttl;
    demand(is_there || !is_early, "a value within its time of 1.9 s", || "none".to_owned())?;
    trial.has(&long, "long").await?;
    trial.has(&longest, "longest").await
}

async fn ends(trial: &Values<'_>) -> Kept {
    let (key, lasts) = (trial.key(), trial.key());
    trial.put(&lasts, "lasts", MINUTE).await?;
    trial.put(&key, "first", SHORT).await?;
    until_none(trial, &key).await?;
    trial.refused(&key, Some("first"), Some("late")).await?;
    trial.refused(&key, Some("first"), None).await?;
    trial.has_none(&key).await?;
    let there = trial.read(&[key.clone(), lasts]).await?;
    same(
        "read of a value that has ended and one that has not",
        &there,
        &vec![None, Some("lasts".to_owned())],
    )?;
    trial.put(&key, "second", MINUTE).await?;
    trial.has(&key, "second").await
}

async fn time_of_its_own(trial: &Values<'_>) -> Kept {
    let [longer, held, shorter] = [trial.key(), trial.key(), trial.key()];
    let ttl = Duration::from_secs(2);
    trial.put(&longer, "first", ttl).await?;
    trial.replaced(&longer, "first", "second", MINUTE).await?;
    trial.put(&held, "mine", ttl).await?;
    trial.replaced(&held, "mine", "mine", MINUTE).await?;
    trial.put(&shorter, "first", MINUTE).await?;
    trial.replaced(&shorter, "first", "second", SHORT).await?;
    until_none(trial, &shorter).await?;
    sleep(ttl.saturating_add(ttl / 4)).await;
    trial.has(&longer, "second").await?;
    trial.has(&held, "mine").await
}

async fn refusals_prolong_nothing(trial: &Values<'_>) -> Kept {
    let (key, began) = (trial.key(), Instant::now());
    trial.put(&key, "first", SHORT).await?;
    while !trial.compare_and_swap(&key, None, Some("second"), MINUTE).await? {
        trial.refused(&key, Some("other"), Some("third")).await?;
        trial.refused(&key, Some("other"), None).await?;
        in_time(began)?;
        pause().await;
    }
    trial.has(&key, "second").await
}

async fn one_takes_over(trial: &Values<'_>) -> Kept {
    for _ in 0..3 {
        let key = trial.key();
        trial.put(&key, "ended", SHORT).await?;
        until_none(trial, &key).await?;
        contend(trial, &key, None).await?;
    }
    Ok(())
}

/// The store may keep the value for a moment.
async fn no_time(trial: &Values<'_>) -> Kept {
    let key = trial.key();
    trial.compare_and_swap(&key, None, Some("over"), Duration::ZERO).await?;
    until_none(trial, &key).await?;
    trial.put(&key, "value", MINUTE).await?;
    trial.compare_and_swap(&key, Some("value"), Some("over"), Duration::ZERO).await?;
    until_none(trial, &key).await
}

/// A store that writes a value in one step and sets its end in another may leave the value without an end. A store that
/// locks a key may leave it locked.
async fn given_up_writes(trial: &Values<'_>) -> Kept {
    let mut given_up_on = Vec::new();
    for polls in 1..=6 {
        let (put, replaced) = (trial.key(), trial.key());
        given_up(polls, trial.put(&put, "given up", SHORT)).await.transpose()?;
        trial.put(&replaced, "first", SHORT).await?;
        let replacement = trial.compare_and_swap(&replaced, Some("first"), Some("given up"), SHORT);
        given_up(polls, replacement).await.transpose()?;
        given_up_on.extend([put, replaced]);
    }
    sleep(SHORT).await;
    for key in &given_up_on {
        until_none(trial, key).await?;
        trial.put(key, "next", MINUTE).await?;
        trial.replaced(key, "next", "last", MINUTE).await?;
    }
    Ok(())
}

async fn until_none(trial: &Values<'_>, key: &str) -> Kept {
    let began = Instant::now();
    while trial.value(key).await?.is_some() {
        in_time(began)?;
        pause().await;
    }
    Ok(())
}

fn in_time(began: Instant) -> Kept {
    let breach = || Breach::new("a value that ends", format!("it {} s later", LATE.as_secs()));
    if began.elapsed() < LATE { Ok(()) } else { Err(breach()) }
}

async fn pause() {
    sleep(Duration::from_millis(20)).await;
}

const SHORT: Duration = Duration::from_millis(300);

/// The longest delay of an end: a store may round up to its next second, and the machine may be busy.
const LATE: Duration = Duration::from_secs(5);
