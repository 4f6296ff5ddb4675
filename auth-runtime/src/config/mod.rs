//! Configuration: a builder, and the environment as a face over it. Everything wrong is said at once.

mod builder;
#[cfg(feature = "oidc")]
mod client_credentials;
mod csrf;
mod danger;
mod env;
mod guarding;
mod hooks;
#[cfg(feature = "oidc")]
mod login_hook;
#[cfg(feature = "oidc")]
mod owner;
mod problem;
mod routes;
mod secrets;
#[cfg(feature = "oidc")]
mod sign_in;
#[cfg(feature = "oidc")]
mod sign_out;
mod stores;
#[cfg(feature = "oidc")]
mod tokens;

pub use self::builder::AuthBuilder;
#[cfg(feature = "oidc")]
pub use self::login_hook::{LoginDecision, NewLogin};
pub use self::problem::{ConfigError, ConfigProblem};
#[cfg(feature = "oidc")]
pub use self::sign_out::LogoutStrategy;

pub(crate) use self::builder::Configured;
pub(crate) use self::csrf::CsrfRules;
pub(crate) use self::danger::warn_of;
#[cfg(feature = "oidc")]
pub(crate) use self::login_hook::Decision;
#[cfg(feature = "oidc")]
pub(crate) use self::owner::Owner;
pub(crate) use self::routes::Endpoint;
#[cfg(feature = "oidc")]
pub(crate) use self::routes::RoutePaths;
