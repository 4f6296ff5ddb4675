//! What is known of a refresh token and its successors.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
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

    /// The memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let connection = self.connection.iter().flat_map(|connection| {
            [Some(connection.name.as_str()), connection.login_hint.as_deref()].into_iter().flatten()
        });
        let texts = self.audience.as_deref().into_iter().chain(connection);
        let texts = texts.chain(self.scopes.iter().map(String::as_str));
        texts.map(|text| text.len().saturating_add(OVERHEAD)).fold(OVERHEAD, usize::saturating_add)
    }
}

impl Renewed {
    /// The memory that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let id_token = self.id_token.as_ref().map_or(0, RenewedIdToken::bytes);
        let scope = self.scope.as_ref().map_or(0, String::len);
        let own = self.access_token.expose_secret().len().saturating_add(scope);
        own.saturating_add(id_token).saturating_add(OVERHEAD)
    }
}

impl RenewedIdToken {
    fn bytes(&self) -> usize {
        self.token.expose_secret().len().saturating_add(self.claims.get().len())
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
        self.settled.push(Settled { purpose, outcome: outcome.clone(), at });
        // The newest one stays in any case: somebody is waiting for it.
        let sizes = self.settled.iter().map(Settled::bytes);
        let kept = newest_within(sizes, MAX_PURPOSES, MAX_OUTCOMES_BYTES);
        self.settled.drain(..self.settled.len().saturating_sub(kept));
        is_final
    }

    /// The memory that its outcomes take, about.
    pub(super) fn bytes(&self) -> usize {
        self.settled.iter().map(Settled::bytes).fold(0, usize::saturating_add)
    }

    /// Forgets the outcomes of exchanges, to make room. The next request for any of them sends the newest token.
    pub(super) fn forget_outcomes(&mut self) {
        self.settled = Vec::new();
    }
}

impl Settled {
    fn bytes(&self) -> usize {
        let outcome = self.outcome.as_ref().map_or(OVERHEAD, |renewed| renewed.bytes());
        self.purpose.bytes().saturating_add(outcome)
    }
}

/// How many of the newest, which are the last, are within both limits. The newest one always is.
pub(super) fn newest_within(
    sizes: impl DoubleEndedIterator<Item = usize>,
    max_count: usize,
    max_bytes: usize,
) -> usize {
    let mut bytes = 0_usize;
    let fitting = sizes.rev().take(max_count).take_while(|size| {
        bytes = bytes.saturating_add(*size);
        bytes <= max_bytes
    });
    fitting.count().max(1)
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
pub(super) const MAX_PURPOSES: usize = 32;

/// Nor are the audiences and scopes that are remembered with the tokens. Thirty-two outcomes of 4 KiB fit.
pub(super) const MAX_OUTCOMES_BYTES: usize = 128 * 1_024;

/// What a text or an outcome takes beside its bytes.
const OVERHEAD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);
    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn renewed(expires_at: Timestamp) -> Arc<Renewed> {
        Arc::new(renewed_at(expires_at))
    }

    fn renewed_at(expires_at: Timestamp) -> Renewed {
        Renewed { access_token: "token".into(), expires_at: Some(expires_at), scope: None, id_token: None }
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

    #[test]
    fn dos_04_what_a_chain_remembers_has_a_bound_in_bytes_and_the_newest_is_always_there() {
        let mut chain = Chain::default();
        for number in 0..100 {
            let scope: String = (0..1_000).map(|index| format!("{number}-{index} ")).collect();
            let (purpose, now) = (purpose(None, Some(&scope)), Instant::now());
            let large = Renewed { access_token: "t".repeat(30_000).into(), ..renewed_at(NOW) };
            chain.settle(purpose.clone(), &Ok(Arc::new(large)), now);
            assert!(chain.bytes() <= MAX_OUTCOMES_BYTES, "{}", chain.bytes());
            assert!(chain.outcome_for(&purpose, true, now, GRACE, NOW).is_some());
        }
        let (purpose, now) = (purpose(None, None), Instant::now());
        let huge = Renewed { access_token: "t".repeat(2 * MAX_OUTCOMES_BYTES).into(), ..renewed_at(NOW) };
        chain.settle(purpose.clone(), &Ok(Arc::new(huge)), now);
        assert_eq!(chain.settled.len(), 1);
        assert!(chain.outcome_for(&purpose, true, now, GRACE, NOW).is_some());
    }
}
