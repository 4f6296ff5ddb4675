//! Sessions in `PostgreSQL` or `SQLite`.
//!
//! ```text
//! store -> tables: which statement, and what its rows mean
//!            -> lease: a connection, for one statement
//!                 -> dialect: what the database says to it
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
