//! The entry of a refresh token: its outcomes, and the token that took its place.
//!
//! Only this module decides which request gets which outcome. It reads no clock and does no I/O. A process keeps
//! entries in memory ([`local`](super::local)), and instances keep them in the store that they share
//! ([`shared`](super::shared)).

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::failure::Failed;
use super::outcome::{OVERHEAD, Outcome, Purpose, Renewed, RenewedIdToken};
use crate::json;
use crate::oidc::TokenError;
use crate::time::Timestamp;

/// The knowledge of one refresh token. An entry holds tokens, so a store keeps it sealed.
///
/// `N` names an exchange: a number within a process, the name of a lease among instances.
///
/// The outcomes of a token and of the tokens before it are in the entry of the newest token: a request with any of the
/// tokens is led there.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Entry<N> {
    /// The token to send in place of this one.
    next: Option<Zeroizing<String>>,
    /// True if the user has signed out.
    is_over: bool,
    /// The tokens that exchanges yielded, the newest last.
    yields: Vec<Yield<N>>,
    /// The last failure, until an exchange succeeds that disproves it.
    failure: Option<Failed<N>>,
    /// Refusals of other purposes before that failure: requests may still wait for them.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Failed<N>>,
}

/// The tokens that one exchange yielded. Times are in unix seconds.
#[derive(Clone, Serialize, Deserialize)]
struct Yield<N> {
    purpose: Purpose,
    /// The name of the exchange.
    by: N,
    at: i64,
    access_token: Zeroizing<String>,
    expires_at: Option<i64>,
    scope: Option<String>,
    id_token: Option<Zeroizing<String>>,
    claims: Option<Box<RawValue>>,
}

/// The question of a request for a token.
pub(super) struct Asking<'a, N> {
    pub(super) purpose: &'a Purpose,
    /// True if the request wants no token that was there before it.
    pub(super) fresh: bool,
    /// Says whether the request waited for this exchange.
    pub(super) waited_for: &'a dyn Fn(&N) -> bool,
    /// The time for which an outcome is given to requests that come after it.
    pub(super) grace: Duration,
    /// The time at which the request came, for the grace time.
    pub(super) came_at: Timestamp,
    /// The present time, by which tokens expire.
    pub(super) now: Timestamp,
}

/// The answer of an entry to a request.
pub(super) enum Finding {
    /// The request gets this outcome.
    Outcome(Outcome),
    /// Another token took the place of this one.
    Next(SecretString),
    /// The token has to be sent.
    Nothing,
}

impl<N: Clone> Entry<N> {
    /// Returns the outcome for a request, the token that took this one's place, or nothing.
    ///
    /// - After a sign-out every request is refused.
    /// - A request that waited for an exchange for its purpose gets the outcome.
    /// - A request that comes within the grace period gets a token for its purpose that is still good, unless it wants
    ///   a fresh token.
    /// - If the provider did not answer, or its answer made no sense, all requests that waited get that error, for
    ///   every purpose: it is not known whether the refresh token is spent. The next request sends again.
    /// - If the provider no longer takes the refresh token, all requests within the grace period get that error.
    pub(super) fn find(&self, asking: &Asking<'_, N>) -> Finding {
        // Times are whole seconds, so a part of a second counts as one.
        let grace = asking.grace.as_secs().saturating_add(u64::from(asking.grace.subsec_nanos() > 0));
        let is_recent = |at: i64| asking.came_at.seconds_since(Timestamp::from_unix(at)) < grace;
        if self.is_over {
            return Finding::Outcome(Err(TokenError::InvalidGrant.into()));
        }
        for failed in self.failure.iter().chain(&self.refused) {
            let is_for_request = failed.is_for_all() || failed.purpose == *asking.purpose;
            if failed.is_final() && is_recent(failed.at) || (asking.waited_for)(&failed.by) && is_for_request
            {
                return Finding::Outcome(Err(failed.error()));
            }
        }
        let own = self.yields.iter().find(|yielded| yielded.purpose == *asking.purpose);
        if let Some(own) = own.filter(|own| {
            let is_good = own.expires_at.is_none_or(|end| end > asking.now.as_unix());
            (asking.waited_for)(&own.by) || !asking.fresh && is_recent(own.at) && is_good
        }) {
            return Finding::Outcome(Ok(own.renewed()));
        }
        self.next().map_or(Finding::Nothing, Finding::Next)
    }

    /// Notes how the exchange `by` ended.
    pub(super) fn note(&mut self, purpose: &Purpose, by: N, outcome: &Outcome, now: Timestamp) {
        match outcome {
            Ok(renewed) => {
                // A refusal of another purpose still counts for the requests that waited for it. A refusal of the token
                // itself is disproved.
                self.failure.take_if(|failed| failed.purpose == *purpose || !failed.is_of_its_purpose());
                self.refused.retain(|failed| failed.purpose != *purpose);
                self.yields.retain(|yielded| yielded.purpose != *purpose);
                self.yields.push(Yield::new(purpose.clone(), by, now.as_unix(), renewed));
                self.keep_newest();
            }
            // The token has a successor: the failure of a slow instance does not undo what another instance got.
            Err(_) if self.next.is_some() => {}
            Err(error) => {
                let before = self.failure.replace(Failed::new(purpose.clone(), by, error, now));
                self.refused.extend(before.filter(Failed::is_of_its_purpose));
                self.refused.retain(|failed| failed.purpose != *purpose);
                self.refused.drain(..self.refused.len().saturating_sub(MAX_YIELDS));
            }
        }
    }

    /// Makes `next` the token to send. The outcomes are forgotten here: the entry of `next` has them.
    pub(super) fn lead_to(&mut self, next: &SecretString) {
        let next = Some(Zeroizing::new(next.expose_secret().to_owned()));
        *self = Self { next, is_over: self.is_over, ..Self::default() };
    }

    /// Takes over the outcomes of the token before this one. If this entry led to that token, the provider has given a
    /// token again that it gave before, and this token is the newest once more.
    pub(super) fn inherit(&mut self, former: &Self, token: &SecretString) {
        if self.next.as_ref().is_some_and(|next| next.as_str() == token.expose_secret()) {
            self.next = None;
        }
        let others =
            former.yields.iter().filter(|other| !self.yields.iter().any(|own| own.purpose == other.purpose));
        let others: Vec<_> = others.cloned().collect();
        self.yields.splice(0..0, others);
        self.keep_newest();
    }

    /// Ends the token, since its user has signed out.
    pub(super) fn end(&mut self) {
        *self = Self { next: self.next.take(), is_over: true, ..Self::default() };
    }

    /// Returns whether the user has signed out.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns whether the provider no longer takes the token.
    pub(super) fn is_refused(&self) -> bool {
        self.failure.as_ref().is_some_and(Failed::is_final)
    }

    /// Returns the token that took the place of this one.
    pub(super) fn next(&self) -> Option<SecretString> {
        self.next.as_ref().map(|next| SecretString::from(next.as_str()))
    }

    /// Returns about how many bytes of memory the outcomes take.
    pub(super) fn bytes(&self) -> usize {
        let failures = self.failure.iter().chain(&self.refused).map(|failed| failed.purpose.bytes());
        self.yields.iter().map(Yield::bytes).chain(failures).fold(0, usize::saturating_add)
    }

    /// Forgets the outcomes, to make room. The next request sends the token.
    pub(super) fn forget_yields(&mut self) {
        (self.yields, self.refused) = (Vec::new(), Vec::new());
    }

    /// Keeps the newest outcomes within both bounds. The last one always stays: a request waits for it.
    fn keep_newest(&mut self) {
        let mut bytes = 0_usize;
        let fitting = self.yields.iter().rev().take(MAX_YIELDS).take_while(|yielded| {
            bytes = bytes.saturating_add(yielded.bytes());
            bytes <= MAX_YIELDS_BYTES
        });
        let kept = fitting.count().max(1);
        self.yields.drain(..self.yields.len().saturating_sub(kept));
    }
}

impl<N: Serialize + DeserializeOwned> Entry<N> {
    /// Reads an entry as a store keeps it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        json::read_object(text)
    }

    /// Returns the entry as a store keeps it.
    pub(super) fn to_text(&self) -> Option<Zeroizing<String>> {
        serde_json::to_string(self).ok().map(Zeroizing::new)
    }
}

impl<N> Default for Entry<N> {
    fn default() -> Self {
        Self { next: None, is_over: false, yields: Vec::new(), failure: None, refused: Vec::new() }
    }
}

impl<N> Yield<N> {
    fn new(purpose: Purpose, by: N, at: i64, renewed: &Renewed) -> Self {
        let id_token = renewed.id_token.as_ref();
        Self {
            purpose,
            by,
            at,
            access_token: Zeroizing::new(renewed.access_token.expose_secret().to_owned()),
            expires_at: renewed.expires_at.map(Timestamp::as_unix),
            scope: renewed.scope.clone(),
            id_token: id_token.map(|own| Zeroizing::new(own.token.expose_secret().to_owned())),
            claims: id_token.map(|own| own.claims.clone()),
        }
    }

    fn renewed(&self) -> Arc<Renewed> {
        let id_token = self.id_token.clone().zip(self.claims.clone());
        Arc::new(Renewed {
            access_token: self.access_token.as_str().into(),
            expires_at: self.expires_at.map(Timestamp::from_unix),
            scope: self.scope.clone(),
            id_token: id_token.map(|(token, claims)| RenewedIdToken { token: token.as_str().into(), claims }),
        })
    }

    fn bytes(&self) -> usize {
        let scope = self.scope.as_ref().map_or(0, String::len);
        let id_token = self.id_token.as_ref().map_or(0, |token| token.len());
        let claims = self.claims.as_ref().map_or(0, |claims| claims.get().len());
        let parts = [self.purpose.bytes(), self.access_token.len(), scope, id_token, claims, OVERHEAD];
        parts.into_iter().fold(0, usize::saturating_add)
    }
}

/// The largest number of outcomes that an entry keeps. A handler may pass on an audience that the client names, so a
/// client can cause any number of outcomes.
pub(super) const MAX_YIELDS: usize = 32;

/// The largest number of bytes that the outcomes of an entry take: thirty-two outcomes of 4 KiB. A client can also make
/// audiences and scopes long.
pub(super) const MAX_YIELDS_BYTES: usize = 128 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::{ErrorCode, IdTokenError, ProviderError};
    use crate::refresh::refresher::{Connection, Wanted};

    const GRACE: Duration = Duration::from_secs(30);
    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    fn renewed(expires_at: Timestamp) -> Renewed {
        Renewed { access_token: "token".into(), expires_at: Some(expires_at), scope: None, id_token: None }
    }

    fn good() -> Arc<Renewed> {
        Arc::new(renewed(NOW.saturating_add(3_600)))
    }

    fn refused() -> Outcome {
        let code = ErrorCode::parse("invalid_target").unwrap();
        Err(TokenError::Refused { code, description: None }.into())
    }

    fn unavailable() -> Outcome {
        Err(TokenError::Unavailable { retry_after: None, code: None }.into())
    }

    fn purpose(audience: Option<&str>, scope: Option<&str>) -> Purpose {
        let (audience, scope) = (audience.map(str::to_owned), scope.map(str::to_owned));
        Purpose::of(&Wanted { audience, scope, ..Wanted::default() })
    }

    fn of_connection() -> Purpose {
        let connection = Some(Connection { name: "A".to_owned(), login_hint: None });
        Purpose::of(&Wanted { connection, ..Wanted::default() })
    }

    /// The entry after an exchange that ended at [`NOW`], for the audience `A`.
    struct Scene {
        entry: Entry<u64>,
        purpose: Purpose,
    }

    impl Scene {
        fn after(outcome: &Outcome) -> Self {
            let (mut entry, purpose) = (Entry::default(), purpose(Some("A"), Some("r w")));
            entry.note(&purpose, 1, outcome, NOW);
            Self { entry, purpose }
        }

        /// Returns the outcome for a request with this purpose that waited for exchanges after number `came`, at
        /// `seconds` after [`NOW`].
        fn find(&self, purpose: &Purpose, fresh: bool, came: u64, seconds: u64) -> Option<Outcome> {
            let waited_for = |by: &u64| *by > came;
            let now = NOW.saturating_add(seconds);
            let asking = Asking { purpose, fresh, waited_for: &waited_for, grace: GRACE, came_at: now, now };
            match self.entry.find(&asking) {
                Finding::Outcome(outcome) => Some(outcome),
                Finding::Next(_) | Finding::Nothing => None,
            }
        }

        fn waited(&self, fresh: bool) -> Option<bool> {
            self.find(&self.purpose, fresh, 0, 1).map(|outcome| outcome.is_ok())
        }

        fn late(&self, fresh: bool, seconds: u64) -> Option<bool> {
            self.find(&self.purpose, fresh, 1, seconds).map(|outcome| outcome.is_ok())
        }
    }

    #[test]
    fn race_07_a_good_token_is_for_all_requests_within_the_grace_time() {
        let scene = Scene::after(&Ok(good()));
        assert_eq!(scene.waited(false), Some(true));
        assert_eq!(scene.late(false, GRACE.as_secs() - 1), Some(true));
        assert_eq!(scene.late(false, GRACE.as_secs()), None);
    }

    #[test]
    fn a_fresh_token_is_only_for_requests_that_waited() {
        let scene = Scene::after(&Ok(good()));
        assert_eq!(scene.waited(true), Some(true));
        assert_eq!(scene.late(true, 0), None);
    }

    #[test]
    fn race_04_a_token_that_is_over_at_once_is_still_for_requests_that_waited_and_for_no_others() {
        let scene = Scene::after(&Ok(Arc::new(renewed(NOW))));
        assert_eq!(scene.waited(false), Some(true));
        assert_eq!(scene.late(false, 0), None);
    }

    #[test]
    fn tok_03_no_answer_is_for_all_requests_that_waited_whatever_they_want() {
        let scene = Scene::after(&unavailable());
        let other = purpose(Some("B"), None);
        assert!(scene.find(&other, true, 0, 0).is_some_and(|outcome| outcome.is_err()));
        assert!(scene.find(&other, true, 1, 0).is_none());
        assert_eq!(scene.waited(false), Some(false));
        assert_eq!(scene.late(false, 0), None);
    }

    #[test]
    fn what_is_refused_for_one_purpose_or_at_a_connection_is_not_refused_for_others() {
        let mut scene = Scene::after(&refused());
        let other = purpose(Some("B"), None);
        assert_eq!(scene.waited(false), Some(false));
        assert!(scene.find(&other, false, 0, 0).is_none());
        assert!(!scene.entry.is_refused());
        // It is still for the request that waited for it when the other purpose is served.
        scene.entry.note(&other, 2, &Ok(good()), NOW);
        assert_eq!(scene.waited(false), Some(false));
        assert!(scene.find(&other, false, 0, 0).is_some_and(|outcome| outcome.is_ok()));

        let mut scene = Scene { entry: Entry::default(), purpose: of_connection() };
        scene.entry.note(&scene.purpose, 1, &Err(TokenError::InvalidGrant.into()), NOW);
        assert!(!scene.entry.is_refused());
        assert!(scene.find(&other, false, 0, 0).is_none());
    }

    #[test]
    fn that_a_token_yields_something_disproves_that_it_is_taken_no_more() {
        let mut scene = Scene::after(&Err(TokenError::InvalidGrant.into()));
        let other = purpose(Some("B"), None);
        scene.entry.note(&other, 2, &Ok(good()), NOW);
        assert!(!scene.entry.is_refused());
        assert!(scene.find(&other, false, 2, 0).is_some_and(|outcome| outcome.is_ok()));
    }

    #[test]
    fn requests_for_several_purposes_that_are_all_refused_send_one_request_for_each() {
        let mut scene = Scene::after(&refused());
        let others = ["B", "C"].map(|audience| purpose(Some(audience), None));
        for (other, number) in others.iter().zip(2..) {
            assert!(scene.find(other, false, 0, 0).is_none());
            scene.entry.note(other, number, &refused(), NOW);
        }
        for purpose in others.iter().chain([&scene.purpose]) {
            assert!(scene.find(purpose, true, 0, 0).is_some_and(|outcome| outcome.is_err()));
            assert!(scene.find(purpose, true, 3, 0).is_none(), "a later request sends again");
        }
        let many = (0..1_000).map(|number| purpose(Some(&number.to_string()), None));
        many.for_each(|purpose| scene.entry.note(&purpose, 4, &refused(), NOW));
        assert_eq!(scene.entry.refused.len(), MAX_YIELDS);
    }

    #[test]
    fn a_grace_time_of_less_than_a_second_is_one() {
        let scene = Scene::after(&Ok(good()));
        let find = |grace, seconds| {
            let now = NOW.saturating_add(seconds);
            let waited_for = |_: &u64| false;
            let purpose = &scene.purpose;
            let asking = Asking { purpose, fresh: false, waited_for: &waited_for, grace, came_at: now, now };
            matches!(scene.entry.find(&asking), Finding::Outcome(Ok(_)))
        };
        assert!(find(Duration::from_millis(500), 0) && !find(Duration::from_millis(500), 1));
        assert!(!find(Duration::ZERO, 0));
    }

    #[test]
    fn tok_14_a_refusal_of_the_token_is_for_all_requests_within_the_grace_time_whatever_they_want() {
        for error in [ProviderError::from(TokenError::InvalidGrant), IdTokenError::SubjectChanged.into()] {
            let scene = Scene::after(&Err(error));
            let other = purpose(Some("B"), None);
            assert!(scene.entry.is_refused());
            let last = GRACE.as_secs() - 1;
            assert!(scene.find(&other, true, 1, last).is_some_and(|outcome| outcome.is_err()));
            assert!(scene.find(&other, true, 1, GRACE.as_secs()).is_none());
        }
    }

    #[test]
    fn race_10_a_token_for_one_purpose_is_never_given_for_another() {
        let scene = Scene::after(&Ok(good()));
        let gets = |purpose: &Purpose| scene.find(purpose, false, 0, 0).is_some();
        let reordered = purpose(Some("A"), Some("w  r"));
        assert!(gets(&reordered), "the order and the spaces between scopes mean nothing");
        assert!(!gets(&of_connection()));
        for (audience, scope) in
            [(Some("A"), Some("r")), (Some("A"), None), (Some("B"), Some("r w")), (None, Some("r w"))]
        {
            assert!(!gets(&purpose(audience, scope)), "{audience:?} {scope:?}");
        }
    }

    #[test]
    fn a_user_who_signed_out_gets_nothing_of_a_token_whatever_it_yielded() {
        let mut scene = Scene::after(&Ok(good()));
        scene.entry.end();
        let (late, waited) = (scene.late(false, 0), scene.waited(false));
        assert_eq!([late, waited], [Some(false), Some(false)]);
        scene.entry.lead_to(&"next".into());
        assert!(scene.entry.is_over(), "that the token was exchanged meanwhile does not begin it again");
    }

    #[test]
    fn an_instance_that_is_slow_to_fail_does_not_take_back_what_another_one_got() {
        let mut scene = Scene::after(&Ok(good()));
        scene.entry.lead_to(&"next".into());
        scene.entry.note(&scene.purpose, 2, &Err(TokenError::InvalidGrant.into()), NOW);
        assert!(!scene.entry.is_refused());
        assert_eq!(scene.entry.next().unwrap().expose_secret(), "next");
    }

    #[test]
    fn dos_04_an_entry_does_not_remember_endlessly() {
        let mut entry = Entry::default();
        for number in 0..1000 {
            entry.note(&purpose(Some(&number.to_string()), None), number, &Ok(good()), NOW);
        }
        assert_eq!(entry.yields.len(), MAX_YIELDS);
    }

    #[test]
    fn dos_04_what_an_entry_keeps_has_a_bound_in_bytes_and_the_newest_is_always_there() {
        let mut scene = Scene::after(&Ok(good()));
        let add = |scene: &mut Scene, number: u64, scope: &str, bytes: usize| {
            let purpose = purpose(None, Some(scope));
            let large = Renewed { access_token: "t".repeat(bytes).into(), ..renewed(NOW) };
            scene.entry.note(&purpose, number, &Ok(Arc::new(large)), NOW);
            assert!(scene.find(&purpose, true, number - 1, 0).is_some());
        };
        for number in 2..100 {
            let scope: String = (0..1_000).map(|index| format!("{number}-{index} ")).collect();
            add(&mut scene, number, &scope, 30_000);
            assert!(scene.entry.bytes() <= MAX_YIELDS_BYTES, "{}", scene.entry.bytes());
        }
        add(&mut scene, 100, "", 2 * MAX_YIELDS_BYTES);
        assert_eq!(scene.entry.yields.len(), 1);
    }
}
