//! Reading rows into records.

use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::session::{Revision, StoreId};
use crate::store::record::{Record, RecordIndex};
use crate::time::Timestamp;

/// The columns of a row, by their position in the statement's list.
pub(super) trait Columns {
    fn number(&self, place: usize) -> Result<i64, sqlx::Error>;
    fn time(&self, place: usize) -> Result<Timestamp, sqlx::Error> {
        self.number(place).map(Timestamp::from_unix)
    }
    fn text(&self, place: usize) -> Result<String, sqlx::Error>;
    fn text_or_null(&self, place: usize) -> Result<Option<String>, sqlx::Error>;
}

impl<R: Row> Columns for R
where
    usize: ColumnIndex<R>,
    i64: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    String: for<'r> Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: for<'r> Decode<'r, R::Database> + Type<R::Database>,
{
    fn number(&self, place: usize) -> Result<i64, sqlx::Error> {
        self.try_get(place)
    }

    fn text(&self, place: usize) -> Result<String, sqlx::Error> {
        self.try_get(place)
    }

    fn text_or_null(&self, place: usize) -> Result<Option<String>, sqlx::Error> {
        self.try_get(place)
    }
}

/// Reads the key and the record from a row of the statement `select!`.
pub(super) fn session<R: Columns>(row: &R) -> Result<(StoreId, Record), sqlx::Error> {
    let revision = Revision::new(row.number(2)?.to_string());
    let index =
        RecordIndex { iss: row.text_or_null(5)?, sub: row.text_or_null(6)?, sid: row.text_or_null(7)? };
    let record = Record::new(row.text(1)?, row.time(3)?, row.time(4)?);
    Ok((StoreId::from_store(row.text(0)?), record.with_revision(revision).with_index(index)))
}
