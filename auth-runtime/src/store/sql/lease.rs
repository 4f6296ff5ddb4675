//! A connection for as long as one statement takes.

use std::time::Duration;

use sqlx::Pool;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::dialect::{Ask, Dialect, Value};

/// Gives the connection back when it is dropped, also if whoever asked left before the answer was there.
pub(super) struct Lease<D: Dialect> {
    connection: PoolConnection<D>,
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

    /// Nobody is to have the connection any more.
    pub(super) fn close(mut self) {
        self.is_of_use = false;
        self.connection.close_on_drop();
    }
}

impl<D: Dialect> Drop for Lease<D> {
    fn drop(&mut self) {
        // Before a connection is in the pool again, its server is waited for: without end, if the pool does it by itself.
        // Connections to a machine that is gone would use up the pool for as long as TCP hopes, a quarter of an hour.
        if let (true, true, Ok(runtime)) = (D::IS_REMOTE, self.is_of_use, Handle::try_current()) {
            runtime.spawn(timeout(PATIENCE, self.connection.return_to_pool()));
        }
    }
}

/// More than a statement here takes on a server that is well.
const PATIENCE: Duration = Duration::from_secs(3);
