//! Where sessions are kept: in the browser's cookies, or in a store of the service's own.
//!
//! Without a store the cookie holds the whole session. With one, [`AuthBuilder::session_store`], it holds the key of a
//! record: sessions can be of any size, a sign-out is final, and the provider can end sessions from afar (OpenID Connect
//! Back-Channel Logout 1.0).
//!
//! [`MemoryStore`] serves one process. Others implement [`SessionStore`].
//!
//! [`AuthBuilder::session_store`]: crate::AuthBuilder::session_store

mod memory;
mod record;
mod session_store;
mod sessions;

pub use self::memory::MemoryStore;
pub use self::record::Record;
pub use self::session_store::{LogoutScope, SessionStore, StoreError, StoreFuture};
pub use crate::session::StoreId;

#[cfg(feature = "oidc")]
pub(crate) use self::sessions::End;
pub(crate) use self::sessions::{LoadError, SaveError, Saved, Sessions};
