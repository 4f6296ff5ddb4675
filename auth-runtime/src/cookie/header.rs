//! One scan over the `Cookie` header for the names that are ours; everything else is passed over unread.
//!
//! The rules are those of the application that writes the other half of these cookies: pairs are split at `;`
//! and the spaces after it, a pair without `=` has the value `true`, values are percent-decoded and names
//! never are, a value whose percent-encoding is broken is skipped, and of two cookies with one name the last wins.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use http::header::COOKIE;

use super::chunks::ChunkSet;
use super::name::CookieName;
use super::seen::{SeenNames, SeenValue};

/// The cookies of one request that concern the session.
///
/// ```
/// use auth_runtime::codec::{CookieName, RequestCookies};
///
/// let cookies = RequestCookies::scan([b"theme=dark; __session__1=B; __session__0=A".as_slice()], &CookieName::default());
/// assert_eq!(cookies.session.joined().as_deref(), Some(b"AB".as_slice()));
/// ```
#[derive(Default)]
pub struct RequestCookies<'h> {
    /// The session's own cookie, or its chunks.
    pub session: NamedValue<'h>,
    /// The cookie that nextjs-auth0 v3 wrote, or its chunks.
    pub legacy: NamedValue<'h>,
    /// Tokens of federated connections, `__FC_0` and so on, in the header's order.
    pub connections: Vec<ConnectionCookie<'h>>,
}

/// A value that is either whole under its name or in numbered chunks.
#[derive(Default)]
pub struct NamedValue<'h> {
    /// The value under the bare name. Empty counts as absent.
    pub whole: Option<Cow<'h, [u8]>>,
    /// The value in chunks.
    pub chunks: ChunkSet<'h>,
    /// A cookie of this name came more than once with different values.
    pub has_duplicates: bool,
}

/// A `__FC_n` cookie, still sealed.
#[derive(Clone)]
pub struct ConnectionCookie<'h> {
    /// The cookie's name.
    pub name: Cow<'h, str>,
    /// Its sealed value.
    pub value: Cow<'h, [u8]>,
}

impl<'h> RequestCookies<'h> {
    /// Scans every `Cookie` header of a request. HTTP/2 clients may send several (RFC 9113 §8.2.3).
    pub fn of_request(headers: &'h HeaderMap, name: &CookieName) -> Self {
        Self::scan(headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes), name)
    }

    /// Scans `Cookie` header values.
    pub fn scan(headers: impl IntoIterator<Item = &'h [u8]>, name: &CookieName) -> Self {
        let mut cookies = Self::default();
        for header in headers {
            for pair in raw_pairs(header).filter(|pair| may_be_ours(pair, name)) {
                let (found, value) = name_and_value(pair);
                cookies.sort(found, value, name.as_str());
            }
        }
        cookies
    }

    fn sort(&mut self, found: &'h [u8], value: &'h [u8], name: &str) {
        if let Some(rest) = found.strip_prefix(name.as_bytes()) {
            match rest {
                [] => return self.session.put_whole(value),
                [b'_', b'_', index @ ..] if is_index(index) => return self.session.put_chunk(index, value),
                _ => {}
            }
        }
        if let Some(rest) = found.strip_prefix(LEGACY_NAME.as_bytes()) {
            match rest {
                [] => self.legacy.put_whole(value),
                [b'.', index @ ..] if is_index(index) => self.legacy.put_chunk(index, value),
                _ => {}
            }
        } else if found.strip_prefix(CONNECTION_PREFIX.as_bytes()).is_some_and(is_index) {
            self.put_connection(found, value);
        }
    }

    fn put_connection(&mut self, name: &'h [u8], value: &'h [u8]) {
        let (Ok(name), Some(value)) = (std::str::from_utf8(name), decoded(value)) else { return };
        let earlier = self.connections.iter_mut().find(|cookie| cookie.name == name);
        if let Some(earlier) = earlier {
            earlier.value = value;
        } else if self.connections.len() < MAX_CONNECTIONS {
            self.connections.push(ConnectionCookie { name: Cow::Borrowed(name), value });
        }
    }

    /// The names that a response may have to remove.
    pub fn seen_names(&self) -> SeenNames {
        SeenNames {
            session: self.session.seen(),
            legacy: self.legacy.seen(),
            connections: self.connections.iter().map(|cookie| cookie.name.to_string()).collect(),
        }
    }
}

impl<'h> NamedValue<'h> {
    fn put_whole(&mut self, value: &'h [u8]) {
        let Some(value) = decoded(value) else { return };
        self.has_duplicates |= self.whole.as_ref().is_some_and(|earlier| *earlier != value);
        self.whole = Some(value);
    }

    fn put_chunk(&mut self, index: &'h [u8], value: &'h [u8]) {
        let (Ok(index), Some(value)) = (std::str::from_utf8(index), decoded(value)) else { return };
        self.has_duplicates |= self.chunks.put(index, value);
    }

    /// The value: the whole one unless it is empty, else the chunks in order if none is missing.
    pub fn joined(&self) -> Option<Cow<'_, [u8]>> {
        match &self.whole {
            Some(whole) if !whole.is_empty() => Some(Cow::Borrowed(whole)),
            _ => self.chunks.joined(),
        }
    }

    /// Whether the request carried any cookie of this kind.
    pub fn is_present(&self) -> bool {
        self.whole.is_some() || !self.chunks.is_empty()
    }

    fn seen(&self) -> SeenValue {
        SeenValue { is_whole: self.whole.is_some(), chunks: self.chunks.seen() }
    }
}

/// The value of the cookie `name`, the last one of several.
#[cfg(feature = "oidc")]
pub(crate) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<Cow<'h, str>> {
    let headers = headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes);
    let matching = headers.flat_map(pairs).filter(|(found, _)| *found == name.as_bytes());
    let last = matching.filter_map(|(_, value)| decoded(value)).last()?;
    Some(match last {
        Cow::Borrowed(value) => String::from_utf8_lossy(value),
        Cow::Owned(value) => Cow::Owned(String::from_utf8_lossy(&value).into_owned()),
    })
}

/// The names of all cookies of a request and their values as they came, in the header's order.
#[cfg(feature = "oidc")]
pub(crate) fn pairs_of(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    let headers = headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes);
    headers.flat_map(pairs).filter_map(|(name, value)| Some((std::str::from_utf8(name).ok()?, value)))
}

/// The `name` and still encoded `value` pairs of a `Cookie` header.
#[cfg(any(feature = "oidc", test))]
fn pairs(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    raw_pairs(header).map(name_and_value)
}

/// What stands between the semicolons of a `Cookie` header.
fn raw_pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let text = rest?;
        let (pair, after) = match memchr::memchr(b';', text) {
            Some(end) => (text.get(..end)?, text.get(end.saturating_add(1)..)),
            None => (text, None),
        };
        rest = after.map(trim_leading_spaces);
        Some(pair)
    })
}

/// Most cookies are somebody else's, and their beginning tells.
fn may_be_ours(pair: &[u8], name: &CookieName) -> bool {
    [name.as_str(), LEGACY_NAME, CONNECTION_PREFIX].iter().any(|prefix| pair.starts_with(prefix.as_bytes()))
}

fn name_and_value(pair: &[u8]) -> (&[u8], &[u8]) {
    let split = memchr::memchr(b'=', pair).and_then(|equals| pair.split_at_checked(equals));
    match split {
        Some((name, [_, value @ ..])) => (name, value),
        _ => (pair, b"true"),
    }
}

fn trim_leading_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    text
}

/// `0`, or digits that do not begin with 0. `00` is not another spelling of 0 but another cookie.
fn is_index(text: &[u8]) -> bool {
    match text {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// The value percent-decoded, or `None` when its encoding is broken or hides something that is not text.
fn decoded(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(first) = memchr::memchr(b'%', value) else { return Some(Cow::Borrowed(value)) };
    let mut rest = value.get(first..)?;
    while let Some(percent) = memchr::memchr(b'%', rest) {
        rest = rest.get(percent.saturating_add(1)..)?;
        let broken = !rest.get(..2)?.iter().all(u8::is_ascii_hexdigit);
        if broken {
            return None;
        }
    }
    let text = percent_encoding::percent_decode(value).decode_utf8().ok()?;
    Some(Cow::Owned(text.into_owned().into_bytes()))
}

/// The name of the connection cookie number `index`.
pub(crate) fn connection_name(index: usize) -> String {
    format!("{CONNECTION_PREFIX}{index}")
}

impl fmt::Debug for RequestCookies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCookies")
            .field("session", &self.session)
            .field("legacy", &self.legacy)
            .field("connections", &self.connections)
            .finish()
    }
}

impl fmt::Debug for NamedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedValue")
            .field("whole_chars", &self.whole.as_ref().map(|value| value.len()))
            .field("chunks", &self.chunks)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ConnectionCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionCookie({}, {} characters)", self.name, self.value.len())
    }
}

pub(super) const LEGACY_NAME: &str = "appSession";
const CONNECTION_PREFIX: &str = "__FC_";

/// How many connection cookies are looked at. A real one has 300 characters, so more than this come in no header
/// that servers accept; short ones could come by the thousand, and each costs a search among the others, a
/// decryption and a line that removes it.
const MAX_CONNECTIONS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn session_of(header: &str) -> Option<String> {
        let name = CookieName::default();
        let cookies = RequestCookies::scan([header.as_bytes()], &name);
        cookies.session.joined().map(|value| String::from_utf8(value.into_owned()).unwrap())
    }

    #[test]
    fn pairs_are_split_as_the_writer_splits_them() {
        let split = |header: &'static str| {
            pairs(header.as_bytes())
                .map(|(name, value)| (String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            split("a=1;b=2;   c=3"),
            [("a".into(), "1".into()), ("b".into(), "2".into()), ("c".into(), "3".into())]
        );
        assert_eq!(
            split("flag; =x; a=b=c"),
            [("flag".into(), "true".into()), ("".into(), "x".into()), ("a".into(), "b=c".into())]
        );
    }

    #[test]
    fn chk_13_of_two_cookies_with_one_name_the_last_wins() {
        assert_eq!(session_of("__session=A; __session=B").as_deref(), Some("B"));
        let cookies = RequestCookies::scan([b"__session=A; __session=B".as_slice()], &CookieName::default());
        assert!(cookies.session.has_duplicates);
    }

    #[test]
    fn a_broken_encoding_is_skipped_and_does_not_win() {
        assert_eq!(session_of("__session=A; __session=%E0%A4%A").as_deref(), Some("A"));
        assert_eq!(session_of("__session=%ff").as_deref(), None);
    }

    #[test]
    fn jwe_16_values_are_decoded_and_names_never_are() {
        assert_eq!(session_of("__session=a%2Eb").as_deref(), Some("a.b"));
        assert_eq!(session_of("%5F%5Fsession=a"), None);
    }

    #[test]
    fn chk_07_only_canonical_numbers_are_chunks() {
        for alias in [
            "__session__01",
            "__session__00",
            "__session__+1",
            "__session__1 ",
            "__session__\u{661}",
            "__session__",
        ] {
            assert_eq!(session_of(&format!("__session__0=A; {alias}=B")).as_deref(), Some("A"), "{alias}");
        }
    }

    #[test]
    fn chk_21_lookalikes_are_other_cookies() {
        for other in
            ["__session_=x", "__sessionX__0=x", "x__session__0=x", "__SESSION=x", "=__session=x", "; ; ;"]
        {
            assert_eq!(session_of(other), None, "{other}");
        }
    }

    #[test]
    fn chk_23_legacy_chunks_have_a_dot() {
        let name = CookieName::default();
        let cookies =
            RequestCookies::scan([b"appSession.0=A; appSession__1=B; appSession.1=C".as_slice()], &name);
        assert_eq!(cookies.legacy.joined().as_deref(), Some(b"AC".as_slice()));
    }

    #[test]
    fn connections_keep_the_order_of_the_header() {
        let name = CookieName::default();
        let header = b"__FC_1=b; __FC_0=a; __FC_x=n; __FCother=n; __FC_1=c".as_slice();
        let cookies = RequestCookies::scan([header], &name);
        let found: Vec<_> = cookies.connections.iter().map(|c| (&*c.name, &*c.value)).collect();
        assert_eq!(found, [("__FC_1", b"c".as_slice()), ("__FC_0", b"a")]);
    }

    #[test]
    fn chk_17_thousands_of_connections_are_not_remembered() {
        let pairs: Vec<_> = (0..10_000).map(|index| format!("__FC_{index}=x")).collect();
        let header = pairs.join("; ");
        let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
        assert_eq!(cookies.connections.len(), MAX_CONNECTIONS);
    }

    #[test]
    fn several_headers_are_one() {
        let name = CookieName::default();
        let cookies = RequestCookies::scan([b"__session__0=A".as_slice(), b"__session__1=B"], &name);
        assert_eq!(cookies.session.joined().as_deref(), Some(b"AB".as_slice()));
    }
}
