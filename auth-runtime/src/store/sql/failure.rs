//! The errors of a database, in words that name no key and no part of a record. The database's own message is left out,
//! since it may quote a row.

use std::io;

use super::dialect::Dialect;
use crate::shared::StoreError;

/// The reasons why a database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the connections are closed")]
    Closed,
    #[error("the connection failed: {0}")]
    Connection(io::Error),
    #[error("the database is of version {found}; this program knows versions up to {known}")]
    NewerSchema { found: i64, known: i64 },
    #[error("no connection could be had in time")]
    NoConnection,
    #[error(
        "a prefix of tables has up to 32 characters, small letters, digits and `_`, and a letter at its beginning"
    )]
    Prefix,
    #[error("{meaning} (code {code})")]
    Refused { code: String, meaning: &'static str },
    #[error("no connection over TLS could be made")]
    Tls,
    #[error("what the database answered cannot be read")]
    Unreadable,
    #[error("the URL cannot be connected to")]
    Url,
}

impl Failure {
    fn of<D: Dialect>(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Configuration(_) => Self::Url,
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                Self::Refused { meaning: D::meaning(&code), code: code.into_owned() }
            }
            sqlx::Error::Io(error) => Self::Connection(error),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::NoConnection,
            sqlx::Error::Tls(_) => Self::Tls,
            _ => Self::Unreadable,
        }
    }
}

/// Returns the error of a row that cannot be decoded, for `map_err`. Where the database checks the values of a column,
/// the table is at fault and the store has failed. Where it does not, this row alone may be
/// [unreadable](StoreError::is_unreadable).
pub(super) fn unreadable<D: Dialect>(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) if !D::CHECKS_COLUMNS => {
            StoreError::unreadable(Failure::Unreadable)
        }
        error => failed::<D>(error),
    }
}

/// Returns the error of a store that failed, for `map_err`.
pub(super) fn failed<D: Dialect>(error: sqlx::Error) -> StoreError {
    StoreError::new(Failure::of::<D>(error))
}

/// Returns the code of an error, if it comes from the database itself.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}
