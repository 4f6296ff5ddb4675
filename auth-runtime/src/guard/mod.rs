//! The guard in front of a protected handler, and the type around the handler's answer.

#[cfg(feature = "testing")]
mod audited;
mod authenticate;
mod authorize;
mod behind;
mod checked;
mod cross_site;
mod extract;
#[expect(clippy::module_inception, reason = "the type that the module is named for")]
mod guard;
mod guarded;
mod identity_use;
mod navigation;
mod no_store;
mod permitted;
mod public;
mod sign_in;
mod step_up_mark;

pub use self::behind::Behind;
pub use self::guard::{Alone, Around, Guard, ProvidesAuth, Requirements, SignedIn};
pub use self::guarded::Guarded;
pub use self::no_store::{NoStore, NoStoreService};
pub use self::permitted::PermittedBy;
pub use self::public::{Public, PublicGuard};

#[cfg(feature = "testing")]
pub(crate) use self::audited::{CacheableIdentity, RefusedByGuard};
pub(crate) use self::cross_site::is_cross_site;
pub(crate) use self::navigation::{is_navigation, is_prefetch};
#[cfg(feature = "oidc")]
pub(crate) use self::step_up_mark::{with_mark_of, without_mark};
