//! The configuration: a builder, and the environment variables that set it. A wrong configuration is refused with all
//! problems at once.

mod builder;
mod csrf;
mod danger;
mod env;
mod env_text;
mod guarding;
mod hooks;
mod origin;
#[cfg(feature = "oidc")]
mod owner;
#[cfg(not(feature = "oidc"))]
#[path = "owner_absent.rs"]
mod owner;
mod owning;
mod problem;
#[cfg(not(feature = "oidc"))]
mod provider_name;
#[cfg(feature = "testing")]
mod release;
mod routes;
mod secrets;
mod stores;

pub use self::builder::AuthBuilder;
#[cfg(feature = "oidc")]
pub use self::owner::{LoginDecision, LogoutStrategy, NewLogin};
pub use self::problem::{ConfigError, ConfigProblem};

pub(crate) use self::builder::Configured;
pub(crate) use self::csrf::CsrfRules;
pub(crate) use self::danger::warn_of;
#[cfg(feature = "oidc")]
pub(crate) use self::owner::Decision;
pub(crate) use self::owner::Owner;
#[cfg(feature = "testing")]
pub(crate) use self::release::warn_of_testing;
pub(crate) use self::routes::{Endpoint, RoutePaths};
