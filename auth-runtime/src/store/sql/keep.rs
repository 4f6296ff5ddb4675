//! The public functions and the traits that both databases' stores have.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "postgres")]
use super::PostgresStore;
#[cfg(feature = "sqlite")]
use super::SqliteStore;
use crate::session::{Revision, StoreId};
use crate::shared::{KeyValueStore, StoreError, StoreFuture};
use crate::store::record::Record;
use crate::store::session_store::{SessionFilter, SessionStore, Update};
use crate::time::Timestamp;

/// The implementation of a store by its tables.
macro_rules! keep_in_tables {
    ($store:ident, $name:literal) => {
        impl $store {
            /// Makes the tables, or brings them up to date. Instances that do so at the same time wait for one another.
            /// Where nothing is to be done, the right to read is enough.
            ///
            /// # Errors
            ///
            /// The database cannot be reached or written, or its tables were made by a newer version of this crate.
            pub async fn migrate(&self) -> Result<(), StoreError> {
                self.0.migrate().await
            }

            /// Removes the sessions that ended by `now`, and the shared values that are over. Returns how many sessions
            /// it removed. The store does this by itself; an application calls it to choose the hour.
            ///
            /// # Errors
            ///
            /// The database cannot be reached or written. The rows that were removed before the error stay removed.
            pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
                self.0.delete_expired(now).await
            }
        }

        impl SessionStore for $store {
            fn name(&self) -> &'static str {
                $name
            }

            fn get<'a>(&'a self, id: &'a StoreId, _now: Timestamp) -> StoreFuture<'a, Option<Record>> {
                Box::pin(self.0.get(id))
            }

            fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
                Box::pin(async move { self.0.create(id, &record).await })
            }

            fn update<'a>(
                &'a self,
                id: &'a StoreId,
                seen: &'a Revision,
                record: Record,
            ) -> StoreFuture<'a, Update> {
                Box::pin(async move { self.0.update(id, seen, &record).await })
            }

            fn touch<'a>(
                &'a self,
                id: &'a StoreId,
                expires_at: Timestamp,
                written_at: Timestamp,
            ) -> StoreFuture<'a, bool> {
                Box::pin(self.0.touch(id, expires_at, written_at))
            }

            fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
                Box::pin(self.0.delete(id))
            }

            fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
                Box::pin(self.0.delete_by_logout_token(scope))
            }

            fn list<'a>(
                &'a self,
                scope: &'a SessionFilter,
                now: Timestamp,
            ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
                Box::pin(self.0.list(scope, now))
            }

            fn key_values(self: Arc<Self>) -> Option<Arc<dyn KeyValueStore>> {
                Some(self)
            }
        }

        impl KeyValueStore for $store {
            fn name(&self) -> &'static str {
                $name
            }

            fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
                Box::pin(self.0.read(keys))
            }

            fn compare_and_swap<'a>(
                &'a self,
                key: &'a str,
                expected: Option<&'a str>,
                value: Option<&'a str>,
                ttl: Duration,
            ) -> StoreFuture<'a, bool> {
                Box::pin(self.0.compare_and_swap(key, expected, value, ttl))
            }
        }

        impl fmt::Debug for $store {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($store)).finish_non_exhaustive()
            }
        }
    };
}

#[cfg(feature = "postgres")]
keep_in_tables!(PostgresStore, "postgresql");
#[cfg(feature = "sqlite")]
keep_in_tables!(SqliteStore, "sqlite");
