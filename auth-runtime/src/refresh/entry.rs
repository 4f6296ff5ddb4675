//! What all instances know of a refresh token: what it was exchanged for, and which one took its place.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

use super::chain::{
    MAX_OUTCOMES_BYTES, MAX_PURPOSES, Outcome, Purpose, Renewed, RenewedIdToken, is_final, newest_within,
};
use crate::oidc::{ErrorCode, IdTokenError, ProviderError, RetryAfter, TokenError};
use crate::time::Timestamp;

/// What is written down about one refresh token. It holds tokens, so it is kept sealed.
///
/// What the token and those before it yielded goes with the newest one: whoever comes with any of them is led there.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Spent {
    /// The token to send next; none while it is this one.
    next: Option<Zeroizing<String>>,
    /// Its user has signed out.
    is_over: bool,
    yields: Vec<Yield>,
    failure: Option<Failed>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Yield {
    purpose: Purpose,
    /// Whose exchange it was.
    by: String,
    at: i64,
    access_token: Zeroizing<String>,
    expires_at: Option<i64>,
    scope: Option<String>,
    id_token: Option<Zeroizing<String>>,
    claims: Option<Box<RawValue>>,
}

/// The last exchange that yielded nothing.
#[derive(Serialize, Deserialize)]
struct Failed {
    purpose: Purpose,
    by: String,
    at: i64,
    error: Failure,
}

#[derive(Serialize, Deserialize)]
enum Failure {
    InvalidGrant,
    IssuerChanged,
    Nonsense,
    Refused { code: String, description: Option<String> },
    SubjectChanged,
    Unavailable { retry_at: Option<i64> },
}

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) purpose: &'a Purpose,
    /// Not for what was there before the question.
    pub(super) fresh: bool,
    /// Whose exchange was waited for.
    pub(super) waited_for: Option<&'a str>,
    pub(super) grace: Duration,
    pub(super) now: Timestamp,
}

/// What somebody gets who has the token.
pub(super) enum Finding {
    Outcome(Outcome),
    /// Go on with this token.
    Next(SecretString),
    /// It has to be sent.
    Nothing,
}

impl Spent {
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn to_text(&self) -> Option<Zeroizing<String>> {
        serde_json::to_string(self).ok().map(Zeroizing::new)
    }

    /// The token that took its place.
    pub(super) fn next(&self) -> Option<SecretString> {
        self.next.as_ref().map(|next| SecretString::from(next.as_str()))
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn end(&mut self) {
        *self = Self { next: self.next.take(), is_over: true, ..Self::default() };
    }

    /// The rules are those of a chain in one process, where "has waited" means: for this very exchange.
    pub(super) fn find(&self, asking: Asking<'_>) -> Finding {
        let was_waited_for = |by: &str| asking.waited_for == Some(by);
        let is_recent = |at: i64| asking.now.seconds_since(Timestamp::from_unix(at)) < asking.grace.as_secs();
        if self.is_over {
            return Finding::Outcome(Err(TokenError::InvalidGrant.into()));
        }
        if let Some(failed) = &self.failure {
            let error = failed.error.error();
            let is_for_all = matches!(failed.error, Failure::Unavailable { .. } | Failure::Nonsense);
            if is_final(&error, &failed.purpose) && is_recent(failed.at)
                || was_waited_for(&failed.by) && (is_for_all || failed.purpose == *asking.purpose)
            {
                return Finding::Outcome(Err(error));
            }
        }
        let own = self.yields.iter().find(|yielded| yielded.purpose == *asking.purpose);
        if let Some(own) = own.filter(|own| {
            let is_good = own.expires_at.is_none_or(|end| end > asking.now.as_unix());
            was_waited_for(&own.by) || !asking.fresh && is_recent(own.at) && is_good
        }) {
            return Finding::Outcome(Ok(own.renewed()));
        }
        self.next().map_or(Finding::Nothing, Finding::Next)
    }

    /// From now on `next` is the one to send.
    pub(super) fn lead_to(&mut self, next: &SecretString) {
        *self = Self {
            next: Some(Zeroizing::new(next.expose_secret().to_owned())),
            is_over: self.is_over,
            ..Self::default()
        };
    }

    /// Takes over what the one before it yielded. If that is what this one led to, the provider has given a token again
    /// that it gave before, and this is the newest once more.
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

    /// Notes how an exchange of `purpose` ended.
    pub(super) fn note(&mut self, purpose: &Purpose, by: &str, outcome: &Outcome, now: Timestamp) {
        let (by, at) = (by.to_owned(), now.as_unix());
        match outcome {
            Ok(renewed) => {
                self.failure = None;
                self.yields.retain(|yielded| yielded.purpose != *purpose);
                self.yields.push(Yield::new(purpose.clone(), by, at, renewed));
                self.keep_newest();
            }
            // Somebody who was slow does not take back what another one got.
            Err(_) if self.next.is_some() => {}
            Err(error) => {
                let error = Failure::of(error, now);
                self.failure = Some(Failed { purpose: purpose.clone(), by, at, error });
            }
        }
    }
}

impl Spent {
    /// As much as a chain in one process remembers: the entry is read and written anew with each exchange.
    fn keep_newest(&mut self) {
        let sizes = self.yields.iter().map(Yield::bytes);
        let kept = newest_within(sizes, MAX_PURPOSES, MAX_OUTCOMES_BYTES);
        self.yields.drain(..self.yields.len().saturating_sub(kept));
    }
}

impl Yield {
    fn bytes(&self) -> usize {
        self.purpose.bytes().saturating_add(self.renewed().bytes())
    }

    fn new(purpose: Purpose, by: String, at: i64, renewed: &Renewed) -> Self {
        Self {
            purpose,
            by,
            at,
            access_token: Zeroizing::new(renewed.access_token.expose_secret().to_owned()),
            expires_at: renewed.expires_at.map(Timestamp::as_unix),
            scope: renewed.scope.clone(),
            id_token: renewed
                .id_token
                .as_ref()
                .map(|own| Zeroizing::new(own.token.expose_secret().to_owned())),
            claims: renewed.id_token.as_ref().map(|own| own.claims.clone()),
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
}

impl Failure {
    fn of(error: &ProviderError, now: Timestamp) -> Self {
        match error {
            ProviderError::Token(TokenError::InvalidGrant) => Self::InvalidGrant,
            ProviderError::Token(TokenError::Refused { code, description }) => {
                Self::Refused { code: code.as_str().to_owned(), description: description.clone() }
            }
            ProviderError::Token(TokenError::Unavailable { retry_after, .. }) => {
                let retry_at = retry_after.map(|after| now.saturating_add(after.seconds(now.as_unix())));
                Self::Unavailable { retry_at: retry_at.map(Timestamp::as_unix) }
            }
            ProviderError::IdToken(IdTokenError::SubjectChanged) => Self::SubjectChanged,
            ProviderError::IdToken(IdTokenError::IssuerChanged) => Self::IssuerChanged,
            ProviderError::Token(TokenError::Nonsense) | ProviderError::IdToken(_) => Self::Nonsense,
            _ => Self::Unavailable { retry_at: None },
        }
    }

    fn error(&self) -> ProviderError {
        match self {
            Self::InvalidGrant => TokenError::InvalidGrant.into(),
            Self::IssuerChanged => IdTokenError::IssuerChanged.into(),
            Self::SubjectChanged => IdTokenError::SubjectChanged.into(),
            Self::Refused { code, description } => match ErrorCode::parse(code) {
                Some(code) => TokenError::Refused { code, description: description.clone() }.into(),
                None => TokenError::Nonsense.into(),
            },
            Self::Unavailable { retry_at } => {
                TokenError::Unavailable { retry_after: retry_at.map(RetryAfter::At), code: None }.into()
            }
            Self::Nonsense => TokenError::Nonsense.into(),
        }
    }
}
