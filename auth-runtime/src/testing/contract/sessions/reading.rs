//! Clauses: a record comes back as it was created.

use super::{Clause, HOUR, LONG, MINUTE, Sessions, lasting};
use crate::store::{Record, StoreId};
use crate::testing::contract::breach::{Breach, Kept, demand};
use crate::testing::contract::strange::STRANGE;
use crate::time::Timestamp;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a key that was never used has no record, whatever the time is",
        check: |trial| Box::pin(never_used(trial)),
    },
    Clause { name: "a text comes back byte for byte", check: |trial| Box::pin(byte_for_byte(trial)) },
    Clause { name: "a large text comes back whole", check: |trial| Box::pin(large(trial)) },
    Clause { name: "a record comes back with its end", check: |trial| Box::pin(ends(trial)) },
    Clause {
        name: "reading a record leaves its revision as it is",
        check: |trial| Box::pin(reading_changes_nothing(trial)),
    },
    Clause {
        name: "creating a record leaves the others as they are",
        check: |trial| Box::pin(others_stay(trial)),
    },
    Clause {
        name: "keys are told apart, whatever characters they have",
        check: |trial| Box::pin(strange_keys(trial)),
    },
];

async fn never_used(trial: &Sessions<'_>) -> Kept {
    trial.has_none(&trial.id()).await?;
    // The service asks this to check that the store answers.
    let found = trial
        .store
        .get(&trial.id(), Timestamp::from_unix(0))
        .await
        .map_err(|error| Breach::failed("get", error))?;
    demand(found.is_none(), "no record from get", || "one".to_owned())
}

async fn byte_for_byte(trial: &Sessions<'_>) -> Kept {
    for text in TEXTS {
        let record = lasting(text, HOUR);
        let id = trial.create(&record).await?;
        trial.has(&id, &record).await?;
    }
    Ok(())
}

async fn large(trial: &Sessions<'_>) -> Kept {
    let record = trial.session(&"0123456\u{1f511}\u{e9}".repeat(16_000));
    let id = trial.create(&record).await?;
    trial.has(&id, &record).await?;
    Ok(())
}

async fn ends(trial: &Sessions<'_>) -> Kept {
    for seconds in [MINUTE, HOUR, 30 * 24 * HOUR, LONG] {
        let record = lasting(trial.session("ends").text(), seconds);
        let id = trial.create(&record).await?;
        trial.has(&id, &record).await?;
    }
    Ok(())
}

async fn reading_changes_nothing(trial: &Sessions<'_>) -> Kept {
    let id = trial.create(&trial.session("read")).await?;
    let (first, second) = (trial.there(&id).await?, trial.there(&id).await?);
    demand(first.revision() == second.revision(), "one revision from two gets", || "two".to_owned())
}

async fn others_stay(trial: &Sessions<'_>) -> Kept {
    let records = ["first", "second", "third"].map(|word| trial.session(word));
    let mut ids = Vec::new();
    for record in &records {
        ids.push(trial.create(record).await?);
    }
    for (id, record) in ids.iter().zip(&records) {
        trial.has(id, record).await?;
    }
    Ok(())
}

/// An application may have chosen the keys of v3 sessions.
async fn strange_keys(trial: &Sessions<'_>) -> Kept {
    let prefix = trial.fresh();
    let long = "k".repeat(168);
    let with = |end: &str| format!("{prefix}{end}");
    let mut keys: Vec<String> = STRANGE.iter().copied().map(with).collect();
    keys.extend([with(&long), with(&format!("{}l", long.get(1..).unwrap_or_default()))]);
    let ids: Vec<StoreId> = keys.into_iter().map(|key| trial.named(key)).collect();
    let records: Vec<Record> = ids.iter().map(|id| trial.session(id.as_str())).collect();
    for (id, record) in ids.iter().zip(&records) {
        trial.has_none(id).await?;
        trial.create_as(id, record).await?;
    }
    for (id, record) in ids.iter().zip(&records) {
        trial.has(id, record).await?;
    }
    for id in &ids {
        trial.deleted(id).await?;
        trial.has_none(id).await?;
    }
    Ok(())
}

/// Texts as JavaScript writes them, and as another program might. A store that parses them as JSON and writes them
/// again changes them.
pub(super) const TEXTS: [&str; 6] = [
    "{}",
    r#"{"user":{"sub":"auth0|ada"},"n":1.0,"big":9007199254740993,"huge":1e400,"zero":-0,"tiny":1e-7}"#,
    r#"{"cut":"\ud83e","nul":"\u0000","escaped":"\u00e9\/","plain":"é 🔑","line":"\u2028 "}"#,
    "{ \"b\" : \"e\u{301}\" ,\r\n\t\"a\" : 2 , \"b\" : 3 }\n ",
    r#"{"q":"'); DROP TABLE sessions; -- \"\\ %s $1 ? {0} :a"}"#,
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..c2VhbGVk.Zm9yIG5vYm9keQ.t-_Q",
];
