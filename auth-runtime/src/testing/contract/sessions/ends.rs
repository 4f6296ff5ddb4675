//! Clauses: a record ends at its time, neither before nor after. These clauses wait, all at the same time.

use std::time::Duration;

use tokio::time::sleep;

use super::given_up::POLLS;
use super::{Clause, HOUR, Sessions, has_ended, lasting, of, sealed, text, user};
use crate::store::{Record, RecordIndex, StoreId, Update};
use crate::testing::contract::at_once::{both, given_up};
use crate::testing::contract::breach::{Kept, demand, same};
use crate::testing::contract::trial::now;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a record that has ended is not listed, nor given as one that has not",
        check: |trial| Box::pin(ended(trial)),
    },
    Clause {
        name: "a record that was touched is there and found after its first end",
        check: |trial| Box::pin(touched(trial)),
    },
    Clause {
        name: "a record that was updated is there and found after its first end",
        check: |trial| Box::pin(updated(trial)),
    },
    Clause {
        name: "a session that ends does not hide the user's others",
        check: |trial| Box::pin(others(trial)),
    },
    Clause {
        name: "an update that is refused leaves the record found for as long as it is there",
        check: |trial| Box::pin(refused(trial)),
    },
    Clause {
        name: "a record that was updated and touched at the same time is found for as long as it is there",
        check: |trial| Box::pin(updated_beside_touch(trial)),
    },
    Clause {
        name: "a record whose writer has left ends like any other",
        check: |trial| Box::pin(given_up_writes(trial)),
    },
];

async fn ended(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let (lasts, ends) = (of(&who, "lasts"), lasting(&text(&who, "ends"), SHORT));
    let id = trial.create(&lasts).await?;
    let created = trial.create(&ends).await?;
    let (touched, updated) = (trial.create(&lasts).await?, trial.create(&lasts).await?);
    trial.touched(&touched, &ends).await?;
    trial.replaced(&updated, &ends).await?;
    until_ended(&ends).await;
    trial.lists(&user(&who), &[(&id, &lasts)]).await?;
    for id in [created, touched, updated] {
        ended_or_gone(trial, &id).await?;
    }
    Ok(())
}

async fn touched(trial: &Sessions<'_>) -> Kept {
    let mut moved = Vec::new();
    for record_of in [of, sealed] {
        let who = trial.someone();
        let (first, id) = short(trial, &record_of(&who, "touched")).await?;
        let later = lasting(first.text(), HOUR);
        trial.touched(&id, &later).await?;
        moved.push((first, id, who, later));
    }
    for (first, id, who, later) in moved {
        found_after(trial, &first, &id, &who, &later).await?;
    }
    Ok(())
}

async fn updated(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let (first, id) = short(trial, &of(&who, "first")).await?;
    let second = of(&who, "second");
    trial.replaced(&id, &second).await?;
    found_after(trial, &first, &id, &who, &second).await
}

async fn short(trial: &Sessions<'_>, record: &Record) -> Kept<(Record, StoreId)> {
    let short = lasting(record.text(), SHORT).with_index(record.index().clone());
    let id = trial.create(&short).await?;
    Ok((short, id))
}

async fn found_after(
    trial: &Sessions<'_>,
    first: &Record,
    id: &StoreId,
    who: &RecordIndex,
    expected: &Record,
) -> Kept {
    until_ended(first).await;
    trial.has(id, expected).await?;
    trial.lists(&user(who), &[(id, expected)]).await?;
    trial.logged_out(&user(who), 1).await?;
    trial.has_none(id).await
}

async fn others(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let (long, ends) = (of(&who, "long"), lasting(&text(&who, "ends"), SHORT));
    let first = trial.create(&long).await?;
    trial.create(&ends).await?;
    until_ended(&ends).await;
    trial.lists(&user(&who), &[(&first, &long)]).await?;
    // A store may remove ended sessions when the next one begins.
    let second = trial.create(&long).await?;
    trial.lists(&user(&who), &[(&first, &long), (&second, &long)]).await?;
    trial.log_out(&user(&who)).await?;
    trial.has_none(&first).await?;
    trial.has_none(&second).await
}

async fn refused(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let (first, second) = (of(&who, "first"), of(&who, "second"));
    let id = trial.create(&first).await?;
    let seen = trial.there(&id).await?;
    trial.replaced(&id, &second).await?;
    let late = lasting(&text(&who, "late"), SHORT);
    let answer = trial.update(&id, seen.revision(), &late).await?;
    same("update with a revision that is not there", &answer, &Update::Changed)?;
    until_ended(&late).await;
    let other = trial.create(&first).await?;
    trial.lists(&user(&who), &[(&id, &second), (&other, &first)]).await?;
    trial.logged_out(&user(&who), 2).await?;
    trial.has_none(&id).await
}

async fn updated_beside_touch(trial: &Sessions<'_>) -> Kept {
    let mut written = Vec::new();
    for round in 0..ROUNDS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "first")).await?;
        let seen = trial.there(&id).await?;
        let [long, ends] = [HOUR, SHORT].map(|seconds| lasting(&text(&who, "second"), seconds));
        let (moved, next) = if round < ROUNDS / 2 { (&long, &ends) } else { (&ends, &long) };
        let update = trial.update(&id, seen.revision(), next);
        let (touched, updated) = both(round, trial.touch(&id, moved), update).await;
        touched?;
        updated?;
        written.push((who, id, ends));
    }
    for (who, id, ends) in written {
        until_ended(&ends).await;
        // A store may remove ended sessions when the next one begins.
        trial.create(&of(&who, "another")).await?;
        let is_there = trial.get(&id).await?.is_some_and(|record| !has_ended(&record));
        let is_listed = trial.list(&user(&who)).await?.iter().any(|(listed, _)| *listed == id);
        same("whether list has the record", &is_listed, &is_there)?;
    }
    Ok(())
}

/// A store that writes a record in one step and sets its end in another may leave the record without an end.
async fn given_up_writes(trial: &Sessions<'_>) -> Kept {
    let mut given_up_on = Vec::new();
    for polls in POLLS {
        let (first, second) = (trial.session("given up"), trial.session("first"));
        let [first, ends] = [first, second].map(|record| lasting(record.text(), SHORT));
        let created = trial.id();
        given_up(polls, trial.create_as(&created, &first)).await.transpose()?;
        let updated = trial.create(&ends).await?;
        let seen = trial.there(&updated).await?;
        given_up(polls, trial.update(&updated, seen.revision(), &first)).await.transpose()?;
        given_up_on.extend([(created, first), (updated, ends)]);
    }
    for (id, record) in &given_up_on {
        until_ended(record).await;
        ended_or_gone(trial, id).await?;
    }
    Ok(())
}

async fn ended_or_gone(trial: &Sessions<'_>, id: &StoreId) -> Kept {
    let found = trial.get(id).await?;
    let is_over = found.as_ref().is_none_or(has_ended);
    demand(is_over, "no record, or one that has ended, from get", || "one that has not".to_owned())
}

/// Waits until the second in which the record ends is over, also for a store that began to count late in its first
/// second.
async fn until_ended(record: &Record) {
    while now() < record.expires_at().saturating_add(2) {
        pause().await;
    }
}

pub(super) async fn pause() {
    sleep(Duration::from_millis(20)).await;
}

/// A short lifetime, in seconds. Within 1 the present second may be almost over.
const SHORT: u64 = 2;

const ROUNDS: usize = 8;
