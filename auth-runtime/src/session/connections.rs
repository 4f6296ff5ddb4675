//! Tokens of federated connections, each sealed in a cookie `__FC_n` of its own.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::document::{DocumentError, SessionDocument};
use super::lifetime::{check_exp, check_nbf};
use super::verified::VerifiedSession;
use crate::cookie::ConnectionCookie;
use crate::crypto::KeyRing;
use crate::json::{self, ObjectWriter};
use crate::time::Timestamp;

/// The tokens of federated connections that came with a session. Tokens in cookies are opened when they are asked for.
///
/// Few sessions have any, so the tokens are boxed, and a session without them needs no memory for them.
#[derive(Default)]
pub(crate) struct Connections(Option<Box<Came>>);

/// The tokens as they came, and as they were opened.
struct Came {
    sealed: Option<Sealed>,
    opened: OnceLock<Vec<Zeroizing<String>>>,
}

/// The values of connection cookies, and what opens them.
struct Sealed {
    values: Vec<Vec<u8>>,
    keys: KeyRing,
    /// True if a token that is bound to no session is taken.
    takes_unbound: bool,
}

impl Connections {
    /// Keeps connection cookies unopened.
    pub(super) fn in_cookies(cookies: &[ConnectionCookie<'_>], keys: &KeyRing, takes_unbound: bool) -> Self {
        if cookies.is_empty() {
            return Self(None);
        }
        let values = cookies.iter().map(|cookie| cookie.value.to_vec()).collect();
        let sealed = Some(Sealed { values, keys: keys.clone(), takes_unbound });
        Self(Some(Box::new(Came { sealed, opened: OnceLock::new() })))
    }

    /// Takes the token sets of a record.
    pub(super) fn in_record(sets: Vec<Zeroizing<String>>) -> Self {
        if sets.is_empty() {
            return Self(None);
        }
        Self(Some(Box::new(Came { sealed: None, opened: OnceLock::from(sets) })))
    }

    #[cfg(test)]
    pub(crate) fn is_opened(&self) -> bool {
        self.0.as_ref().is_some_and(|came| came.opened.get().is_some())
    }

    /// Returns the tokens, each a raw JSON object. `session` is the session that they came with.
    pub(crate) fn of(&self, session: &VerifiedSession) -> &[Zeroizing<String>] {
        let Some(came) = &self.0 else { return &[] };
        came.opened
            .get_or_init(|| came.sealed.as_ref().map(|sealed| sealed.open(session)).unwrap_or_default())
    }
}

impl Sealed {
    fn open(&self, session: &VerifiedSession) -> Vec<Zeroizing<String>> {
        let beside = || Binding::to(session.document());
        let values: Vec<_> = self.values.iter().map(Vec::as_slice).collect();
        open(&values, &self.keys, self.takes_unbound, beside, session.read_at())
    }
}

/// The session that a connection's tokens belong to, so that no other session gets them. A browser may still hold the
/// tokens of a user who signed in before, and another host of the same domain can set such a cookie.
///
/// ```text
/// {"connection":…,"accessToken":…,…,"boundTo":{"sub":…,"sid":…,"createdAt":…},"exp":…}
/// ```
#[derive(PartialEq, Eq)]
pub(super) struct Binding {
    sub: String,
    sid: Option<String>,
    created_at: Timestamp,
}

impl Binding {
    /// Returns the binding to this session.
    pub(super) fn to(session: &SessionDocument) -> Option<Self> {
        let text = |object, name| json::member(object, name).and_then(json::string).map(Cow::into_owned);
        Some(Self {
            sub: text(session.user(), "sub")?,
            sid: session.member("internal").and_then(|internal| text(internal, "sid")),
            created_at: session.created_at(),
        })
    }

    /// Reads a binding. `None` if the JSON is none: then the tokens fit no session.
    fn parse(raw: &str) -> Option<Self> {
        let [sub, sid, created_at] = json::members(raw, ["sub", "sid", "createdAt"])?;
        Some(Self {
            sub: json::string(sub?)?.into_owned(),
            sid: sid.and_then(json::string).map(Cow::into_owned),
            created_at: created_at.and_then(json::integer).map(Timestamp::from_unix)?,
        })
    }

    fn json(&self) -> String {
        let text = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        let mut json = String::new();
        let mut object = ObjectWriter::begin(&mut json);
        object.member("sub", Some(&text(&self.sub)));
        object.member("sid", self.sid.as_ref().map(text).as_deref());
        object.member("createdAt", Some(&self.created_at.as_unix().to_string()));
        object.end();
        json
    }
}

/// Opens the connection cookies, in the header's order. A cookie is dropped if it does not open, has expired, belongs
/// to another session, or holds something else than a connection's token; the session does not depend on it.
///
/// `session` is called for the session beside the cookies, if one of them is bound to a session.
pub(super) fn open(
    values: &[&[u8]],
    keys: &KeyRing,
    takes_unbound: bool,
    session: impl FnOnce() -> Option<Binding>,
    now: Timestamp,
) -> Vec<Zeroizing<String>> {
    let beside = LazyCell::new(session);
    let open = |value: &&[u8]| {
        let text = open_one(value, keys, now)?;
        match json::member(&text, BOUND_TO) {
            None if takes_unbound => Some(text),
            None => None,
            Some(bound) => {
                let bound = Binding::parse(bound)?;
                if beside.as_ref() != Some(&bound) {
                    return None;
                }
                // The binding was only for the cookie; the application does not see it.
                json::with_member(&text, BOUND_TO, None)
            }
        }
    };
    values.iter().filter_map(open).collect()
}

/// Opens one cookie, and checks its times and its members.
fn open_one(value: &[u8], keys: &KeyRing, now: Timestamp) -> Option<Zeroizing<String>> {
    let text = keys.open_at(value, now).ok()?.plaintext.into_text().ok()?;
    let number = |name| json::member(&text, name).and_then(json::number);
    check_exp(number("exp")?, now).ok()?;
    if json::member(&text, "nbf").is_some() {
        check_nbf(number("nbf")?, now).ok()?;
    }
    for name in ["accessToken", "connection"] {
        json::member(&text, name).and_then(json::string)?;
    }
    Some(Zeroizing::new(text.to_string()))
}

/// Returns a connection's token set as its own cookie holds it: with its end, and bound to a session if there is a
/// binding.
pub(super) fn for_cookie(text: &str, binding: Option<&Binding>, exp: Timestamp) -> Option<Zeroizing<String>> {
    match binding {
        // A member of this name that the application put there is replaced: it is no binding.
        Some(binding) => with_exp(&json::with_member(text, BOUND_TO, Some(&binding.json()))?, exp),
        None => with_exp(text, exp),
    }
}

/// Returns the text of a connection's token set with `exp` set: in its old place, else as the last member. `None` if
/// the text is no object, or an empty one.
fn with_exp(text: &str, exp: Timestamp) -> Option<Zeroizing<String>> {
    let seconds = exp.as_unix().to_string();
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_add(32)));
    let mut object = ObjectWriter::begin(&mut out);
    let (mut is_empty, mut has_exp) = (true, false);
    json::for_each_member(text, |key, value| {
        is_empty = false;
        has_exp |= key.is("exp");
        object.copy(key, if key.is("exp") { &seconds } else { value.get() });
        Ok(())
    })
    .ok()?;
    if !has_exp {
        object.member("exp", Some(&seconds));
    }
    object.end();
    (!is_empty).then_some(out)
}

/// Returns the session's JSON with the tokens of federated connections in it, as a store's record has them.
pub(crate) fn joined(
    session: &str,
    connections: &[Zeroizing<String>],
) -> Result<Zeroizing<String>, DocumentError> {
    if connections.is_empty() {
        return Ok(Zeroizing::new(session.to_owned()));
    }
    let texts: Vec<&str> = connections.iter().map(|connection| connection.as_str()).collect();
    let sets = Zeroizing::new(format!("[{}]", texts.join(",")));
    json::with_member(session, "connectionTokenSets", Some(&sets)).ok_or(DocumentError::of("session"))
}

/// Takes `connectionTokenSets` out of a session's JSON, because they travel in cookies of their own. Returns the
/// session without them, and the raw text of each; `None` if the session has no such member.
pub(super) fn split_off(text: &str) -> Option<(Zeroizing<String>, Vec<Zeroizing<String>>)> {
    let sets = json::member(text, "connectionTokenSets")?;
    // A member of another type holds no token sets, and is taken out as well.
    let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(sets).unwrap_or_default();
    let out = json::with_member(text, "connectionTokenSets", None)?;
    Some((out, elements.iter().map(|raw| Zeroizing::new(raw.get().to_owned())).collect()))
}

/// The member that names the session to which the tokens belong. The npm package keeps a member that it does not know.
const BOUND_TO: &str = "boundTo";

#[cfg(test)]
mod tests {
    use super::*;

    fn session(sub: &str, sid: &str, created_at: i64) -> Binding {
        let text = format!(
            r#"{{"user":{{"sub":"{sub}"}},"tokenSet":{{}},"internal":{{{sid}"createdAt":{created_at}}}}}"#
        );
        Binding::to(&SessionDocument::parse(text).unwrap()).unwrap()
    }

    const SID: &str = r#""sid":"s1","#;
    const TOKENS: &str = r#"{"connection":"github","accessToken":"at","expiresAt":1}"#;

    #[test]
    fn ses_01_tokens_are_given_to_the_session_that_they_came_with_and_to_no_other() {
        use crate::crypto::{Entropy, Secret};

        let now = Timestamp::from_unix(50);
        let keys = KeyRing::danger_accept_weak_secrets([Secret::new("x")]).unwrap();
        let opened = |text: &str, takes_unbound, beside: Option<Binding>| {
            let value = keys.seal(text.as_bytes(), Entropy::SYSTEM).unwrap();
            let found = open(&[value.as_bytes()], &keys, takes_unbound, || beside, now);
            found.first().map(|text| text.to_string())
        };
        let exp = Timestamp::from_unix(100);
        let plain = r#"{"connection":"github","accessToken":"at","expiresAt":1,"exp":100}"#;
        for (sid, other_sid) in [(SID, r#""sid":"s2","#), (SID, ""), ("", SID)] {
            let text = for_cookie(TOKENS, Some(&session("ada", sid, 40)), exp).unwrap();
            for takes_unbound in [false, true] {
                let opened = |beside| opened(&text, takes_unbound, beside);
                assert_eq!(opened(Some(session("ada", sid, 40))).as_deref(), Some(plain));
                for other in [session("eve", sid, 40), session("ada", other_sid, 40), session("ada", sid, 41)]
                {
                    assert_eq!(opened(Some(other)), None);
                }
                assert_eq!(opened(None), None, "without a session there is none that it belongs to");
            }
        }
        let unbound = for_cookie(TOKENS, None, exp).unwrap();
        assert_eq!(opened(&unbound, true, None).as_deref(), Some(plain));
        assert_eq!(opened(&unbound, false, Some(session("ada", SID, 40))), None);
    }

    #[test]
    fn what_is_no_binding_fits_no_session() {
        for raw in ["null", "{}", "1", "[]", r#"{"sub":"ada"}"#, r#"{"sub":1,"createdAt":40}"#] {
            assert!(Binding::parse(raw).is_none(), "{raw}");
        }
        let own = r#"{"boundTo":"mine","connection":"github","accessToken":"at"}"#;
        let bound = for_cookie(own, Some(&session(r#"a\"b"#, SID, 40)), Timestamp::from_unix(9)).unwrap();
        let expected = r#"{"boundTo":{"sub":"a\"b","sid":"s1","createdAt":40},"connection":"github","accessToken":"at","exp":9}"#;
        assert_eq!(bound.as_str(), expected);
    }

    #[test]
    fn exp_is_set_in_its_place_or_last() {
        let exp = Timestamp::from_unix(9);
        assert_eq!(&**with_exp(r#"{"exp":1,"a":2}"#, exp).unwrap(), r#"{"exp":9,"a":2}"#);
        assert_eq!(&**with_exp(r#"{"a":2}"#, exp).unwrap(), r#"{"a":2,"exp":9}"#);
        assert!(with_exp("{}", exp).is_none());
        assert!(with_exp("[]", exp).is_none());
    }

    #[test]
    fn the_token_sets_leave_the_session() {
        let (session, sets) = split_off(r#"{"a":1,"connectionTokenSets":[{"x":1.0},{}],"b":2}"#).unwrap();
        assert_eq!(&**session, r#"{"a":1,"b":2}"#);
        assert_eq!(sets.iter().map(|set| set.as_str()).collect::<Vec<_>>(), [r#"{"x":1.0}"#, "{}"]);
        assert_eq!(
            &**joined(&session, &sets).unwrap(),
            r#"{"a":1,"b":2,"connectionTokenSets":[{"x":1.0},{}]}"#
        );
        assert!(split_off(r#"{"a":1}"#).is_none());
    }
}
