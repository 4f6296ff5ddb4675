//! What is known of a refresh token and its successors.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::refresher::{Connection, Wanted};
use crate::oidc::{IdTokenError, ProviderError, TokenError};
use crate::time::Timestamp;

/// What a refresh token yielded beside its successor, all of it checked.
pub(crate) struct Renewed {
    pub(crate) access_token: SecretString,
    /// `None` when the provider did not say.
    pub(crate) expires_at: Option<Timestamp>,
    /// As granted; `None` when it is what was asked for (RFC 6749 §5.1).
    pub(crate) scope: Option<String>,
    pub(crate) id_token: Option<RenewedIdToken>,
}

/// A new ID token of the same user.
pub(crate) struct RenewedIdToken {
    pub(crate) token: SecretString,
    /// The raw JSON of its claims.
    pub(crate) claims: Box<RawValue>,
}

/// How an exchange ended. Everyone who waited for it is told the same.
pub(crate) type Outcome = Result<Arc<Renewed>, ProviderError>;

/// For what a refresh token is exchanged: tokens for one audience and set of scopes are never given for another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Purpose {
    audience: Option<String>,
    scopes: BTreeSet<String>,
    connection: Option<Connection>,
}

impl Purpose {
    pub(super) fn of(wanted: &Wanted) -> Self {
        let scopes = wanted.scope.iter().flat_map(|scope| scope.split(' ')).filter(|scope| !scope.is_empty());
        Self {
            audience: wanted.audience.clone(),
            scopes: scopes.map(str::to_owned).collect(),
            connection: wanted.connection.clone(),
        }
    }
}

/// What one refresh token and those that took its place were exchanged for.
#[derive(Default)]
pub(super) struct Chain {
    settled: Vec<Settled>,
    /// The last exchange that failed for want of an answer, whatever it was for.
    failed: Option<(ProviderError, Instant)>,
    /// The provider takes none of the chain any more.
    refused: Option<(ProviderError, Instant)>,
}

struct Settled {
    purpose: Purpose,
    outcome: Outcome,
    at: Instant,
}

impl Chain {
    /// What somebody gets who came at `arrived`, or `None` if a request has to be sent.
    ///
    /// - Whoever waited gets what came out. A token that is still good is also for those who come within the `grace`
    ///   time, unless they demand a `fresh` one.
    /// - That no answer came is for all who waited, whatever they wanted: whether the refresh token is spent is unknown.
    ///   The next one tries again.
    /// - That the refresh token is no longer accepted is for everybody within the `grace` time.
    pub(super) fn outcome_for(
        &self,
        purpose: &Purpose,
        fresh: bool,
        arrived: Instant,
        grace: Duration,
        now: Timestamp,
    ) -> Option<Outcome> {
        let is_recent = |at: Instant| arrived.saturating_duration_since(at) < grace;
        let refused = self.refused.iter().find(|(_, at)| is_recent(*at));
        let failed = self.failed.iter().find(|(_, at)| *at >= arrived);
        if let Some((error, _)) = refused.or(failed) {
            return Some(Err(error.clone()));
        }
        let settled = self.settled.iter().find(|settled| settled.purpose == *purpose)?;
        let was_waited_for = settled.at >= arrived;
        let is_for_late = |renewed: &Renewed| {
            !fresh && is_recent(settled.at) && renewed.expires_at.is_none_or(|end| end > now)
        };
        let counts = was_waited_for || settled.outcome.as_deref().is_ok_and(is_for_late);
        counts.then(|| settled.outcome.clone())
    }

    /// Remembers how an exchange ended. Says whether the chain ended with it.
    pub(super) fn settle(&mut self, purpose: Purpose, outcome: &Outcome, at: Instant) -> bool {
        let is_final = outcome.as_ref().is_err_and(|error| is_final(error, &purpose));
        if let Err(error) = outcome {
            if is_final {
                self.refused = Some((error.clone(), at));
            } else if !matches!(
                error,
                ProviderError::Token(TokenError::Refused { .. } | TokenError::InvalidGrant)
            ) {
                self.failed = Some((error.clone(), at));
            }
        }
        self.settled.retain(|settled| settled.purpose != purpose);
        if self.settled.len() >= MAX_PURPOSES {
            self.settled.remove(0);
        }
        self.settled.push(Settled { purpose, outcome: outcome.clone(), at });
        is_final
    }
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("settled", &self.settled.len()).finish_non_exhaustive()
    }
}

/// Whether no token of the chain is worth sending again: it is no longer accepted, or it turned out to be somebody
/// else's. A connection's provider that refuses says nothing about the refresh token.
pub(super) fn is_final(error: &ProviderError, purpose: &Purpose) -> bool {
    match error {
        ProviderError::Token(TokenError::InvalidGrant) => purpose.connection.is_none(),
        ProviderError::IdToken(error) => {
            matches!(error, IdTokenError::SubjectChanged | IdTokenError::IssuerChanged)
        }
        _ => false,
    }
}

/// A handler may ask for any audience, so their number is not the application's alone to choose.
const MAX_PURPOSES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);
    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn renewed(expires_at: Timestamp) -> Arc<Renewed> {
        Arc::new(Renewed {
            access_token: "token".into(),
            expires_at: Some(expires_at),
            scope: None,
            id_token: None,
        })
    }

    fn purpose(audience: Option<&str>, scope: Option<&str>) -> Purpose {
        let (audience, scope) = (audience.map(str::to_owned), scope.map(str::to_owned));
        Purpose::of(&Wanted { audience, scope, ..Wanted::default() })
    }

    struct Scene {
        chain: Chain,
        purpose: Purpose,
        settled_at: Instant,
    }

    impl Scene {
        fn after(outcome: &Outcome) -> Self {
            let (mut chain, purpose) = (Chain::default(), purpose(Some("A"), Some("r w")));
            let settled_at = Instant::now();
            chain.settle(purpose.clone(), outcome, settled_at);
            Self { chain, purpose, settled_at }
        }

        fn at(&self, arrived: Instant, fresh: bool) -> Option<bool> {
            let outcome = self.chain.outcome_for(&self.purpose, fresh, arrived, GRACE, NOW);
            outcome.map(|outcome| outcome.is_ok())
        }
    }

    #[test]
    fn race_07_a_good_token_is_for_everybody_within_the_grace_time() {
        let scene = Scene::after(&Ok(renewed(NOW.saturating_add(1))));
        assert_eq!(scene.at(scene.settled_at, false), Some(true));
        assert_eq!(scene.at(scene.settled_at + GRACE - Duration::from_millis(1), false), Some(true));
        assert_eq!(scene.at(scene.settled_at + GRACE, false), None);
    }

    #[test]
    fn a_fresh_token_is_only_for_those_who_waited() {
        let scene = Scene::after(&Ok(renewed(NOW.saturating_add(1))));
        assert_eq!(scene.at(scene.settled_at, true), Some(true));
        assert_eq!(scene.at(scene.settled_at + Duration::from_millis(1), true), None);
    }

    #[test]
    fn race_04_a_token_that_is_over_at_once_is_still_for_those_who_waited_and_for_nobody_else() {
        let scene = Scene::after(&Ok(renewed(NOW)));
        assert_eq!(scene.at(scene.settled_at, false), Some(true));
        assert_eq!(scene.at(scene.settled_at + Duration::from_millis(1), false), None);
    }

    #[test]
    fn tok_03_no_answer_is_for_all_who_waited_whatever_they_wanted() {
        let scene = Scene::after(&Err(TokenError::Unavailable { retry_after: None, code: None }.into()));
        let other = purpose(Some("B"), None);
        let at = |arrived| scene.chain.outcome_for(&other, true, arrived, GRACE, NOW).is_some();
        assert!(at(scene.settled_at));
        assert!(!at(scene.settled_at + Duration::from_millis(1)));
    }

    #[test]
    fn what_is_refused_for_one_purpose_or_at_a_connection_is_not_refused_for_others() {
        let code = crate::oidc::ErrorCode::parse("invalid_target").unwrap();
        let scene = Scene::after(&Err(TokenError::Refused { code, description: None }.into()));
        assert_eq!(scene.at(scene.settled_at, false), Some(false));
        let other = purpose(Some("B"), None);
        assert!(scene.chain.outcome_for(&other, false, scene.settled_at, GRACE, NOW).is_none());

        let connection = Some(Connection { name: "google".to_owned(), login_hint: None });
        let federated = Purpose::of(&Wanted { connection, ..Wanted::default() });
        let mut chain = Chain::default();
        assert!(!chain.settle(federated, &Err(TokenError::InvalidGrant.into()), scene.settled_at));
        assert!(chain.outcome_for(&other, false, scene.settled_at, GRACE, NOW).is_none());
    }

    #[test]
    fn a_transient_failure_is_only_for_those_who_waited() {
        let scene = Scene::after(&Err(TokenError::Unavailable { retry_after: None, code: None }.into()));
        assert_eq!(scene.at(scene.settled_at, false), Some(false));
        assert_eq!(scene.at(scene.settled_at + Duration::from_millis(1), false), None);
    }

    #[test]
    fn tok_14_a_refusal_is_for_everybody_within_the_grace_time_whatever_they_want() {
        let scene = Scene::after(&Err(TokenError::InvalidGrant.into()));
        let other = purpose(Some("B"), None);
        let late = scene.settled_at + GRACE - Duration::from_millis(1);
        assert!(matches!(scene.chain.outcome_for(&other, true, late, GRACE, NOW), Some(Err(_))));
        assert_eq!(scene.at(scene.settled_at + GRACE, false), None);
    }

    #[test]
    fn race_10_a_token_for_one_purpose_is_never_given_for_another() {
        let scene = Scene::after(&Ok(renewed(NOW.saturating_add(1))));
        let get = |audience, scope| {
            let purpose = purpose(audience, scope);
            scene.chain.outcome_for(&purpose, false, scene.settled_at, GRACE, NOW).is_some()
        };
        assert!(get(Some("A"), Some("w  r")), "the order and the spaces between scopes mean nothing");
        let connection = Connection { name: "A".to_owned(), login_hint: None };
        let federated = Purpose::of(&Wanted { connection: Some(connection), ..Wanted::default() });
        assert!(scene.chain.outcome_for(&federated, false, scene.settled_at, GRACE, NOW).is_none());
        for (audience, scope) in
            [(Some("A"), Some("r")), (Some("A"), None), (Some("B"), Some("r w")), (None, Some("r w"))]
        {
            assert!(!get(audience, scope), "{audience:?} {scope:?}");
        }
    }

    #[test]
    fn dos_04_a_chain_does_not_remember_endlessly() {
        let mut chain = Chain::default();
        for number in 0..1000 {
            let purpose = purpose(Some(&number.to_string()), None);
            chain.settle(purpose, &Ok(renewed(NOW)), Instant::now());
        }
        assert_eq!(chain.settled.len(), MAX_PURPOSES);
    }
}
