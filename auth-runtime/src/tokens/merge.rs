//! Renewed tokens, written into the session. Whatever else the session holds keeps its bytes.

use secrecy::ExposeSecret;
use serde_json::Value;
use zeroize::Zeroizing;

use super::select::{Wanted, covers, is_of_sign_in, raw_additional_tokens, requested, scopes, union};
use crate::json;
use crate::refresh::Renewed;
use crate::session::{DocumentError, SessionDocument, TokenSet, refreshed_user};

/// The session with what was renewed.
///
/// What is for the sign-in's own audience and scopes takes the place of its tokens. What is for another audience goes
/// into `accessTokens`. In each case the refresh token and the ID token are those of the sign-in from now on.
pub(super) fn merge(
    session: &SessionDocument,
    renewed: &Renewed,
    wanted: &Wanted,
) -> Result<SessionDocument, DocumentError> {
    let signed_in = TokenSet::of(session);
    let scope = wanted.scope();
    let is_of_sign_in = is_of_sign_in(&signed_in, wanted, &scope);
    let mut token_set = Members::new(session.token_set());
    let mut merged = None;
    match wanted.audience() {
        Some(audience) if !is_of_sign_in => {
            let tokens = additional(session, renewed, audience, &scope)?;
            merged = Some(session.with_member("accessTokens", Some(&tokens))?);
        }
        audience => {
            token_set.text("accessToken", renewed.access_token.expose_secret())?;
            if let Some(granted) = granted_scope(&signed_in, renewed, wanted) {
                token_set.text("scope", &granted)?;
            }
            if !covers(&requested(&signed_in), &scope) || signed_in.requested_scope().is_none() {
                token_set.text("requestedScope", &scope)?;
            }
            if let (None, Some(audience)) = (signed_in.audience(), audience) {
                token_set.text("audience", audience)?;
            }
            token_set.expiry(renewed)?;
            token_set.text("token_type", "bearer")?;
        }
    }
    token_set.text("refreshToken", renewed.refresh_token.expose_secret())?;
    if let Some(id_token) = &renewed.id_token {
        token_set.text("idToken", id_token.token.expose_secret())?;
    }
    let merged = merged.as_ref().unwrap_or(session).with_member("tokenSet", Some(&token_set.0))?;
    match &renewed.id_token {
        Some(id_token) => {
            merged.with_member("user", Some(&refreshed_user(session.user(), id_token.claims.get())?))
        }
        None => Ok(merged),
    }
}

/// What was granted: what the provider says, else what it was asked for (RFC 6749 §5.1), else what it was before.
pub(super) fn granted_scope(signed_in: &TokenSet<'_>, renewed: &Renewed, wanted: &Wanted) -> Option<String> {
    let asked = (!wanted.asked_scope.is_empty()).then(|| wanted.scope());
    let before = || signed_in.scope().map(std::borrow::Cow::into_owned);
    renewed.scope.clone().or(asked).or_else(before)
}

/// The additional tokens with this one among them: in place of one that it covers, of one with the same rights, or as
/// the last.
fn additional(
    session: &SessionDocument,
    renewed: &Renewed,
    audience: &str,
    scope: &str,
) -> Result<Zeroizing<String>, DocumentError> {
    let mut tokens: Vec<Zeroizing<String>> =
        raw_additional_tokens(session).into_iter().map(|raw| Zeroizing::new(raw.get().to_owned())).collect();
    let granted = renewed.scope.as_deref().unwrap_or(scope);
    let place = |fits: &dyn Fn(&TokenSet<'_>) -> bool| {
        tokens.iter().position(|raw| {
            let token = TokenSet::new(raw);
            token.audience().is_some_and(|own| own == audience) && fits(&token)
        })
    };
    let covering = place(&|token| covers(&requested(token), scope));
    let equal = || place(&|token| scopes(&token.scope().unwrap_or_default()) == scopes(granted));
    let place = covering.or_else(equal);

    let old = place.and_then(|place| tokens.get(place)).map_or("{}", |raw| raw.as_str());
    // Both, so that either request finds the token next time.
    let asked = union(&requested(&TokenSet::new(old)), scope);
    let mut token = Members::new(old);
    token.text("accessToken", renewed.access_token.expose_secret())?;
    token.expiry(renewed)?;
    token.text("audience", audience)?;
    token.text("scope", granted)?;
    token.text("requestedScope", &asked)?;
    token.text("token_type", "bearer")?;
    match place.and_then(|place| tokens.get_mut(place)) {
        Some(old) => *old = token.0,
        None => tokens.push(token.0),
    }
    let texts: Vec<&str> = tokens.iter().map(|token| token.as_str()).collect();
    Ok(Zeroizing::new(format!("[{}]", texts.join(","))))
}

/// An object whose members are set one after the other.
struct Members(Zeroizing<String>);

impl Members {
    fn new(raw: &str) -> Self {
        Self(Zeroizing::new(raw.to_owned()))
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), DocumentError> {
        self.set(name, Some(&Zeroizing::new(Value::from(text).to_string())))
    }

    /// Without a word of the provider the member goes: a reader takes that for unknown.
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
    use crate::time::Timestamp;

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
            refresh_token: "rt2".into(),
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

    fn merged(session: &SessionDocument, renewed: &Renewed, wanted: &Wanted) -> String {
        merge(session, renewed, wanted).unwrap().as_str().to_owned()
    }

    #[test]
    fn the_sign_ins_own_token_takes_its_place_and_nothing_else_changes() {
        let text = merged(&session(r#","cart":[1e2]"#), &renewed(None, None), &wanted(None, ""));
        assert_eq!(
            text,
            r#"{"user":{"sub":"u","theme":"dark","name":"Ada"},"tokenSet":{"accessToken":"new","scope":"r","requestedScope":"r w","x":1.0,"refreshToken":"rt2","expiresAt":7,"token_type":"bearer"},"internal":{"createdAt":1},"exp":9,"cart":[1e2]}"#
        );
    }

    #[test]
    fn a_new_id_token_renews_the_users_claims_and_leaves_the_applications() {
        let claims = r#"{"iss":"i","sub":"u","name":"Ada Lovelace","email":"ada@example.com"}"#;
        let text = merged(&session(""), &renewed(None, Some(claims)), &wanted(None, ""));
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
        let first = merge(&session(""), &renewed(Some("read"), None), &wanted(Some("B"), "read")).unwrap();
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
        let again = merge(&session(more), &renewed(Some("read"), None), &wanted(Some("B"), "read")).unwrap();
        let tokens = again.member("accessTokens").unwrap();
        assert_eq!(tokens.matches("accessToken").count(), 2, "{tokens}");
        assert!(tokens.contains(r#""x":1"#) && !tokens.contains("old"), "{tokens}");

        // More was asked for than the provider grants: the next one who asks so finds it all the same.
        let wider =
            merge(&session(more), &renewed(Some("read"), None), &wanted(Some("B"), "read write")).unwrap();
        let tokens = wider.member("accessTokens").unwrap();
        assert!(tokens.contains(r#""requestedScope":"read write""#), "{tokens}");
        assert_eq!(tokens.matches("accessToken").count(), 2, "{tokens}");
    }
}
