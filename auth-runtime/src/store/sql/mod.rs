//! The session stores in `PostgreSQL` and `SQLite`.
//!
//! ```text
//! store -> tables: chooses the statement and reads its rows
//!            -> lease: the connection for one statement
//!                 -> dialect: runs the statement in the database
//! ```

mod chores;
mod dialect;
mod failure;
mod keep;
mod lease;
mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod rows;
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statements;
mod tables;
#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;

#[cfg(feature = "postgres")]
pub use self::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
