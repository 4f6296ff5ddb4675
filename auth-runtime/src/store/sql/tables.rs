//! Sessions and values in the tables of either database.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use sqlx::Pool;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::chores::{Chores, INTERVAL};
use super::dialect::{Ask, Dialect, Value, Verdict};
use super::failure::{Failure, failed, unreadable};
use super::lease::Lease;
use super::migrations;
use super::rows::{Columns as _, session};
use super::schema::Schema;
use crate::session::{Revision, StoreId};
use crate::shared::{StoreError, log_unreadable};
use crate::store::record::Record;
use crate::store::session_store::{SessionFilter, Update};
use crate::time::Timestamp;

/// The tables of a store, and the connections to them.
pub(super) struct Tables<D: Dialect> {
    reads: Pool<D>,
    /// Equal to `reads` except for an `SQLite` file, which one connection at a time can write.
    writes: Pool<D>,
    chores: Arc<Chores>,
    schema: Schema,
}

impl<D: Dialect> Tables<D> {
    pub(super) fn new(reads: Pool<D>, writes: Pool<D>) -> Self {
        Self { reads, writes, chores: Arc::default(), schema: Schema::plain::<D>() }
    }

    /// Returns tables of the same database with this prefix.
    pub(super) fn with_prefix(mut self, prefix: &str) -> Result<Self, StoreError> {
        self.schema = Schema::prefixed::<D>(prefix)?;
        self.chores = Arc::default();
        Ok(self)
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        migrations::migrate(&self.writes, self.schema).await
    }

    pub(super) async fn get(&self, id: &StoreId) -> Result<Option<Record>, StoreError> {
        let rows = self.fetch(self.schema.statements.get, &[id.as_str().into()]).await?;
        let found = rows.first().map(session).transpose().map_err(unreadable::<D>)?;
        Ok(found.map(|(_, record)| record))
    }

    pub(super) async fn create(&self, id: &StoreId, record: &Record) -> Result<(), StoreError> {
        self.execute(self.schema.statements.create, &columns(id, record)).await?;
        if self.chores.sessions.is_due() {
            self.sweep_later(
                self.schema.statements.sweep_sessions,
                [ended_by(record.written_at()), BATCH.into()],
            );
        }
        Ok(())
    }

    pub(super) async fn update(
        &self,
        id: &StoreId,
        seen: &Revision,
        record: &Record,
    ) -> Result<Update, StoreError> {
        let mut values = columns(id, record).to_vec();
        values.push(seen.as_str().parse().unwrap_or(NO_REVISION).into());
        if self.execute(self.schema.statements.update, &values).await? > 0 {
            return Ok(Update::Done);
        }
        // No row has this key and this revision: see which of the two is the reason.
        let is_there = self.fetch(self.schema.statements.is_there, &[id.as_str().into()]).await?;
        let is_there = is_there.first().ok_or_else(|| StoreError::new(Failure::Unreadable))?;
        let is_there = is_there.number(0).map_err(failed::<D>)? > 0;
        Ok(if is_there { Update::Changed } else { Update::Absent })
    }

    pub(super) async fn touch(
        &self,
        id: &StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = [id.as_str().into(), expires_at.into(), written_at.into()];
        Ok(self.execute(self.schema.statements.touch, &values).await? > 0)
    }

    pub(super) async fn delete(&self, id: &StoreId) -> Result<bool, StoreError> {
        Ok(self.execute(self.schema.statements.delete, &[id.as_str().into()]).await? > 0)
    }

    pub(super) async fn delete_by_logout_token(&self, scope: &SessionFilter) -> Result<usize, StoreError> {
        let statement = match (&scope.sub, &scope.sid) {
            (Some(_), _) => self.schema.statements.delete_of_user,
            (None, Some(_)) => self.schema.statements.delete_of_session,
            (None, None) => return Ok(0),
        };
        let deleted = self.execute(statement, &covered(scope)).await?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    pub(super) async fn list(
        &self,
        scope: &SessionFilter,
        now: Timestamp,
    ) -> Result<Vec<(StoreId, Record)>, StoreError> {
        let statement = match (&scope.sub, &scope.sid) {
            (Some(_), _) => self.schema.statements.list_of_user,
            (None, Some(_)) => self.schema.statements.list_of_session,
            (None, None) => return Ok(Vec::new()),
        };
        let [iss, sub, sid] = covered(scope);
        let rows = self.fetch(statement, &[iss, sub, sid, now.into()]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            match session(row).map_err(unreadable::<D>) {
                // An unreadable row is left out, and the other sessions are still listed.
                Err(error) if error.is_unreadable() => log_unreadable(&error),
                session => found.push(session?),
            }
        }
        Ok(found)
    }

    pub(super) async fn read(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let array = serde_json::to_string(keys).map_err(StoreError::new)?;
        let rows = self.fetch(self.schema.statements.read, &[array.as_str().into()]).await?;
        let found = rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?)));
        let found: HashMap<String, String> = found.collect::<Result<_, _>>().map_err(unreadable::<D>)?;
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    pub(super) async fn compare_and_swap(
        &self,
        key: &str,
        expected: Option<&str>,
        value: Option<&str>,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let written = match (expected, value) {
            // Nothing is to be written: only the answer whether there is a value.
            (None, None) => {
                let there = self.read(&[key.to_owned()]).await?;
                return Ok(there.iter().all(Option::is_none));
            }
            (None, Some(value)) => {
                let values = [key.into(), value.into(), milliseconds(ttl)];
                self.execute(self.schema.statements.put, &values).await?
            }
            (Some(expected), Some(value)) => {
                let values = [key.into(), value.into(), milliseconds(ttl), expected.into()];
                self.execute(self.schema.statements.replace, &values).await?
            }
            (Some(expected), None) => {
                self.execute(self.schema.statements.remove, &[key.into(), expected.into()]).await?
            }
        };
        if self.chores.values.is_due() {
            self.sweep_later(self.schema.statements.sweep_values, [BATCH.into()]);
        }
        Ok(written > 0)
    }

    /// Removes the values that are over and the sessions that ended by `now`. Returns how many sessions it removed.
    pub(super) async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.sweep(self.schema.statements.sweep_values, &[BATCH.into()]).await?;
        self.sweep(self.schema.statements.sweep_sessions, &[now.into(), BATCH.into()]).await
    }

    /// Runs a sweeping statement until nothing is left, and returns how many rows it removed. It works in batches, so
    /// that other statements do not wait for long.
    async fn sweep(&self, statement: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut all = 0_u64;
        loop {
            let removed = self.execute(statement, values).await?;
            all = all.saturating_add(removed);
            if removed < BATCH.unsigned_abs() {
                return Ok(all);
            }
        }
    }

    /// Runs a sweeping statement in a task of its own, so that the request neither waits for it nor fails with it.
    fn sweep_later<const N: usize>(&self, statement: &'static str, values: [Value<'static>; N]) {
        let Ok(runtime) = Handle::try_current() else { return };
        let tables = self.clone();
        runtime.spawn(async move {
            // Rows that are left at the timeout are for the next sweep.
            if let Ok(Err(error)) = timeout(INTERVAL, tables.sweep(statement, &values)).await {
                tracing::warn!(%error, "ended records could not be removed from the tables of the SQL store; the next sweep tries again");
            }
        });
    }

    async fn execute(&self, statement: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.ask(&self.writes, D::execute, 1, statement, values).await
    }

    async fn fetch(&self, statement: &'static str, values: &[Value<'_>]) -> Result<Vec<D::Row>, StoreError> {
        self.ask(&self.reads, D::fetch, MAX_READS, statement, values).await
    }

    /// Runs a statement on a connection of the pool, and repeats it as the error's [`Verdict`] allows. `repeats` is the
    /// number of attempts if it is not known whether the statement was run: 1 for a statement that writes.
    async fn ask<T>(
        &self,
        pool: &Pool<D>,
        ask: Ask<D, T>,
        repeats: u32,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<T, StoreError> {
        let mut attempt = 1_u32;
        loop {
            let mut lease = Lease::take(pool).await.map_err(failed::<D>)?;
            let error = match lease.ask(ask, statement, values).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let verdict = D::judge(&error);
            // Before the pause, so that the connection goes back to the pool or is closed.
            match verdict {
                Verdict::Again | Verdict::Final => drop(lease),
                Verdict::Elsewhere | Verdict::Lost => lease.close(),
            }
            let most = match verdict {
                Verdict::Again => MAX_ATTEMPTS,
                Verdict::Elsewhere => 2,
                Verdict::Lost => repeats,
                Verdict::Final => 1,
            };
            if attempt >= most {
                return Err(failed::<D>(error));
            }
            sleep(pause(attempt)).await;
            attempt = attempt.saturating_add(1);
        }
    }
}

impl<D: Dialect> Clone for Tables<D> {
    fn clone(&self) -> Self {
        Self {
            reads: self.reads.clone(),
            writes: self.writes.clone(),
            chores: Arc::clone(&self.chores),
            schema: self.schema,
        }
    }
}

/// Returns the values of a record's columns, `$1` to `$7`.
fn columns<'a>(id: &'a StoreId, record: &'a Record) -> [Value<'a>; 7] {
    let index = record.index();
    [
        id.as_str().into(),
        record.text().into(),
        record.expires_at().into(),
        record.written_at().into(),
        index.iss.as_deref().into(),
        index.sub.as_deref().into(),
        index.sid.as_deref().into(),
    ]
}

fn covered(scope: &SessionFilter) -> [Value<'_>; 3] {
    [scope.iss.as_str().into(), scope.sub.as_deref().into(), scope.sid.as_deref().into()]
}

/// Returns the end by which sessions are swept: a minute ago, since a session that has ended by one instance's clock
/// may live by another's.
fn ended_by(now: Timestamp) -> Value<'static> {
    now.saturating_sub(CLOCK_SKEW).into()
}

/// Returns the time to live in milliseconds, rounded up, so that a value with a short time is there at all.
fn milliseconds(ttl: Duration) -> Value<'static> {
    let milliseconds = ttl.as_nanos().div_ceil(1_000_000);
    i64::try_from(milliseconds).unwrap_or(i64::MAX).min(LONGEST).into()
}

/// Returns a random pause before the next attempt, so that statements that failed because of each other do not meet
/// again.
fn pause(attempt: u32) -> Duration {
    let random = RandomState::new().hash_one(attempt);
    let longest = attempt.saturating_mul(attempt).min(LONGEST_PAUSE);
    Duration::from_micros(random.checked_rem(u64::from(longest).saturating_mul(1_000)).unwrap_or(0))
}

/// The revision that no record has.
const NO_REVISION: i64 = 0;

/// The maximum number of rows that one statement removes.
const BATCH: i64 = 1_000;

/// The most by which the clocks of two instances may differ, in seconds.
const CLOCK_SKEW: u64 = 60;

/// The longest time to live, in milliseconds. The present time can be added to it without an overflow.
const LONGEST: i64 = i64::MAX / 2;

/// The maximum number of attempts where transactions are serializable: of the instances that write a row at the same
/// time, one succeeds at each attempt.
const MAX_ATTEMPTS: u32 = 20;

/// The maximum number of attempts at a statement that reads: after a restart of the server, several connections of the
/// pool are broken.
const MAX_READS: u32 = 3;

/// The bound of the longest pause, in milliseconds.
const LONGEST_PAUSE: u32 = 50;
