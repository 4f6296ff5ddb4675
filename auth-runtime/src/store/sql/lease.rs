//! The connection for one statement.

use std::time::Duration;

use sqlx::Pool;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::dialect::{Ask, Dialect, Value};

/// A connection for one statement. Dropping it gives the connection back to the pool, also if the caller drops it
/// before the answer.
pub(super) struct Lease<D: Dialect> {
    connection: PoolConnection<D>,
    /// True until the connection is closed as broken.
    is_of_use: bool,
}

impl<D: Dialect> Lease<D> {
    pub(super) async fn take(pool: &Pool<D>) -> Result<Self, sqlx::Error> {
        Ok(Self { connection: pool.acquire().await?, is_of_use: true })
    }

    pub(super) async fn ask<T>(
        &mut self,
        ask: Ask<D, T>,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<T, sqlx::Error> {
        ask(&mut self.connection, statement, values).await
    }

    /// Closes the connection, so that no other statement gets it.
    pub(super) fn close(mut self) {
        self.is_of_use = false;
        self.connection.close_on_drop();
    }
}

impl<D: Dialect> Drop for Lease<D> {
    fn drop(&mut self) {
        // The pool waits for the server before it takes a connection back, and has no timeout for that. Connections to
        // a machine that is gone would fill the pool until TCP gives up, after a quarter of an hour. So return it with
        // a timeout of its own.
        if let (true, true, Ok(runtime)) = (D::IS_REMOTE, self.is_of_use, Handle::try_current()) {
            runtime.spawn(timeout(PATIENCE, self.connection.return_to_pool()));
        }
    }
}

/// The timeout for giving a connection back: longer than a statement of the store takes on a healthy server.
const PATIENCE: Duration = Duration::from_secs(3);
