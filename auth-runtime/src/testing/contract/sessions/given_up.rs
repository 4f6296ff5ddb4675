//! Clauses: operations that the caller drops half-way, because they take too long or the client has disconnected. They
//! happen as a whole or not at all, maybe a little later.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::ends::pause;
use super::{Clause, Sessions, lasting, of, user};
use crate::store::{RecordIndex, StoreId, Update};
use crate::testing::contract::at_once::given_up;
use crate::testing::contract::breach::{Breach, Kept, demand};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a session that was given up while it began is there and found, or neither",
        check: |trial| Box::pin(creations(trial)),
    },
    Clause {
        name: "a record whose update or touch was given up is whole and can be updated",
        check: |trial| Box::pin(writes(trial)),
    },
    Clause {
        name: "a session that was given up while it ended is there and found, or neither",
        check: |trial| Box::pin(deletions(trial)),
    },
];

async fn creations(trial: &Sessions<'_>) -> Kept {
    for polls in POLLS {
        let (who, id) = (trial.someone(), trial.id());
        given_up(polls, trial.create_as(&id, &of(&who, "given up"))).await.transpose()?;
        both_or_neither(trial, &id, &who).await?;
    }
    // A creation that is late has to be there before the test removes its records.
    sleep(LATE).await;
    Ok(())
}

async fn writes(trial: &Sessions<'_>) -> Kept {
    for polls in POLLS {
        let who = trial.someone();
        let (first, second) = (of(&who, "first"), of(&who, "second"));
        let id = trial.create(&first).await?;
        let seen = trial.there(&id).await?;
        given_up(polls, trial.update(&id, seen.revision(), &second)).await.transpose()?;
        given_up(polls, trial.touch(&id, &lasting("", 120))).await.transpose()?;
        let found = trial.there(&id).await?;
        let is_whole = found.text() == first.text() || found.text() == second.text();
        demand(is_whole, "the text from before or after the update", || "another one".to_owned())?;
        both_or_neither(trial, &id, &who).await?;
        update_after_all(trial, &id, &who).await?;
    }
    Ok(())
}

async fn update_after_all(trial: &Sessions<'_>, id: &StoreId, who: &RecordIndex) -> Kept {
    for _ in 0..MAX_ATTEMPTS {
        let seen = trial.there(id).await?;
        let next = of(who, "third");
        match trial.update(id, seen.revision(), &next).await? {
            Update::Done => {
                let found = trial.there(id).await?;
                let is_so = found.text() == next.text();
                return demand(is_so, "the text of the last update", || "another one".to_owned());
            }
            // The update that was given up was done after all.
            Update::Changed => pause().await,
            Update::Absent => return Err(Breach::new("Done from update", "Absent")),
        }
    }
    Err(Breach::new("Done from update after one that was given up", "Changed, again and again"))
}

async fn deletions(trial: &Sessions<'_>) -> Kept {
    for polls in POLLS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "deleted")).await?;
        given_up(polls, trial.delete(&id)).await.transpose()?;
        both_or_neither(trial, &id, &who).await?;
        trial.delete(&id).await?;
        trial.has_none(&id).await?;
        let id = trial.create(&of(&who, "signed out")).await?;
        let scope = user(&who);
        given_up(polls, trial.log_out(&scope)).await.transpose()?;
        both_or_neither(trial, &id, &who).await?;
        trial.log_out(&scope).await?;
        trial.has_none(&id).await?;
    }
    Ok(())
}

/// Demands that the session is there and listed, or neither. No logout token could end a session that is not listed.
async fn both_or_neither(trial: &Sessions<'_>, id: &StoreId, who: &RecordIndex) -> Kept {
    let began = Instant::now();
    loop {
        pause().await;
        let is_there = trial.get(id).await?.is_some();
        let is_listed = trial.list(&user(who)).await?.iter().any(|(listed, _)| listed == id);
        if is_there == is_listed {
            return Ok(());
        }
        demand(began.elapsed() < SETTLED, "a record from get if there is one from list", || {
            format!("one from {}", if is_there { "get alone" } else { "list alone" })
        })?;
    }
}

/// Number of polls before an operation is dropped: 1 drops it at its first wait, 2 at its second, and so on.
pub(super) const POLLS: std::ops::RangeInclusive<usize> = 1..=6;

const LATE: Duration = Duration::from_millis(50);

/// The time after which an operation that was given up is done or will never be.
const SETTLED: Duration = Duration::from_secs(1);

const MAX_ATTEMPTS: usize = 100;
