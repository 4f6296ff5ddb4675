//! What the two databases have in common, and what each does in its own way.

use std::pin::Pin;

use sqlx::query::Query;
use sqlx::{Database, Encode, Type};

use super::rows::Columns;
use super::statements::Statements;
use crate::time::Timestamp;

/// A database that can keep sessions.
pub(super) trait Dialect: Database<Row: Columns> {
    const STATEMENTS: Statements;

    /// Takes a database from no tables at all to those of today, each step once. A script that was published is never
    /// changed.
    const MIGRATIONS: &'static [&'static str];

    /// Begins a transaction that only one at a time can be in, together with [`LOCK`](Self::LOCK).
    const BEGIN: &'static str;
    const LOCK: Option<&'static str>;

    /// Whether a connection leads elsewhere, where the other end can be gone, and may be closed at any time.
    const IS_REMOTE: bool;

    /// Whether the database refuses a value that is not of its column's type, and text that is none.
    const CHECKS_COLUMNS: bool;

    /// What an error means for the operation and for the connection.
    fn judge(error: &sqlx::Error) -> Verdict;

    /// What an error's code says, for a person.
    fn meaning(code: &str) -> &'static str;

    /// Runs a statement and says how many rows it wrote or removed.
    fn execute<'a>(
        connection: &'a mut Self::Connection,
        statement: &'static str,
        values: &'a [Value<'a>],
    ) -> Answer<'a, u64>;

    /// The rows that a statement gives.
    fn fetch<'a>(
        connection: &'a mut Self::Connection,
        statement: &'static str,
        values: &'a [Value<'a>],
    ) -> Answer<'a, Vec<Self::Row>>;

    /// Runs several statements that have no values.
    fn script<'a>(connection: &'a mut Self::Connection, script: &'static str) -> Answer<'a, ()>;
}

pub(super) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// [`Dialect::execute`] or [`Dialect::fetch`].
pub(super) type Ask<D, T> =
    for<'a> fn(&'a mut <D as Database>::Connection, &'static str, &'a [Value<'a>]) -> Answer<'a, T>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "postgres"),
    expect(dead_code, reason = "a file has no other end that could be gone")
)]
pub(super) enum Verdict {
    /// Nothing was done, since others were at the same rows. The next attempt finds what they left.
    Again,
    /// Nothing was done, and on this connection nothing will be. A new one may lead to another server.
    Elsewhere,
    /// The connection is of no more use. What was done is not known.
    Lost,
    /// The answer is final.
    Final,
}

/// What stands for `$1`, `$2` and so on in a statement.
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

/// How each of them runs statements. The same words, but of different types: what sqlx asks of the types in general
/// would be longer.
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

/// The statement with its values.
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
