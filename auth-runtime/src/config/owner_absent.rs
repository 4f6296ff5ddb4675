//! The owner of sessions where the feature `oidc` is off: there is none, and every service only verifies sessions.

use super::env::Set;
use super::owning::{Owning, ServiceContext};
use super::problem::ConfigProblem;
use super::provider_name;
use super::routes::Endpoint;

/// The settings of a service that owns its sessions: there are none.
#[derive(Debug, Default)]
pub(super) struct OwnerSettings;

/// A type without values. Code that asks an owner, if there is one, compiles with and without the feature.
#[derive(Debug)]
pub(crate) enum Owner {}

/// The one endpoint that such a service has to know: the sign-in of the service that owns the sessions.
pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint::Login];

/// The variables of an owner that hold text: none.
pub(super) const TEXTS: &[(&str, Set<String>)] = &[];

impl OwnerSettings {
    /// Refuses a provider that a service with the feature `oidc` would refuse. This service asks its provider nothing,
    /// but one configuration should not be right for one service and wrong for another.
    #[expect(
        clippy::needless_pass_by_value,
        clippy::unused_self,
        reason = "the settings that there are with the feature `oidc` use and consume them"
    )]
    pub(super) fn check(
        self,
        service: ServiceContext<'_>,
        problems: &mut Vec<ConfigProblem>,
    ) -> Option<Owning> {
        let checked = service.domain.map(|domain| provider_name::check(domain, service.allow_insecure));
        if let Some(Err(reason)) = checked {
            problems.push(ConfigProblem::Domain { reason });
        }
        None
    }

    #[expect(clippy::unused_self, reason = "the settings that there are with the feature `oidc` use it")]
    pub(super) fn allows_untyped_logout_tokens(&self) -> bool {
        false
    }
}

impl Owner {
    #[expect(clippy::unused_async, reason = "the owner that there is with the feature `oidc` is async here")]
    pub(crate) async fn check(&self) -> Result<(), String> {
        match *self {}
    }
}
