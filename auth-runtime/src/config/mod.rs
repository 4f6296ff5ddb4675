//! Configuration: a builder, and the environment as a face over it. Everything wrong is said at once.

mod builder;
#[cfg(feature = "oidc")]
mod client_credentials;
mod csrf;
mod env;
mod guarding;
mod hooks;
#[cfg(feature = "oidc")]
mod owner;
mod problem;
#[cfg(feature = "oidc")]
mod tokens;

pub use self::builder::AuthBuilder;
pub use self::problem::{ConfigError, ConfigProblem};

pub(crate) use self::builder::Configured;
pub(crate) use self::csrf::CsrfRules;
#[cfg(feature = "oidc")]
pub(crate) use self::guarding::LOGIN_PATH;
pub(crate) use self::hooks::Hooks;
#[cfg(feature = "oidc")]
pub(crate) use self::owner::Owner;
