//! The settings that weaken a check. The log names them once at start-up, so that an operator learns of them before an
//! incident.

use super::builder::AuthBuilder;

impl AuthBuilder {
    /// Returns the names of the methods with `danger` in their name whose setting is on.
    pub(crate) fn dangers(&self) -> Vec<&'static str> {
        let settings = [
            ("danger_allow_insecure_requests", self.allow_insecure_requests),
            ("danger_allow_requests_without_origin", self.csrf.allows_requests_without_origin),
            ("danger_allow_untyped_logout_tokens", self.owner.allows_untyped_logout_tokens()),
            ("danger_disable_csrf_protection", self.csrf.is_disabled),
            ("danger_expose_reasons", self.guarding.expose_reasons),
        ];
        settings.into_iter().filter_map(|(name, is_on)| is_on.then_some(name)).collect()
    }
}

/// Logs one warning that names all of these settings, if there are any.
pub(crate) fn warn_of(dangers: &[&str]) {
    if !dangers.is_empty() {
        let names = dangers.join(", ");
        tracing::warn!(
            "settings that weaken what this service checks are on: {names}; switch them off in production"
        );
    }
}
