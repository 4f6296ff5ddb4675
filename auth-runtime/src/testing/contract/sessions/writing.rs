//! Clauses: an update, a touch or a deletion changes the record as demanded, and an update only from the seen revision.

use super::ends::pause;
use super::reading::TEXTS;
use super::{Clause, HOUR, LONG, MINUTE, Sessions, ended, has_ended, lasting, of, text, user};
use crate::store::{Record, Revision, StoreId, Update};
use crate::testing::contract::breach::{Kept, demand, same};
use crate::testing::contract::trial::now;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "an update with the revision that was seen replaces text and end",
        check: |trial| Box::pin(update_replaces(trial)),
    },
    Clause {
        name: "an update that changes the text changes the revision",
        check: |trial| Box::pin(update_changes_revision(trial)),
    },
    Clause {
        name: "an update with an old revision changes nothing",
        check: |trial| Box::pin(old_revision(trial)),
    },
    Clause {
        name: "an update with a revision that the store never gave changes nothing",
        check: |trial| Box::pin(made_up_revision(trial)),
    },
    Clause {
        name: "an update of a record that never was creates none",
        check: |trial| Box::pin(update_creates_none(trial)),
    },
    Clause {
        name: "an update of a record that was deleted does not revive it",
        check: |trial| Box::pin(update_revives_none(trial)),
    },
    Clause {
        name: "a touch moves the end, to later and to earlier, and keeps the text",
        check: |trial| Box::pin(touch_moves_end(trial)),
    },
    Clause {
        name: "a touch leaves the revision as it is",
        check: |trial| Box::pin(touch_keeps_revision(trial)),
    },
    Clause {
        name: "a touch of a record that is not there creates none",
        check: |trial| Box::pin(touch_creates_none(trial)),
    },
    Clause {
        name: "an update or a touch that changes nothing is done all the same",
        check: |trial| Box::pin(nothing_changed(trial)),
    },
    Clause {
        name: "a record that has no time left is not kept for good",
        check: |trial| Box::pin(no_time_left(trial)),
    },
    Clause { name: "a record can be deleted once", check: |trial| Box::pin(deleted_once(trial)) },
    Clause {
        name: "deleting a record leaves the others as they are",
        check: |trial| Box::pin(others_stay(trial)),
    },
];

async fn update_replaces(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let id = trial.create(&of(&who, "first")).await?;
    let large = "\u{1f511}89abcdef".repeat(20_000);
    for (word, seconds) in [("longer", LONG), (large.as_str(), MINUTE), ("", HOUR)] {
        let next = lasting(&text(&who, word), seconds);
        trial.replaced(&id, &next).await?;
        trial.has(&id, &next).await?;
    }
    for next in TEXTS.map(|text| lasting(text, HOUR)) {
        trial.replaced(&id, &next).await?;
        trial.has(&id, &next).await?;
    }
    Ok(())
}

async fn update_changes_revision(trial: &Sessions<'_>) -> Kept {
    let id = trial.create(&trial.session("first")).await?;
    let first = trial.there(&id).await?;
    trial.replaced(&id, &trial.session("second")).await?;
    let second = trial.there(&id).await?;
    demand(first.revision() != second.revision(), "two revisions of two texts", || "one".to_owned())
}

/// A store may use the text as the revision, so no text is written twice here.
async fn old_revision(trial: &Sessions<'_>) -> Kept {
    let id = trial.create(&trial.session("first")).await?;
    let first = trial.there(&id).await?;
    let second = trial.session("second");
    trial.replaced(&id, &second).await?;
    refused(trial, &id, first.revision(), &second).await?;
    let third = trial.session("third");
    trial.replaced(&id, &third).await?;
    refused(trial, &id, first.revision(), &third).await
}

async fn made_up_revision(trial: &Sessions<'_>) -> Kept {
    let record = trial.session("there");
    let id = trial.create(&record).await?;
    refused(trial, &id, &Revision::default(), &record).await?;
    refused(trial, &id, &Revision::new(trial.fresh()), &record).await
}

async fn refused(trial: &Sessions<'_>, id: &StoreId, seen: &Revision, there: &Record) -> Kept {
    let late = lasting(trial.session("late").text(), LONG);
    let answer = trial.update(id, seen, &late).await?;
    same("update with a revision that is not there", &answer, &Update::Changed)?;
    trial.has(id, there).await?;
    Ok(())
}

async fn update_creates_none(trial: &Sessions<'_>) -> Kept {
    let other = trial.create(&trial.session("other")).await?;
    let given = trial.there(&other).await?;
    for seen in [given.revision(), &Revision::default()] {
        absent(trial, &trial.id(), seen).await?;
    }
    Ok(())
}

async fn update_revives_none(trial: &Sessions<'_>) -> Kept {
    let id = trial.create(&trial.session("first")).await?;
    let seen = trial.there(&id).await?;
    trial.deleted(&id).await?;
    absent(trial, &id, seen.revision()).await?;
    let who = trial.someone();
    let id = trial.create(&of(&who, "first")).await?;
    let seen = trial.there(&id).await?;
    trial.logged_out(&user(&who), 1).await?;
    absent(trial, &id, seen.revision()).await
}

async fn absent(trial: &Sessions<'_>, id: &StoreId, seen: &Revision) -> Kept {
    let who = trial.someone();
    let answer = trial.update(id, seen, &of(&who, "late")).await?;
    same("update of a record that is not there", &answer, &Update::Absent)?;
    trial.has_none(id).await?;
    trial.lists(&user(&who), &[]).await?;
    Ok(())
}

async fn touch_moves_end(trial: &Sessions<'_>) -> Kept {
    let large = trial.session(&"\u{1f511}89abcdef".repeat(20_000));
    for text in TEXTS.into_iter().chain([large.text()]) {
        let id = trial.create(&lasting(text, HOUR)).await?;
        for seconds in [LONG, MINUTE, 2 * HOUR] {
            let moved = lasting(text, seconds);
            trial.touched(&id, &moved).await?;
            trial.has(&id, &moved).await?;
        }
    }
    Ok(())
}

async fn touch_keeps_revision(trial: &Sessions<'_>) -> Kept {
    let record = trial.session("touched");
    let id = trial.create(&record).await?;
    let before = trial.there(&id).await?;
    trial.touched(&id, &lasting("", 2 * HOUR)).await?;
    let after = trial.there(&id).await?;
    demand(before.revision() == after.revision(), "one revision before and after a touch", || {
        "two".to_owned()
    })?;
    let next = trial.session("updated");
    let answer = trial.update(&id, before.revision(), &next).await?;
    same("update with the revision from before a touch", &answer, &Update::Done)?;
    trial.has(&id, &next).await?;
    Ok(())
}

async fn touch_creates_none(trial: &Sessions<'_>) -> Kept {
    let never = trial.id();
    let deleted = trial.create(&trial.session("deleted")).await?;
    trial.deleted(&deleted).await?;
    for id in [never, deleted] {
        let answer = trial.touch(&id, &lasting("", HOUR)).await?;
        same("touch of a record that is not there", &answer, &false)?;
        trial.has_none(&id).await?;
    }
    Ok(())
}

/// A database may count the rows that it changed instead of the rows that it found.
async fn nothing_changed(trial: &Sessions<'_>) -> Kept {
    let record = trial.session("the same");
    let id = trial.create(&record).await?;
    for _ in 0..2 {
        trial.touched(&id, &record).await?;
        trial.replaced(&id, &record).await?;
        trial.has(&id, &record).await?;
    }
    Ok(())
}

async fn no_time_left(trial: &Sessions<'_>) -> Kept {
    for seconds_ago in [0, 1, MINUTE] {
        let id = trial.create(&trial.session("created")).await?;
        trial.replaced(&id, &ended(trial.session("updated").text(), seconds_ago)).await?;
        over_soon(trial, &id).await?;
        let id = trial.create(&trial.session("created")).await?;
        trial.touched(&id, &ended("", seconds_ago)).await?;
        over_soon(trial, &id).await?;
        let id = trial.create(&ended(trial.session("created").text(), seconds_ago)).await?;
        over_soon(trial, &id).await?;
    }
    Ok(())
}

/// Demands that the record is gone or has ended within three seconds: a store may round up to its next second.
async fn over_soon(trial: &Sessions<'_>, id: &StoreId) -> Kept {
    let began = now();
    loop {
        match trial.get(id).await? {
            Some(record) if !has_ended(&record) => {
                let waited = now().seconds_since(began);
                demand(waited < 3, "no record, or one that has ended, from get", || {
                    format!("one that ends in {} s", record.expires_at().seconds_since(now()))
                })?;
                pause().await;
            }
            _ => return Ok(()),
        }
    }
}

async fn deleted_once(trial: &Sessions<'_>) -> Kept {
    same("delete of a record that never was", &trial.delete(&trial.id()).await?, &false)?;
    let id = trial.create(&trial.session("deleted")).await?;
    trial.deleted(&id).await?;
    trial.has_none(&id).await?;
    same("the second delete of a record", &trial.delete(&id).await?, &false)?;
    trial.has_none(&id).await
}

async fn others_stay(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let (one, other) = (of(&who, "one"), of(&who, "other"));
    let first = trial.create(&one).await?;
    let deleted = trial.create(&one).await?;
    let third = trial.create(&other).await?;
    trial.deleted(&deleted).await?;
    trial.has(&first, &one).await?;
    trial.has(&third, &other).await?;
    Ok(())
}
