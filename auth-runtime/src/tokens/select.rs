//! The choice of the session's token that fits a request.

use std::collections::{BTreeSet, HashSet};

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::access_token::AccessToken;
use crate::json;
use crate::session::{ExpiresAt, SessionDocument, TokenSet};
use crate::time::Timestamp;

/// The audience and the scopes that the application wants, completed by the service's configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// The audience that the handler asked for.
    pub(super) asked_audience: Option<String>,
    /// The scopes that the handler asked for; empty if it asked for none.
    pub(super) asked_scope: String,
    /// The audience that sign-in asks for by configuration.
    pub(super) configured_audience: Option<String>,
    /// The scopes that sign-in asks for by configuration, where they count for this request; else empty.
    pub(super) configured_scope: String,
}

impl Wanted {
    pub(super) fn audience(&self) -> Option<&str> {
        self.asked_audience.as_deref().or(self.configured_audience.as_deref())
    }

    /// Returns the configured scopes, and the scopes that the handler asked for beyond them.
    pub(super) fn scope(&self) -> String {
        union(&self.configured_scope, &self.asked_scope)
    }
}

/// The token that the session holds for a request.
pub(super) struct Held {
    /// `None` when the session has no token that fits.
    pub(super) token: Option<AccessToken>,
    /// True if the session's word on the token's end is no time, so that the token counts as expired.
    pub(super) has_nonsense_expiry: bool,
    /// The scopes that the token was requested with, if a token fits. The renewal asks for them again, since a token
    /// with fewer scopes must not take its place.
    pub(super) requested_scope: Option<String>,
}

/// Selects the token set of the sign-in if it covers audience and scope. Else it selects, among the additional tokens
/// for that audience which cover the scope, the token with the fewest granted scopes, the first of several (least
/// privilege, RFC 9700 §2.3).
pub(super) fn select(session: &SessionDocument, wanted: &Wanted) -> Held {
    let signed_in = TokenSet::of(session);
    let held = |token_set: &TokenSet<'_>, audience: Option<&str>| Held {
        token: token(token_set, audience),
        has_nonsense_expiry: token_set.expires_at() == ExpiresAt::Invalid,
        requested_scope: Some(requested(token_set)).filter(|scope| !scope.is_empty()),
    };
    let scope = wanted.scope();
    if is_of_sign_in(&signed_in, wanted, &scope) {
        return held(&signed_in, signed_in.audience().as_deref().or(wanted.audience()));
    }
    let additional = additional_tokens(session);
    let wanted_scopes = scopes(&scope);
    let fitting = additional.iter().filter(|token| {
        wanted.audience().is_some_and(|audience| token.audience().is_some_and(|own| own == audience))
            && wanted_scopes.is_subset(&scopes(&requested(token)))
    });
    match fitting.min_by_key(|token| scopes(&token.scope().unwrap_or_default()).len()) {
        Some(token) => held(token, wanted.audience()),
        None => Held { token: None, has_nonsense_expiry: false, requested_scope: None },
    }
}

/// Returns whether the token set of the sign-in fits this request.
pub(super) fn is_of_sign_in(signed_in: &TokenSet<'_>, wanted: &Wanted, scope: &str) -> bool {
    // A token set that does not say its audience or its requested scope counts as one of today's configuration.
    let own_audience = signed_in.audience();
    let own_audience = own_audience.as_deref().or(wanted.configured_audience.as_deref());
    let is_for_audience = wanted.audience().is_none_or(|audience| own_audience == Some(audience));
    let own_scope = signed_in.requested_scope().map(std::borrow::Cow::into_owned);
    let own_scope = own_scope.unwrap_or_else(|| match wanted.configured_scope.as_str() {
        "" => requested(signed_in),
        configured => configured.to_owned(),
    });
    is_for_audience && covers(&own_scope, scope)
}

/// Returns the tokens for additional audiences or scopes, in the session's order.
pub(super) fn additional_tokens(session: &SessionDocument) -> Vec<TokenSet<'_>> {
    raw_additional_tokens(session).into_iter().map(|raw| TokenSet::new(raw.get())).collect()
}

/// Returns the raw JSON of these tokens. Elements that are no objects are left out.
pub(super) fn raw_additional_tokens(session: &SessionDocument) -> Vec<&RawValue> {
    let elements = session.member("accessTokens").map(serde_json::from_str::<Vec<&RawValue>>);
    let elements = elements.and_then(Result::ok).unwrap_or_default();
    elements.into_iter().filter(|raw| json::is_object(raw.get())).collect()
}

/// Returns the scope that a token was requested with; the granted scope, where that is not known.
pub(super) fn requested(token: &TokenSet<'_>) -> String {
    token.requested_scope().or_else(|| token.scope()).unwrap_or_default().into_owned()
}

/// Returns whether every scope of `inner` is in `outer`. An empty `inner` asks for nothing in particular.
pub(super) fn covers(outer: &str, inner: &str) -> bool {
    scopes(inner).is_subset(&scopes(outer))
}

/// Returns the scopes of both texts, those of `one` first, each once.
pub(super) fn union(one: &str, other: &str) -> String {
    let mut seen = HashSet::new();
    let both = one.split(' ').chain(other.split(' '));
    let all: Vec<&str> = both.filter(|scope| !scope.is_empty() && seen.insert(*scope)).collect();
    all.join(" ")
}

pub(super) fn scopes(text: &str) -> BTreeSet<&str> {
    text.split(' ').filter(|scope| !scope.is_empty()).collect()
}

fn token(token_set: &TokenSet<'_>, audience: Option<&str>) -> Option<AccessToken> {
    let token = token_set.access_token().filter(|token| !token.is_empty())?;
    let expires_at = match token_set.expires_at() {
        ExpiresAt::At(time) => Some(time),
        // A time that has passed, since the token counts as expired.
        ExpiresAt::Invalid => Some(Timestamp::from_unix(0)),
        ExpiresAt::Unknown => None,
    };
    Some(AccessToken {
        token: Zeroizing::new(token.into_owned()),
        expires_at,
        scope: token_set.scope().map(std::borrow::Cow::into_owned),
        audience: audience.map(str::to_owned),
        token_type: token_set.token_type().map(std::borrow::Cow::into_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(token_set: &str, more: &str) -> SessionDocument {
        let text =
            format!(r#"{{"user":{{"sub":"u"}},"tokenSet":{token_set},"internal":{{"createdAt":1}}{more}}}"#);
        SessionDocument::parse(text).unwrap()
    }

    fn wanted(audience: Option<&str>, scope: &str) -> Wanted {
        let asked_audience = audience.map(str::to_owned);
        Wanted { asked_audience, asked_scope: scope.to_owned(), ..Wanted::default() }
    }

    fn found(session: &SessionDocument, wanted: &Wanted) -> Option<String> {
        select(session, wanted).token.map(|token| token.as_str().to_owned())
    }

    #[test]
    fn the_token_of_the_sign_in_is_the_default() {
        let session = session(r#"{"accessToken":"a","expiresAt":1790000001}"#, "");
        assert_eq!(found(&session, &wanted(None, "")).unwrap(), "a");
    }

    #[test]
    fn s_bcp_8_a_token_for_one_audience_is_never_given_for_another() {
        let more = r#","accessTokens":[{"accessToken":"b","audience":"B","expiresAt":1790000001}]"#;
        let session = session(r#"{"accessToken":"a","audience":"A","expiresAt":1790000001}"#, more);
        assert_eq!(found(&session, &wanted(Some("A"), "")).unwrap(), "a");
        assert_eq!(found(&session, &wanted(Some("B"), "")).unwrap(), "b");
        assert_eq!(found(&session, &wanted(Some("C"), "")), None);
    }

    #[test]
    fn the_token_with_the_fewest_scopes_that_suffice_is_taken() {
        let more = r#","accessTokens":[
            {"accessToken":"wide","audience":"B","scope":"r w d","requestedScope":"r w d"},
            {"accessToken":"narrow","audience":"B","scope":"r w","requestedScope":"r w"}]"#;
        let session = session("{}", more);
        assert_eq!(found(&session, &wanted(Some("B"), "r")).unwrap(), "narrow");
        assert_eq!(found(&session, &wanted(Some("B"), "d")).unwrap(), "wide");
        assert_eq!(found(&session, &wanted(Some("B"), "x")), None);
    }

    #[test]
    fn what_is_configured_completes_what_was_asked_for() {
        let mut wanted = wanted(None, "read:a openid");
        wanted.configured_audience = Some("A".to_owned());
        wanted.configured_scope = "openid profile".to_owned();
        assert_eq!(wanted.scope(), "openid profile read:a");
        let old = session(r#"{"accessToken":"a"}"#, "");
        assert_eq!(found(&old, &wanted), None, "it was not asked for with read:a");
        wanted.asked_scope.clear();
        assert_eq!(found(&old, &wanted).unwrap(), "a", "a session that does not say is of the sign-in");
    }

    #[test]
    fn a_union_has_each_scope_once_and_costs_a_time_that_grows_with_it_alone() {
        assert_eq!(union("openid  b a", " a c b "), "openid b a c");
        let many = |kind: &str| (0..200_000).map(|number| format!("{kind}{number} ")).collect::<String>();
        let (one, other) = (many("a"), many("b"));
        let began = std::time::Instant::now();
        assert_eq!(scopes(&union(&one, &other)).len(), 400_000);
        // In tens of milliseconds; each scope with each other takes minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    }

    #[test]
    fn grd_06_scopes_are_whole_words() {
        assert!(covers("read:ab write", "write"));
        assert!(!covers("read:ab", "read:a"));
        assert!(!covers("a\tb", "a"), "a tab is no separator");
        assert!(covers("", ""));
    }
}
