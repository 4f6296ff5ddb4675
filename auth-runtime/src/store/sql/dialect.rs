//! The trait of the two databases: their statements, their errors, and how they run a statement.

use std::pin::Pin;

use sqlx::query::Query;
use sqlx::{Database, Encode, Type};

use super::rows::Columns;
use super::statements::Statements;
use crate::time::Timestamp;

/// A database that can keep sessions.
pub(super) trait Dialect: Database<Row: Columns> {
    /// The statements of all operations.
    const STATEMENTS: Statements;

    /// The migrations, in their order, from an empty database to the present tables. Each runs once. A migration that
    /// was published is never changed.
    const MIGRATIONS: &'static [&'static str];

    /// The statement that begins a migration's transaction. Together with [`LOCK`](Self::LOCK) it lets one instance at
    /// a time migrate.
    const BEGIN: &'static str;
    /// The statement that takes the lock of the migrations, if [`BEGIN`](Self::BEGIN) does not take it.
    const LOCK: Option<&'static str>;

    /// True if a connection leads to a server, which can be gone. Such a connection may be closed at any time.
    const IS_REMOTE: bool;

    /// True if the database refuses a value that is not of its column's type, and text that is not UTF-8.
    const CHECKS_COLUMNS: bool;

    /// Returns what the error means for the operation and for the connection.
    fn judge(error: &sqlx::Error) -> Verdict;

    /// Returns the meaning of an error's code, as a text for the operator.
    fn meaning(code: &str) -> &'static str;

    /// Runs a statement, and returns how many rows it wrote or removed.
    fn execute<'a>(
        connection: &'a mut Self::Connection,
        statement: &'static str,
        values: &'a [Value<'a>],
    ) -> Answer<'a, u64>;

    /// Runs a statement, and returns its rows.
    fn fetch<'a>(
        connection: &'a mut Self::Connection,
        statement: &'static str,
        values: &'a [Value<'a>],
    ) -> Answer<'a, Vec<Self::Row>>;

    /// Runs several statements that have no values.
    fn script<'a>(connection: &'a mut Self::Connection, script: &'static str) -> Answer<'a, ()>;
}

/// The future of a statement.
pub(super) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// The way to run a statement: [`Dialect::execute`] or [`Dialect::fetch`].
pub(super) type Ask<D, T> =
    for<'a> fn(&'a mut <D as Database>::Connection, &'static str, &'a [Value<'a>]) -> Answer<'a, T>;

/// The meaning of an error for the operation and for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "postgres"),
    expect(dead_code, reason = "a file has no other end that could be gone")
)]
pub(super) enum Verdict {
    /// Nothing was done, since another transaction wrote the same rows. Another attempt may succeed.
    Again,
    /// Nothing was done, and this connection can do nothing. A new connection may lead to another server.
    Elsewhere,
    /// The connection is broken. It is not known whether the statement was run.
    Lost,
    /// The answer is final.
    Final,
}

/// The value of a parameter of a statement: `$1`, `$2` and so on.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Number(i64),
    Text(Option<&'a str>),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Number(time.as_unix())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

/// The functions of [`Dialect`] that run statements. A macro writes them for each database, since one generic function
/// would need longer bounds than these bodies.
macro_rules! through_sqlx {
    () => {
        fn execute<'a>(
            connection: &'a mut Self::Connection,
            statement: &'static str,
            values: &'a [Value<'a>],
        ) -> Answer<'a, u64> {
            Box::pin(async move {
                Ok(query::<Self>(statement, values).execute(connection).await?.rows_affected())
            })
        }

        fn fetch<'a>(
            connection: &'a mut Self::Connection,
            statement: &'static str,
            values: &'a [Value<'a>],
        ) -> Answer<'a, Vec<Self::Row>> {
            Box::pin(query::<Self>(statement, values).fetch_all(connection))
        }

        fn script<'a>(connection: &'a mut Self::Connection, script: &'static str) -> Answer<'a, ()> {
            Box::pin(async move { sqlx::raw_sql(script).execute(connection).await.map(|_| ()) })
        }
    };
}

pub(super) use through_sqlx;

/// Returns the statement with its values.
pub(super) fn query<D: Database>(
    statement: &'static str,
    values: &[Value<'_>],
) -> Query<'static, D, D::Arguments>
where
    i64: for<'q> Encode<'q, D> + Type<D>,
    for<'q> Option<&'q str>: Encode<'q, D> + Type<D>,
{
    values.iter().fold(sqlx::query(statement), |query, value| match *value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}
