//! Configuration: a builder, and the environment as a face over it. Everything wrong is said at once.

mod builder;
mod env;
mod guarding;
#[cfg(feature = "oidc")]
mod owner;
mod problem;

pub use self::builder::AuthBuilder;
pub use self::problem::{ConfigError, ConfigProblem};

pub(crate) use self::builder::Configured;
#[cfg(feature = "oidc")]
pub(crate) use self::guarding::LOGIN_PATH;
#[cfg(feature = "oidc")]
pub(crate) use self::owner::Owner;
