//! Clauses: several requests that use one session at the same time.

use super::{Clause, HOUR, Sessions, lasting, of, same_end, user};
use crate::json;
use crate::store::{Record, RecordIndex, StoreId, Update};
use crate::testing::contract::at_once::{both, together, turn};
use crate::testing::contract::breach::{Breach, Kept, demand, only_one, same, same_text};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a record is there for its readers while it is updated and touched",
        check: |trial| Box::pin(readers(trial)),
    },
    Clause {
        name: "of updates at the same time with one revision, one is done",
        check: |trial| Box::pin(updates(trial)),
    },
    Clause {
        name: "of deletions at the same time, one is told that it was",
        check: |trial| Box::pin(deletions(trial)),
    },
    Clause {
        name: "an update beside a deletion does not revive the record",
        check: |trial| Box::pin(update_beside_deletion(trial)),
    },
    Clause {
        name: "a touch beside a deletion does not revive the record",
        check: |trial| Box::pin(touch_beside_deletion(trial)),
    },
    Clause {
        name: "a logout token ends a session that is updated and touched meanwhile",
        check: |trial| Box::pin(logout_beside_writes(trial)),
    },
    Clause {
        name: "a touch beside an update loses nothing of it",
        check: |trial| Box::pin(touch_beside_update(trial)),
    },
    Clause { name: "touches at the same time are all done", check: |trial| Box::pin(touches(trial)) },
    Clause {
        name: "who read, change and update at the same time lose nothing",
        check: |trial| Box::pin(counting(trial)),
    },
    Clause {
        name: "sessions that begin at the same time are all found",
        check: |trial| Box::pin(beginning(trial)),
    },
];

async fn readers(trial: &Sessions<'_>) -> Kept {
    for round in 0..ROUNDS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "first")).await?;
        let writes = async {
            for word in ["second", "third"] {
                trial.replaced(&id, &of(&who, word)).await?;
                trial.touched(&id, &lasting("", 2 * HOUR)).await?;
            }
            Ok(())
        };
        let reads = together((0..CROWD).map(|_| read(trial, &id, &who)));
        let (written, read) = both(round, writes, reads).await;
        written?;
        read.into_iter().collect::<Kept>()?;
    }
    Ok(())
}

async fn read(trial: &Sessions<'_>, id: &StoreId, who: &RecordIndex) -> Kept {
    for _ in 0..3 {
        trial.there(id).await?;
        let listed = trial.list(&user(who)).await?;
        demand(listed.len() == 1, "one record from list", || listed.len().to_string())?;
    }
    Ok(())
}

async fn updates(trial: &Sessions<'_>) -> Kept {
    for _ in 0..ROUNDS {
        let id = trial.create(&trial.session("first")).await?;
        let seen = trial.there(&id).await?;
        let rivals: Vec<Record> = (0..CROWD).map(|rival| trial.session(&rival.to_string())).collect();
        let updates = rivals.iter().map(|rival| trial.update(&id, seen.revision(), rival));
        let answers = together(updates).await.into_iter().collect::<Kept<Vec<Update>>>()?;
        let winner = only_one(answers.iter().map(|answer| *answer == Update::Done))?;
        for late in answers.into_iter().filter(|answer| *answer != Update::Done) {
            same("update after that of somebody else", &late, &Update::Changed)?;
        }
        if let Some(winner) = rivals.get(winner) {
            trial.has(&id, winner).await?;
        }
    }
    Ok(())
}

async fn deletions(trial: &Sessions<'_>) -> Kept {
    for _ in 0..ROUNDS {
        let id = trial.create(&trial.session("deleted")).await?;
        let answers = together((0..CROWD).map(|_| trial.delete(&id))).await;
        only_one(answers.into_iter().collect::<Kept<Vec<bool>>>()?)?;
        trial.has_none(&id).await?;
    }
    Ok(())
}

async fn update_beside_deletion(trial: &Sessions<'_>) -> Kept {
    for round in 0..ROUNDS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "first")).await?;
        let seen = trial.there(&id).await?;
        let late = of(&who, "late");
        let update = trial.update(&id, seen.revision(), &late);
        let (updated, deleted) = both(round, update, trial.delete(&id)).await;
        same("delete beside an update", &deleted?, &true)?;
        before_or_not_at_all(updated?)?;
        trial.has_none(&id).await?;
        trial.lists(&user(&who), &[]).await?;
    }
    Ok(())
}

async fn touch_beside_deletion(trial: &Sessions<'_>) -> Kept {
    for round in 0..ROUNDS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "first")).await?;
        let moved = lasting("", 2 * HOUR);
        let (touched, deleted) = both(round, trial.touch(&id, &moved), trial.delete(&id)).await;
        same("delete beside a touch", &deleted?, &true)?;
        touched?;
        trial.has_none(&id).await?;
        trial.lists(&user(&who), &[]).await?;
    }
    Ok(())
}

async fn logout_beside_writes(trial: &Sessions<'_>) -> Kept {
    for round in 0..ROUNDS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "first")).await?;
        let seen = trial.there(&id).await?;
        let (late, moved, scope) = (of(&who, "late"), lasting("", 2 * HOUR), user(&who));
        let update = trial.update(&id, seen.revision(), &late);
        let writes = both(round / 2, update, trial.touch(&id, &moved));
        let ((updated, touched), ended) = both(round, writes, trial.log_out(&scope)).await;
        same("delete_by_logout_token beside an update", &ended?, &1)?;
        touched?;
        before_or_not_at_all(updated?)?;
        trial.has_none(&id).await?;
        trial.lists(&scope, &[]).await?;
    }
    Ok(())
}

/// Demands that the update was done or found no record. It must not be `Changed`, since no other request updated the
/// record.
fn before_or_not_at_all(updated: Update) -> Kept {
    let is_so = matches!(updated, Update::Done | Update::Absent);
    demand(is_so, "Done or Absent from update beside a deletion", || format!("{updated:?}"))
}

async fn touch_beside_update(trial: &Sessions<'_>) -> Kept {
    for round in 0..ROUNDS {
        let who = trial.someone();
        let id = trial.create(&of(&who, "first")).await?;
        let seen = trial.there(&id).await?;
        let next = of(&who, "second");
        let moved = lasting(next.text(), 2 * HOUR);
        let update = trial.update(&id, seen.revision(), &next);
        let (touched, updated) = both(round, trial.touch(&id, &moved), update).await;
        same("touch beside an update", &touched?, &true)?;
        same("update beside a touch", &updated?, &Update::Done)?;
        let found = trial.there(&id).await?;
        same_text(found.text(), next.text())?;
        // Of the update and the touch either may have been the last.
        same_end(&found, &moved).or_else(|_| same_end(&found, &next))?;
    }
    Ok(())
}

async fn touches(trial: &Sessions<'_>) -> Kept {
    for _ in 0..ROUNDS {
        let record = trial.session("touched");
        let id = trial.create(&record).await?;
        let moved = lasting(record.text(), 2 * HOUR);
        let answers = together((0..CROWD).map(|_| trial.touched(&id, &moved))).await;
        answers.into_iter().collect::<Kept>()?;
        trial.has(&id, &moved).await?;
    }
    Ok(())
}

async fn counting(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let id = trial.create(&counted(&who, 0)).await?;
    let counted = together((0..CROWD).map(|_| count(trial, &id, &who))).await;
    counted.into_iter().collect::<Kept>()?;
    let expected = i64::try_from(CROWD).unwrap_or(i64::MAX).saturating_mul(EACH);
    same("everybody's counting", &counter(&trial.there(&id).await?)?, &expected)
}

async fn count(trial: &Sessions<'_>, id: &StoreId, who: &RecordIndex) -> Kept {
    for _ in 0..EACH {
        let mut attempts = 0;
        loop {
            let seen = trial.there(id).await?;
            let next = counted(who, counter(&seen)?.saturating_add(1));
            match trial.update(id, seen.revision(), &next).await? {
                Update::Done => break,
                Update::Changed => {
                    attempts += 1;
                    demand(attempts < MAX_ATTEMPTS, "Done from update, as the others are done", || {
                        "Changed".to_owned()
                    })?;
                    turn().await;
                }
                Update::Absent => return Err(Breach::new("Done or Changed from update", "Absent")),
            }
        }
    }
    Ok(())
}

fn counted(who: &RecordIndex, count: i64) -> Record {
    of(who, &count.to_string())
}

fn counter(record: &Record) -> Kept<i64> {
    let word = json::member(record.text(), "word").and_then(json::string);
    let count = word.and_then(|word| word.parse().ok());
    count.ok_or_else(|| Breach::new("a text that was written", "another one"))
}

async fn beginning(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let records: Vec<Record> = (0..CROWD).map(|session| of(&who, &session.to_string())).collect();
    let created = together(records.iter().map(|record| trial.create(record))).await;
    let ids = created.into_iter().collect::<Kept<Vec<StoreId>>>()?;
    let expected: Vec<_> = ids.iter().zip(&records).collect();
    trial.lists(&user(&who), &expected).await?;
    trial.logged_out(&user(&who), CROWD).await
}

/// Number of rounds. Of two operations, the first and the second one begin by turns.
const ROUNDS: usize = 6;

/// Number of operations at the same time.
const CROWD: usize = 8;

/// Number of times that each of them counts.
const EACH: i64 = 4;

/// The maximum number of attempts at one count. An attempt fails only when another one succeeds, so fewer are enough.
const MAX_ATTEMPTS: i64 = 100;
