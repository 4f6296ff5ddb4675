//! Clauses: the sessions that a logout token ends (OpenID Connect Back-Channel Logout 1.0 §2.4 to §2.7).

use super::{Clause, Sessions, exactly, of, session, user};
use crate::store::{RecordIndex, SessionFilter, StoreId};
use crate::testing::contract::breach::Kept;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        name: "a logout token with a user ends all of the user's sessions and no others",
        check: |trial| Box::pin(by_user(trial)),
    },
    Clause {
        name: "a logout token with a session id ends that session and no others",
        check: |trial| Box::pin(by_session(trial)),
    },
    Clause { name: "a logout token with both ends what has both", check: |trial| Box::pin(by_both(trial)) },
    Clause {
        name: "a logout token ends no session of another provider",
        check: |trial| Box::pin(of_another_provider(trial)),
    },
    Clause {
        name: "a logout token ends sessions that name no provider",
        check: |trial| Box::pin(of_no_provider(trial)),
    },
    Clause {
        name: "a logout token that names nobody ends nothing",
        check: |trial| Box::pin(of_nobody(trial)),
    },
];

async fn by_user(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let second = RecordIndex { sid: Some(trial.fresh()), ..who.clone() };
    let third = RecordIndex { sid: None, ..who.clone() };
    let of_same_provider = RecordIndex { iss: who.iss.clone(), ..trial.someone() };
    let called_like_user = RecordIndex { sid: who.sub.clone(), ..of_same_provider.clone() };
    let theirs = created(trial, [&who, &second, &third]).await?;
    let others = created(trial, [&of_same_provider, &called_like_user, &trial.someone()]).await?;
    trial.logged_out(&user(&who), 3).await?;
    gone(trial, &theirs).await?;
    still_there(trial, &others).await?;
    trial.logged_out(&user(&who), 0).await
}

async fn by_session(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let second = RecordIndex { sid: Some(trial.fresh()), ..who.clone() };
    let unnamed = RecordIndex { sid: None, ..who.clone() };
    let called_like_session =
        RecordIndex { iss: who.iss.clone(), sub: who.sid.clone(), sid: Some(trial.fresh()) };
    let ended = created(trial, [&who]).await?;
    let others = created(trial, [&second, &unnamed, &called_like_session]).await?;
    trial.logged_out(&session(&who), 1).await?;
    gone(trial, &ended).await?;
    still_there(trial, &others).await
}

async fn by_both(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let other_session = RecordIndex { sid: Some(trial.fresh()), ..who.clone() };
    let other_user = RecordIndex { sub: Some(trial.fresh()), ..who.clone() };
    let without_session = RecordIndex { sid: None, ..who.clone() };
    let without_user = RecordIndex { sub: None, ..who.clone() };
    let ended = created(trial, [&who]).await?;
    let others = created(trial, [&other_session, &other_user, &without_session, &without_user]).await?;
    trial.logged_out(&exactly(&who), 1).await?;
    gone(trial, &ended).await?;
    still_there(trial, &others).await
}

/// The name of a user or a session is unique at one provider only.
async fn of_another_provider(trial: &Sessions<'_>) -> Kept {
    for scope in [user, session, exactly] {
        let who = trial.someone();
        let elsewhere = RecordIndex { iss: trial.someone().iss, ..who.clone() };
        let ended = created(trial, [&who]).await?;
        let others = created(trial, [&elsewhere]).await?;
        trial.logged_out(&scope(&who), 1).await?;
        gone(trial, &ended).await?;
        still_there(trial, &others).await?;
    }
    Ok(())
}

async fn of_no_provider(trial: &Sessions<'_>) -> Kept {
    for scope in [user, session, exactly] {
        let who = trial.someone();
        let ended = created(trial, [&who, &RecordIndex { iss: None, ..who.clone() }]).await?;
        trial.logged_out(&scope(&who), 2).await?;
        gone(trial, &ended).await?;
    }
    Ok(())
}

/// The list comes first: it shows which sessions a deletion would take, without deleting any.
async fn of_nobody(trial: &Sessions<'_>) -> Kept {
    let who = trial.someone();
    let nobody = SessionFilter { sub: None, ..user(&who) };
    let unnamed = RecordIndex { sub: None, sid: None, ..who.clone() };
    let others = created(trial, [&who, &RecordIndex { iss: None, ..who.clone() }, &unnamed]).await?;
    trial.lists(&nobody, &[]).await?;
    trial.logged_out(&nobody, 0).await?;
    still_there(trial, &others).await
}

async fn created<const N: usize>(trial: &Sessions<'_>, whose: [&RecordIndex; N]) -> Kept<Vec<StoreId>> {
    let mut ids = Vec::new();
    for index in whose {
        ids.push(trial.create(&of(index, "signed in")).await?);
    }
    Ok(ids)
}

async fn gone(trial: &Sessions<'_>, ids: &[StoreId]) -> Kept {
    for id in ids {
        trial.has_none(id).await?;
    }
    Ok(())
}

async fn still_there(trial: &Sessions<'_>, ids: &[StoreId]) -> Kept {
    for id in ids {
        trial.there(id).await?;
    }
    Ok(())
}
