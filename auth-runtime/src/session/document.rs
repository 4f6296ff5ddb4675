//! The session's JSON as it stands on the wire: checked for its shape, otherwise left as it is.
//!
//! ```text
//! {"user":{"sub":…},"tokenSet":{…},"internal":{"sid":…,"createdAt":…},"exp":…, anything else}
//! ```

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use super::outline::Outline;
use crate::json;
use crate::time::Timestamp;

/// A session's JSON text with a shape that has been checked. Unknown members, floats, integers above 2^53 and
/// lone surrogates stay as they were written. `Debug` shows the text's length and the session's times only.
///
/// ```
/// use auth_runtime::codec::SessionDocument;
///
/// let text = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":5},"theme":"dark"}"#;
/// let session = SessionDocument::parse(text)?;
/// assert_eq!(session.user(), r#"{"sub":"ada"}"#);
/// assert_eq!(session.member("theme"), Some(r#""dark""#));
/// assert_eq!(session.created_at().as_unix(), 5);
/// # Ok::<(), auth_runtime::codec::DocumentError>(())
/// ```
pub struct SessionDocument {
    text: Zeroizing<Box<str>>,
    /// The place of the user's claims in the text.
    user: Range<usize>,
    /// The place of the sign-in's token set in the text.
    token_set: Range<usize>,
    /// The time of the sign-in (`internal.createdAt`).
    created_at: Timestamp,
    /// The provider's limit on the session (`internal.sessionExpiresAt`), in unix seconds.
    ceiling: Option<f64>,
    times: Times,
}

/// The claims of RFC 7519 that bound the session in time, in unix seconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Times {
    pub(super) exp: Option<f64>,
    pub(super) nbf: Option<f64>,
}

impl SessionDocument {
    /// Checks the shape of a session's JSON text.
    ///
    /// # Errors
    ///
    /// - The text is not exactly one JSON object.
    /// - A required member is missing or of another type: `user` with a string `sub`, `tokenSet`, or `internal` with a
    ///   whole number `createdAt`.
    /// - An optional member is of another type: `accessTokens`, `exp`, `nbf` or `internal.sessionExpiresAt`.
    /// - One of the members above is there twice at the top of the session.
    /// - The `sub` is empty, longer than 255 characters, or has a control character or a lone surrogate.
    pub fn parse(text: impl Into<String>) -> Result<Self, DocumentError> {
        // Copied: a text with spare capacity would be moved when it is boxed, and leave its bytes behind.
        Self::parse_sensitive(&Zeroizing::new(text.into()))
    }

    /// Checks a text like [`parse`](Self::parse), and leaves no other copy of it in memory.
    pub(crate) fn parse_sensitive(text: &str) -> Result<Self, DocumentError> {
        Self::parse_boxed(Zeroizing::new(Box::from(text)))
    }

    /// Checks a text like [`parse`](Self::parse), without copying it.
    pub(crate) fn parse_boxed(text: Zeroizing<Box<str>>) -> Result<Self, DocumentError> {
        let outline = Outline::of(&text)?;
        check_subject(outline.sub)?;
        if outline.created_at < 0 {
            return Err(DocumentError("internal.createdAt"));
        }
        let (created_at, ceiling) = (Timestamp::from_unix(outline.created_at), outline.ceiling);
        let times = Times { exp: outline.exp, nbf: outline.nbf };
        let range = |part: &str| json::range_within(&text, part);
        let (user, token_set) = (range(outline.user), range(outline.token_set));
        Ok(Self { text, user, token_set, created_at, ceiling, times })
    }

    /// Returns the whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the raw JSON of the user's claims.
    pub fn user(&self) -> &str {
        self.text.get(self.user.clone()).unwrap_or("{}")
    }

    /// Returns the raw JSON of the sign-in's token set.
    pub(crate) fn token_set(&self) -> &str {
        self.text.get(self.token_set.clone()).unwrap_or("{}")
    }

    /// Returns the provider's id of the session (`sid`).
    pub(super) fn sid(&self) -> Option<Cow<'_, str>> {
        json::member(self.member("internal")?, "sid").and_then(json::string)
    }

    /// Returns the raw JSON of a member of the session.
    pub fn member(&self, name: &str) -> Option<&str> {
        json::member(&self.text, name)
    }

    /// Returns every member's name and raw JSON, in order.
    pub fn members(&self) -> Vec<(Cow<'_, str>, &str)> {
        let mut members = Vec::new();
        // `parse` has walked the text, so it can be walked again.
        let _ = json::for_each_member(&self.text, |key, value| {
            members.push((key.decoded(), value.get()));
            Ok(())
        });
        members
    }

    /// Returns when the user signed in.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Returns the end that the session itself states (`exp`), rounded down to the second.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.times.exp.and_then(Timestamp::from_json_number)
    }

    pub(super) fn times(&self) -> Times {
        self.times
    }

    pub(super) fn ceiling(&self) -> Option<f64> {
        self.ceiling
    }

    /// Returns the text with `exp` set: in its old place if there is one, else as the last member.
    pub(crate) fn with_exp(&self, exp: Timestamp) -> Zeroizing<Box<str>> {
        let exp = exp.as_unix().to_string();
        let old = self.member("exp").map(|old| json::range_within(&self.text, old));
        let (before, label, after) = match &old {
            Some(range) => (self.text.get(..range.start), "", self.text.get(range.end..)),
            // `parse` saw an object with members, so it ends with a brace and the last one takes a comma.
            None => (self.text.trim_end().strip_suffix('}'), ",\"exp\":", Some("}")),
        };
        let parts = [before.unwrap_or_default(), label, &exp, after.unwrap_or_default()];
        // Joined without spare capacity, so that making a box of it moves nothing.
        Zeroizing::new(parts.concat().into_boxed_str())
    }
}

/// Checks that the raw `sub` can be a subject: not empty, at most [`MAX_SUB_CHARS`] long, and without control
/// characters and lone surrogates.
fn check_subject(sub: &str) -> Result<(), DocumentError> {
    let fault = DocumentError("user.sub");
    let subject = json::string(sub).ok_or(fault)?;
    // A text has at least as many bytes as characters, so most are not counted.
    let is_short = subject.len() <= MAX_SUB_CHARS || subject.chars().count() <= MAX_SUB_CHARS;
    let has_control = if subject.is_ascii() {
        subject.bytes().any(|byte| byte.is_ascii_control())
    } else {
        subject.chars().any(char::is_control)
    };
    if subject.is_empty() || !is_short || has_control {
        return Err(fault);
    }
    // Only an escape can stand for a lone surrogate, and only a text with an escape is decoded into a new one.
    let has_escape = matches!(subject, Cow::Owned(_));
    if has_escape && matches!(json::without_lone_surrogates(sub), Cow::Owned(_)) {
        Err(fault)
    } else {
        Ok(())
    }
}

impl fmt::Debug for SessionDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDocument")
            .field("bytes", &self.text.len())
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

/// The member because of which a text is no session: it is missing, there twice, or of another type.
///
/// ```
/// use auth_runtime::codec::SessionDocument;
///
/// let text = r#"{"user":{},"tokenSet":{},"internal":{"createdAt":5}}"#;
/// let error = SessionDocument::parse(text).unwrap_err();
/// assert_eq!(error.member(), "user.sub");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a session: `{0}` is missing, there twice, or of another type")]
pub struct DocumentError(&'static str);

impl DocumentError {
    pub(crate) fn of(member: &'static str) -> Self {
        Self(member)
    }

    /// Returns the member that is to blame; `session` when the text as a whole is.
    pub fn member(&self) -> &'static str {
        self.0
    }
}

/// The maximum length of a subject, in characters (OpenID Connect Core 1.0 §2).
const MAX_SUB_CHARS: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = r#"{"user":{"sub":"u"},"tokenSet":{},"internal":{"createdAt":1}}"#;

    fn refused(text: &str) -> &'static str {
        SessionDocument::parse(text).unwrap_err().member()
    }

    #[test]
    fn key_13_a_session_lives_in_a_type_that_wipes_itself() {
        fn wipes<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        wipes(&SessionDocument::parse(MINIMAL).unwrap().text);
    }

    #[test]
    fn exp_keeps_its_place_or_comes_last() {
        let exp = Timestamp::from_unix(9);
        let first = SessionDocument::parse(MINIMAL).unwrap().with_exp(exp);
        assert_eq!(&**first, r#"{"user":{"sub":"u"},"tokenSet":{},"internal":{"createdAt":1},"exp":9}"#);
        let text = r#"{"user":{"sub":"u"},"exp":5.5,"tokenSet":{},"internal":{"createdAt":1},"more":1e400}"#;
        let again = SessionDocument::parse(text).unwrap().with_exp(exp);
        assert_eq!(**again, *text.replace("5.5", "9"));
    }

    #[test]
    fn pay_09_the_creation_time_is_a_whole_number() {
        for created_at in ["\"1\"", "1.5", "1.0", "-1", "null", "1e3", "[]"] {
            let text = MINIMAL.replace("\"createdAt\":1", &format!("\"createdAt\":{created_at}"));
            assert_eq!(refused(&text), "internal.createdAt", "{created_at}");
        }
    }

    #[test]
    fn pay_18_and_pay_15_a_subject_is_a_reasonable_string() {
        let long = format!("\"{}\"", "x".repeat(256));
        for sub in ["1", "\"\"", "null", r#""a\u0000b""#, r#""\ud800""#, r#""a\nb""#, &long] {
            assert_eq!(refused(&MINIMAL.replace("\"u\"", sub)), "user.sub", "{sub}");
        }
    }

    #[test]
    fn pay_20_a_member_that_is_there_twice_makes_it_no_session() {
        for member in [r#""user":{"sub":"v"}"#, r#""internal":{"createdAt":2}"#, r#""\u0075ser":{"sub":"v"}"#]
        {
            let text = MINIMAL.replacen('{', &format!("{{{member},"), 1);
            assert_eq!(refused(&text), "session", "{member}");
        }
    }

    #[test]
    fn pay_25_members_of_another_type_make_it_no_session() {
        assert_eq!(refused(&MINIMAL.replace("\"tokenSet\":{}", "\"tokenSet\":[]")), "tokenSet");
        assert_eq!(refused(&MINIMAL.replacen('{', r#"{"accessTokens":{},"#, 1)), "accessTokens");
        assert_eq!(refused(&MINIMAL.replace(r#"{"createdAt":1}"#, "null")), "internal");
    }

    #[test]
    fn the_parts_are_slices_of_the_text() {
        let text = r#"{"internal":{"createdAt":1},"tokenSet":{"a":1},"user":{"sub":"u","n":1.10}}"#;
        let document = SessionDocument::parse(text).unwrap();
        assert_eq!(document.user(), r#"{"sub":"u","n":1.10}"#);
        assert_eq!(document.token_set(), r#"{"a":1}"#);
    }
}
