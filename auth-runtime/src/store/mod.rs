//! The places of sessions: the browser's cookies, or a store of the service's own.
//!
//! Without a store the cookie holds the whole session. With a store ([`AuthBuilder::session_store`]) the cookie holds
//! the key of a record. A session can then be larger than cookies, up to 1 MiB, a sign-out is final, and the provider
//! can end sessions from afar (OpenID Connect Back-Channel Logout 1.0).
//!
//! [`MemoryStore`] serves one process, `SqliteStore` one machine, `PostgresStore` and `RedisStore` many. An
//! application's
//! own store implements [`SessionStore`].
//!
//! A [`KeyValueStore`] holds what instances share beside sessions: the lease of the instance that renews a token
//! ([`AuthBuilder::refresh_lease`]), and the revocations of sessions in cookies ([`AuthBuilder::revocation`]).
//!
//! [`AuthBuilder::session_store`]: crate::AuthBuilder::session_store
//! [`AuthBuilder::refresh_lease`]: crate::AuthBuilder::refresh_lease
//! [`AuthBuilder::revocation`]: crate::AuthBuilder::revocation

mod ending;
mod memory;
mod memory_values;
mod names;
mod place;
mod record;
mod records;
#[cfg(feature = "redis")]
mod redis;
mod revocations;
mod saving;
mod sealing;
mod session_store;
mod sessions;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
mod tombstones;
mod user_sessions;
mod writing;

pub use self::memory::MemoryStore;
pub use self::record::{Record, RecordIndex};
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
pub use self::session_store::{SessionFilter, SessionStore, Update};
#[cfg(feature = "postgres")]
pub use self::sql::PostgresStore;
#[cfg(feature = "sqlite")]
pub use self::sql::SqliteStore;
pub use self::user_sessions::{UserSession, UserSessionsError};
pub use crate::session::{Revision, StoreId};
pub use crate::shared::{KeyValueStore, StoreError, StoreFuture};

pub(crate) use self::place::{AsRead, Content, Place};
pub(crate) use self::records::Records;
pub(crate) use self::revocations::Revocations;
pub(crate) use self::sessions::End;
pub(crate) use self::sessions::{SaveError, Saved, Sessions};
pub(crate) use self::tombstones::Tombstones;
