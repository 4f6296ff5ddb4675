//! The migrations, which bring the tables to the version that this program knows.

use sqlx::{Connection as _, Pool, SqlStr};

use super::dialect::{Dialect, Value};
use super::failure::{Failure, failed};
use super::rows::Columns as _;
use super::schema::Schema;
use super::statements::Statements;
use crate::shared::StoreError;

/// Runs the migrations that were not run yet. Of several instances that start at the same time, one runs them and the
/// others wait for it. A database that is up to date is only read.
pub(super) async fn migrate<D: Dialect>(pool: &Pool<D>, schema: Schema) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await.map_err(failed::<D>)?;
    if D::IS_REMOTE {
        // A migration that is dropped half-way must not leave its transaction open on a connection of the pool.
        connection.close_on_drop();
    }
    if missing::<D>(&mut connection, schema).await?.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin_with(SqlStr::from_static(D::BEGIN)).await.map_err(failed::<D>)?;
    if let Some(lock) = D::LOCK {
        D::script(&mut transaction, lock).await.map_err(failed::<D>)?;
    }
    // Once more, now under the lock: another instance may have migrated meanwhile.
    for (version, script) in missing::<D>(&mut transaction, schema).await? {
        D::script(&mut transaction, script).await.map_err(failed::<D>)?;
        let values = [Value::Number(version)];
        D::execute(&mut transaction, schema.statements.note_version, &values).await.map_err(failed::<D>)?;
    }
    transaction.commit().await.map_err(failed::<D>)
}

/// Returns the migrations that are still to be run, each with the version that it leads to.
async fn missing<D: Dialect>(
    connection: &mut D::Connection,
    schema: Schema,
) -> Result<Vec<(i64, &'static str)>, StoreError> {
    let found = version::<D>(connection, schema.statements).await?;
    let all: Vec<(i64, &str)> = (1..).zip(schema.migrations.iter().copied()).collect();
    let known = all.last().map_or(0, |(version, _)| *version);
    if found > known {
        // A newer version of this crate made the tables, and this one does not know what it changed.
        return Err(StoreError::new(Failure::NewerSchema { found, known }));
    }
    Ok(all.into_iter().filter(|(version, _)| *version > found).collect())
}

async fn version<D: Dialect>(
    connection: &mut D::Connection,
    statements: &Statements,
) -> Result<i64, StoreError> {
    // Without the table of versions the database has no tables of this store.
    if number::<D>(connection, statements.schema_is_there).await? == 0 {
        return Ok(0);
    }
    number::<D>(connection, statements.schema_version).await
}

async fn number<D: Dialect>(
    connection: &mut D::Connection,
    statement: &'static str,
) -> Result<i64, StoreError> {
    let rows = D::fetch(connection, statement, &[]).await.map_err(failed::<D>)?;
    let row = rows.first().ok_or_else(|| StoreError::new(Failure::Unreadable))?;
    row.number(0).map_err(failed::<D>)
}
