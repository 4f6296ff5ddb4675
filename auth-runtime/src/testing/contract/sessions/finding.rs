//! Clauses: records are found by their user, their session id and their provider.

use super::{Clause, HOUR, LONG, Sessions, exactly, lasting, of, sealed, session, text, user};
use crate::store::{Record, RecordIndex, SessionFilter, StoreId, Update};
use crate::testing::contract::breach::{Kept, same};
use crate::testing::contract::strange::{SEPARATORS, STRANGE};

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "the list has what the scope covers, under keys and with revisions that serve",
        check: |trial| Box::pin(what_is_covered(trial)),
    },
    Clause {
        name: "a user who has many sessions has all of them listed and ended",
        check: |trial| Box::pin(many(trial)),
    },
    Clause {
        name: "what was deleted is not listed, nor ended once more",
        check: |trial| Box::pin(not_what_was_deleted(trial)),
    },
    Clause { name: "a record is found after a touch", check: |trial| Box::pin(after_a_touch(trial)) },
    Clause {
        name: "a sealed record is found by what is said beside its text",
        check: |trial| Box::pin(sealed_records(trial)),
    },
    Clause {
        name: "the list has text and end of a record as they are",
        check: |trial| Box::pin(as_created(trial)),
    },
    Clause {
        name: "a record is found by what its last update says",
        check: |trial| Box::pin(by_the_last_update(trial)),
    },
    Clause {
        name: "users, sessions and providers are told apart, whatever characters their names have",
        check: |trial| Box::pin(strange_names(trial)),
    },
    Clause {
        name: "names that read the same when put together are told apart",
        check: |trial| Box::pin(names_put_together(trial)),
    },
];

async fn what_is_covered(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let second = RecordIndex { sid: Some(trial.fresh()), ..who.clone() };
    let without_provider = RecordIndex { iss: None, sid: None, ..who.clone() };
    let elsewhere = RecordIndex { iss: trial.someone().iss, ..who.clone() };
    let other = RecordIndex { iss: who.iss.clone(), sid: who.sub.clone(), ..trial.someone() };
    let other_user = RecordIndex { sub: other.sub.clone(), ..second.clone() };
    let mut made: Vec<(StoreId, Record)> = Vec::new();
    for index in [&who, &second, &without_provider, &elsewhere, &other, &other_user] {
        let record = of(index, "listed");
        made.push((trial.create(&record).await?, record));
    }
    let covered = |scope: SessionFilter| {
        let covered: Vec<_> = made.iter().filter(|(_, record)| scope.covers(record)).collect();
        (scope, covered.into_iter().map(|(id, record)| (id, record)).collect::<Vec<_>>())
    };
    for scope in [session(&who), exactly(&second), exactly(&elsewhere), user(&other), user(&trial.someone())]
    {
        let (scope, expected) = covered(scope);
        trial.lists(&scope, &expected).await?;
    }
    let (scope, expected) = covered(user(&who));
    for (id, record) in trial.lists(&scope, &expected).await? {
        trial.has(&id, &record).await?;
        let answer = trial.update(&id, record.revision(), &of(&who, "updated")).await?;
        same("update with the revision that list gave", &answer, &Update::Done)?;
    }
    Ok(())
}

async fn many(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let record = of(&who, "one of many");
    let mut ids = Vec::new();
    for _ in 0..MANY {
        ids.push(trial.create(&record).await?);
    }
    let expected: Vec<_> = ids.iter().map(|id| (id, &record)).collect();
    trial.lists(&user(&who), &expected).await?;
    trial.logged_out(&user(&who), MANY).await?;
    for id in &ids {
        trial.has_none(id).await?;
    }
    Ok(())
}

async fn not_what_was_deleted(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let records = ["deleted", "kept"].map(|word| of(&who, word));
    let [deleted, kept] = &records;
    trial.deleted(&trial.create(deleted).await?).await?;
    let id = trial.create(kept).await?;
    trial.lists(&user(&who), &[(&id, kept)]).await?;
    trial.logged_out(&user(&who), 1).await?;
    trial.lists(&user(&who), &[]).await?;
    trial.lists(&session(&who), &[]).await?;
    trial.logged_out(&session(&who), 0).await
}

/// The codes that name the user of a sealed record change with the service's secret.
async fn by_the_last_update(trial: &Sessions<'_>) -> Kept {
    for record_of in [of, sealed] {
        let (before, after) = (trial.someone(), trial.someone());
        let id = trial.create(&record_of(&before, "first")).await?;
        let record = record_of(&after, "second");
        trial.replaced(&id, &record).await?;
        for scope in [user, session] {
            trial.lists(&scope(&before), &[]).await?;
            trial.logged_out(&scope(&before), 0).await?;
            trial.lists(&scope(&after), &[(&id, &record)]).await?;
        }
        trial.logged_out(&user(&after), 1).await?;
        trial.has_none(&id).await?;
    }
    Ok(())
}

async fn after_a_touch(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let id = trial.create(&of(&who, "touched")).await?;
    let moved = lasting(trial.there(&id).await?.text(), 2 * HOUR);
    trial.touched(&id, &moved).await?;
    for scope in [user, session, exactly] {
        trial.lists(&scope(&who), &[(&id, &moved)]).await?;
    }
    trial.logged_out(&user(&who), 1).await?;
    trial.has_none(&id).await
}

async fn sealed_records(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let elsewhere = RecordIndex { iss: trial.someone().iss, ..who.clone() };
    let kept = trial.create(&sealed(&elsewhere, "elsewhere")).await?;
    let mut record = sealed(&who, "first");
    let id = trial.create(&record).await?;
    trial.has(&id, &record).await?;
    for word in ["second", "third"] {
        for scope in [user, session, exactly] {
            trial.lists(&scope(&who), &[(&id, &record)]).await?;
        }
        record = sealed(&who, word);
        trial.replaced(&id, &record).await?;
        trial.touched(&id, &record).await?;
    }
    trial.lists(&user(&who), &[(&id, &record)]).await?;
    trial.logged_out(&user(&who), 1).await?;
    trial.has_none(&id).await?;
    trial.there(&kept).await?;
    Ok(())
}

async fn as_created(trial: &Sessions<'_>) -> Kept {
    for word in ["listed", &"0123456\u{1f511}\u{e9}".repeat(16_000)] {
        let who = trial.someone();
        // A store that parses the text as JSON and writes it again loses the spaces.
        let record = lasting(&text(&who, word).replace(',', " ,\n"), LONG);
        let id = trial.create(&record).await?;
        trial.lists(&user(&who), &[(&id, &record)]).await?;
    }
    Ok(())
}

async fn strange_names(trial: &Sessions<'_>) -> Kept {
    let (iss, sub, sid) = (trial.fresh(), trial.fresh(), trial.fresh());
    let long = "n".repeat(1_000);
    let ends = STRANGE.iter().map(|end| (*end).to_owned());
    let ends: Vec<String> = ends.chain(["m", "n"].map(|last| format!("{long}{last}"))).collect();
    let names = |end: &String| RecordIndex {
        iss: Some(iss.clone()),
        sub: Some(format!("{sub}{end}")),
        sid: Some(format!("{sid}{end}")),
    };
    told_apart(trial, ends.iter().map(names).collect(), &[user, session, exactly]).await?;
    let elsewhere = |end: &String| RecordIndex { iss: Some(format!("{iss}{end}")), ..names(&String::new()) };
    told_apart(trial, ends.iter().map(elsewhere).collect(), &[session, user]).await
}

async fn names_put_together(trial: &Sessions<'_>) -> Kept {
    for separator in SEPARATORS {
        let [one, two, three] = [trial.fresh(), trial.fresh(), trial.fresh()];
        let (early, late) = (format!("{one}{separator}{two}"), format!("{two}{separator}{three}"));
        let index = |iss: &str, sub: &str, sid: &str| RecordIndex {
            iss: Some(iss.to_owned()),
            sub: Some(sub.to_owned()),
            sid: Some(sid.to_owned()),
        };
        let users = vec![index(&one, &late, &one), index(&early, &three, &one)];
        told_apart(trial, users, &[user, exactly]).await?;
        let sessions = vec![index(&one, &three, &late), index(&early, &three, &three)];
        told_apart(trial, sessions, &[session]).await?;
        let both = vec![index(&one, &one, &late), index(&one, &early, &three)];
        told_apart(trial, both, &[exactly]).await?;
    }
    Ok(())
}

/// Demands that each record is found alone. The records are listed before any is ended, since a store that finds too
/// many would end sessions of other users.
async fn told_apart(
    trial: &Sessions<'_>,
    whose: Vec<RecordIndex>,
    scopes: &[fn(&RecordIndex) -> SessionFilter],
) -> Kept {
    let mut made = Vec::new();
    for index in whose {
        let record = of(&index, "told apart");
        made.push((trial.create(&record).await?, record, index));
    }
    for (id, record, index) in &made {
        for scope in scopes {
            trial.lists(&scope(index), &[(id, record)]).await?;
        }
    }
    for (id, _, index) in &made {
        if let [scope, ..] = scopes {
            trial.logged_out(&scope(index), 1).await?;
        }
        trial.has_none(id).await?;
    }
    Ok(())
}

/// Number of sessions: more than a database may answer or delete at once.
const MANY: usize = 250;
