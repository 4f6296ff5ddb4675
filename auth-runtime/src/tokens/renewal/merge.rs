//! The write of renewed tokens into the session. All else that the session holds keeps its bytes.

use secrecy::ExposeSecret;
use serde_json::Value;
use zeroize::Zeroizing;

use super::super::limits::MAX_SCOPE_BYTES;
use super::super::select::{Wanted, is_of_sign_in, raw_additional_tokens, requested, scopes, union};
use crate::json;
use crate::refresh::Renewed;
use crate::session::{DocumentError, ExpiresAt, SessionDocument, TokenSet, keep_newest, refreshed_user};
use crate::time::Timestamp;

/// Renewed tokens, and the request that they are for.
pub(super) struct Renewal<'a> {
    pub(super) tokens: &'a Renewed,
    /// The refresh token that is good from now on.
    pub(super) refresh_token: &'a str,
    pub(super) wanted: &'a Wanted,
    /// The scope that the provider was asked for; `None` if no scope was sent.
    pub(super) sent_scope: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// Returns the session with the renewed tokens, and the scope that the access token has.
///
/// - A token for the sign-in's own audience and scopes takes the place of the sign-in's access token.
/// - A token for another audience goes into `accessTokens`.
/// - A token for other scopes and no audience is not kept, since nothing would find it.
///
/// In each case the new refresh token and the new ID token, if there is one, become those of the sign-in.
pub(super) fn merge(
    session: &SessionDocument,
    renewal: &Renewal<'_>,
) -> Result<(SessionDocument, Option<String>), DocumentError> {
    let signed_in = TokenSet::of(session);
    let scope = renewal.wanted.scope();
    let mut token_set = Members::new(session.token_set());
    let mut merged = None;
    let granted = if is_of_sign_in(&signed_in, renewal.wanted, &scope) {
        // If the provider does not say, the granted scope is what it was before: asking grants nothing.
        let before = || signed_in.scope().map(std::borrow::Cow::into_owned);
        let granted = renewal.tokens.scope.clone().or_else(before);
        sign_in(&mut token_set, &signed_in, renewal, &scope, granted.as_deref())?;
        granted
    } else {
        let granted = renewal.tokens.scope.as_deref().or(renewal.sent_scope).unwrap_or(&scope).to_owned();
        if let Some(audience) = renewal.wanted.audience() {
            let tokens = additional(session, renewal, audience, &scope, &granted)?;
            merged = Some(session.with_member("accessTokens", Some(&tokens))?);
        }
        Some(granted)
    };
    token_set.text("refreshToken", renewal.refresh_token)?;
    if let Some(id_token) = &renewal.tokens.id_token {
        token_set.text("idToken", id_token.token.expose_secret())?;
    }
    let merged = merged.as_ref().unwrap_or(session).with_member("tokenSet", Some(&token_set.0))?;
    let Some(id_token) = &renewal.tokens.id_token else { return Ok((merged, granted)) };
    let user = refreshed_user(session.user(), id_token.claims.get())?;
    Ok((merged.with_member("user", Some(&user))?, granted))
}

/// Writes the renewed access token into the token set of the sign-in.
fn sign_in(
    token_set: &mut Members,
    signed_in: &TokenSet<'_>,
    renewal: &Renewal<'_>,
    scope: &str,
    granted: Option<&str>,
) -> Result<(), DocumentError> {
    token_set.text("accessToken", renewal.tokens.access_token.expose_secret())?;
    if let Some(granted) = granted {
        token_set.text("scope", granted)?;
    }
    // The scope and the audience that the sign-in asked for stay. They are only filled in where they are missing.
    if signed_in.requested_scope().is_none() && !scope.is_empty() {
        token_set.text("requestedScope", scope)?;
    }
    if let (None, Some(audience)) = (signed_in.audience(), renewal.wanted.audience()) {
        token_set.text("audience", audience)?;
    }
    token_set.expiry(renewal.tokens)?;
    token_set.text("token_type", "bearer")
}

/// Returns the additional tokens with the renewed one as the last. It replaces the token for this audience that covers
/// the wanted scopes, or else one with the same granted scopes. Other tokens that have expired go, and then the oldest,
/// so that there are never many.
fn additional(
    session: &SessionDocument,
    renewal: &Renewal<'_>,
    audience: &str,
    scope: &str,
    granted: &str,
) -> Result<Zeroizing<String>, DocumentError> {
    let raw = raw_additional_tokens(session);
    let mut tokens: Vec<Zeroizing<String>> =
        raw.into_iter().map(|raw| Zeroizing::new(raw.get().to_owned())).collect();
    let place = |fits: &dyn Fn(&TokenSet<'_>) -> bool| {
        tokens.iter().position(|raw| {
            let token = TokenSet::new(raw);
            token.audience().is_some_and(|own| own == audience) && fits(&token)
        })
    };
    let (wanted_scopes, granted_scopes) = (scopes(scope), scopes(granted));
    let covering = place(&|token| wanted_scopes.is_subset(&scopes(&requested(token))));
    let equal = || place(&|token| scopes(&token.scope().unwrap_or_default()) == granted_scopes);
    let old = covering.or_else(equal).map(|place| tokens.remove(place));
    tokens.retain(|raw| !is_over(&TokenSet::new(raw), renewal.now));

    let old = old.as_ref().map_or("{}", |raw| raw.as_str());
    // The next request for the old scopes finds the token, and so does the next one for these. The token was renewed
    // with all scopes of the old one, or the provider grants the same to both.
    let both = union(&requested(&TokenSet::new(old)), scope);
    // A provider may grant the same to every request, and each would make the list longer. So earlier requests are
    // forgotten when the list is too long.
    let is_short = covering.is_some() || both.len() <= MAX_SCOPE_BYTES;
    let asked = if is_short { both.as_str() } else { scope };
    let mut token = Members::new(old);
    token.text("accessToken", renewal.tokens.access_token.expose_secret())?;
    token.expiry(renewal.tokens)?;
    token.text("audience", audience)?;
    token.text("scope", granted)?;
    token.text("requestedScope", asked)?;
    token.text("token_type", "bearer")?;
    tokens.push(token.0);
    keep_newest(&mut tokens, |token| token.len());
    let texts: Vec<&str> = tokens.iter().map(|token| token.as_str()).collect();
    Ok(Zeroizing::new(format!("[{}]", texts.join(","))))
}

/// Returns whether the token has expired, by the session's own word.
pub(super) fn is_over(token: &TokenSet<'_>, now: Timestamp) -> bool {
    match token.expires_at() {
        ExpiresAt::At(end) => end <= now,
        ExpiresAt::Invalid | ExpiresAt::Unknown => false,
    }
}

/// An object whose members are set one after the other.
struct Members(Zeroizing<String>);

impl Members {
    fn new(raw: &str) -> Self {
        Self(Zeroizing::new(raw.to_owned()))
    }

    /// Sets a member to a string.
    fn text(&mut self, name: &str, text: &str) -> Result<(), DocumentError> {
        self.set(name, Some(&Zeroizing::new(Value::from(text).to_string())))
    }

    /// Sets the end of the access token. If the provider does not say, the member goes: a reader takes that for
    /// unknown.
    fn expiry(&mut self, renewed: &Renewed) -> Result<(), DocumentError> {
        self.set("expiresAt", renewed.expires_at.map(|end| end.as_unix().to_string()).as_deref())
    }

    fn set(&mut self, name: &str, raw: Option<&str>) -> Result<(), DocumentError> {
        self.0 = json::with_member(&self.0, name, raw).ok_or(DocumentError::of("tokenSet"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refresh::RenewedIdToken;

    fn session(more: &str) -> SessionDocument {
        let token_set = r#"{"accessToken":"a","scope":"r","requestedScope":"r w","x":1.0,"refreshToken":"rt","expiresAt":1}"#;
        let text = format!(
            r#"{{"user":{{"sub":"u","theme":"dark","name":"Ada"}},"tokenSet":{token_set},"internal":{{"createdAt":1}},"exp":9{more}}}"#
        );
        SessionDocument::parse(text).unwrap()
    }

    fn renewed(scope: Option<&str>, claims: Option<&str>) -> Renewed {
        Renewed {
            access_token: "new".into(),
            expires_at: Some(Timestamp::from_unix(7)),
            scope: scope.map(str::to_owned),
            id_token: claims.map(|claims| RenewedIdToken {
                token: "it2".into(),
                claims: serde_json::value::RawValue::from_string(claims.to_owned()).unwrap(),
            }),
        }
    }

    fn wanted(audience: Option<&str>, scope: &str) -> Wanted {
        let asked_audience = audience.map(str::to_owned);
        Wanted { asked_audience, asked_scope: scope.to_owned(), ..Wanted::default() }
    }

    fn merge_at(
        now: i64,
        session: &SessionDocument,
        tokens: &Renewed,
        wanted: &Wanted,
    ) -> (SessionDocument, Option<String>) {
        let scope = wanted.scope();
        let sent_scope = (!wanted.asked_scope.is_empty()).then_some(scope.as_str());
        let now = Timestamp::from_unix(now);
        merge(session, &Renewal { tokens, refresh_token: "rt2", wanted, sent_scope, now }).unwrap()
    }

    fn merged(session: &SessionDocument, tokens: &Renewed, wanted: &Wanted) -> SessionDocument {
        merge_at(0, session, tokens, wanted).0
    }

    #[test]
    fn the_sign_ins_own_token_takes_its_place_and_nothing_else_changes() {
        let session = merged(&session(r#","cart":[1e2]"#), &renewed(None, None), &wanted(None, ""));
        assert_eq!(
            session.as_str(),
            r#"{"user":{"sub":"u","theme":"dark","name":"Ada"},"tokenSet":{"accessToken":"new","scope":"r","requestedScope":"r w","x":1.0,"refreshToken":"rt2","expiresAt":7,"token_type":"bearer"},"internal":{"createdAt":1},"exp":9,"cart":[1e2]}"#
        );
    }

    #[test]
    fn a_new_id_token_renews_the_users_claims_and_leaves_the_applications() {
        let claims = r#"{"iss":"i","sub":"u","name":"Ada Lovelace","email":"ada@example.com"}"#;
        let session = merged(&session(""), &renewed(None, Some(claims)), &wanted(None, ""));
        let text = session.as_str();
        assert!(
            text.starts_with(
                r#"{"user":{"sub":"u","theme":"dark","name":"Ada Lovelace","email":"ada@example.com"},"#
            ),
            "{text}"
        );
        assert!(text.contains(r#""idToken":"it2""#), "{text}");
    }

    #[test]
    fn a_token_for_another_audience_stands_beside_and_the_refresh_token_is_kept() {
        let first = merged(&session(""), &renewed(Some("read"), None), &wanted(Some("B"), "read"));
        assert_eq!(
            first.member("accessTokens").unwrap(),
            r#"[{"accessToken":"new","expiresAt":7,"audience":"B","scope":"read","requestedScope":"read","token_type":"bearer"}]"#
        );
        assert!(first.token_set().contains(r#""accessToken":"a""#), "{}", first.token_set());
        assert!(first.token_set().contains(r#""refreshToken":"rt2""#), "{}", first.token_set());
    }

    #[test]
    fn an_additional_token_replaces_one_that_it_covers_or_equals() {
        let more = r#","accessTokens":[
            {"accessToken":"old","audience":"B","scope":"read","requestedScope":"read","x":1},
            {"accessToken":"other","audience":"C","scope":"read","requestedScope":"read"}]"#;
        let again = merged(&session(more), &renewed(Some("read"), None), &wanted(Some("B"), "read"));
        let tokens = again.member("accessTokens").unwrap();
        assert_eq!(tokens.matches("accessToken").count(), 2, "{tokens}");
        assert!(tokens.contains(r#""x":1"#) && !tokens.contains("old"), "{tokens}");

        // More was asked for than the provider grants: the next one who asks so finds it all the same.
        let wider = merged(&session(more), &renewed(Some("read"), None), &wanted(Some("B"), "read write"));
        let tokens = wider.member("accessTokens").unwrap();
        assert!(tokens.contains(r#""requestedScope":"read write""#), "{tokens}");
        assert_eq!(tokens.matches("accessToken").count(), 2, "{tokens}");
    }

    #[test]
    fn what_fits_nothing_in_the_session_changes_nothing_but_the_refresh_token() {
        let session = session("");
        let (after, granted) = merge_at(0, &session, &renewed(None, None), &wanted(None, "admin"));
        assert_eq!(after.token_set(), session.token_set().replace(r#""rt""#, r#""rt2""#));
        assert_eq!(granted.as_deref(), Some("admin"));
    }

    #[test]
    fn nothing_is_granted_to_the_sign_in_by_asking() {
        let (after, granted) = merge_at(0, &session(""), &renewed(None, None), &wanted(None, "w"));
        assert_eq!(granted.as_deref(), Some("r"));
        assert!(after.token_set().contains(r#""scope":"r","requestedScope":"r w""#), "{}", after.token_set());
    }

    #[test]
    fn what_is_over_goes_and_there_are_never_many() {
        let more = r#","accessTokens":[{"accessToken":"old","audience":"C","expiresAt":5},{"accessToken":"x","audience":"D"}]"#;
        let (after, _) = merge_at(5, &session(more), &renewed(None, None), &wanted(Some("B"), "read"));
        let tokens = after.member("accessTokens").unwrap();
        assert!(!tokens.contains("old") && tokens.contains(r#""x""#), "{tokens}");

        let mut document = session("");
        for number in 0..40 {
            let wanted = wanted(Some(&number.to_string()), "");
            document = merged(&document, &renewed(None, None), &wanted);
        }
        assert_eq!(raw_additional_tokens(&document).len(), 16);
    }

    #[test]
    fn dos_04_what_is_asked_for_again_and_again_does_not_make_a_session_grow() {
        let (mut document, mut longest) = (session(""), 0);
        for number in 0..100 {
            // As long as a request may be, and other scopes each time; the provider grants the same to all of them.
            let scope: String = (0..500).map(|index| format!("scope-{number}-{index} ")).collect();
            let scope = &scope[..MAX_SCOPE_BYTES.min(scope.len())];
            document = merged(&document, &renewed(Some("read"), None), &wanted(Some("B"), scope));
            longest = longest.max(document.as_str().len());
            assert!(
                document.as_str().contains(&format!("scope-{number}-1 ")),
                "{number}: the newest is kept"
            );
        }
        assert!(longest < 2 * MAX_SCOPE_BYTES, "{longest}");

        // Tokens are large, and for many APIs.
        let large = "t".repeat(20_000);
        for number in 0..100 {
            let tokens = Renewed { access_token: large.clone().into(), ..renewed(Some("read"), None) };
            document = merged(&document, &tokens, &wanted(Some(&number.to_string()), "read"));
            assert!(document.as_str().len() < 80_000, "{}", document.as_str().len());
        }
        assert!(document.as_str().contains(r#""audience":"99""#), "the newest is kept");
    }
}
