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
mod postgres;
mod rows;
mod schema;
mod sqlite;
mod statements;
mod tables;
#[cfg(test)]
mod tests;

pub use self::postgres::PostgresStore;
pub use self::sqlite::SqliteStore;
