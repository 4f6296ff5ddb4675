//! The scan of a `Cookie` header for the names of this crate. Other cookies are passed over unread.
//!
//! The rules are those of the Next.js front end, which reads and writes the same cookies:
//!
//! - Pairs are split at `;` and the spaces after it.
//! - A pair without `=` has the value `true`.
//! - Values are percent-decoded, names are not.
//! - A value whose percent-encoding is broken is skipped.
//! - Of two cookies with one name the last one counts.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

use http::HeaderMap;
use http::header::COOKIE;

use super::chunks::{ChunkSet, MAX_CHUNKS, make_room, within};
use super::name::CookieName;
use super::pairs::{decoded, pairs};
use super::pairs::{decoded_from, first_percent, raw_pairs};
use super::seen::{SeenNames, SeenValue};

/// The cookies of one request that concern the session.
///
/// ```
/// use auth_runtime::codec::{CookieName, RequestCookies};
///
/// let header = b"theme=dark; __session__1=B; __session__0=A".as_slice();
/// let cookies = RequestCookies::scan([header], &CookieName::default());
/// assert_eq!(cookies.session.joined().as_deref(), Some(b"AB".as_slice()));
/// ```
#[derive(Default)]
pub struct RequestCookies<'h> {
    /// The session's own cookie, or its chunks.
    pub session: NamedValue<'h>,
    /// The cookie that nextjs-auth0 v3 wrote, or its chunks.
    pub legacy: NamedValue<'h>,
    /// The cookies with tokens of federated connections, `__FC_0` and so on, in the header's order.
    pub connections: Vec<ConnectionCookie<'h>>,
}

/// A value that is either whole under its name or in numbered chunks.
///
/// ```
/// use auth_runtime::codec::{CookieName, RequestCookies};
///
/// let cookies = RequestCookies::scan([b"__session=A; __session=B".as_slice()], &CookieName::default());
/// assert!(cookies.session.is_present() && cookies.session.has_duplicates);
/// assert_eq!(cookies.session.joined().as_deref(), Some(b"B".as_slice()));
/// ```
#[derive(Default)]
pub struct NamedValue<'h> {
    /// The value under the bare name. [`joined`](Self::joined) takes an empty value for absent.
    pub whole: Option<Cow<'h, [u8]>>,
    /// The value in chunks.
    pub chunks: ChunkSet<'h>,
    /// True if a cookie of this name came more than once with different values.
    pub has_duplicates: bool,
}

/// A sealed `__FC_n` cookie, which holds the tokens of a federated connection.
///
/// ```
/// use auth_runtime::codec::{CookieName, RequestCookies};
///
/// let cookies = RequestCookies::scan([b"__FC_0=sealed".as_slice()], &CookieName::default());
/// assert_eq!(cookies.connections[0].name, "__FC_0");
/// assert_eq!(&*cookies.connections[0].value, b"sealed");
/// ```
#[derive(Clone)]
pub struct ConnectionCookie<'h> {
    /// The cookie's name.
    pub name: Cow<'h, str>,
    /// The cookie's sealed value.
    pub value: Cow<'h, [u8]>,
}

impl RequestCookies<'_> {
    /// Logs that the session cookie came twice with different values.
    pub(crate) fn warn_of_duplicates(&self) {
        if self.session.has_duplicates {
            tracing::warn!(
                target: "auth_runtime::security",
                "two different session cookies under one name: another path or domain sets one too, or an attacker set it"
            );
        }
    }
}

impl<'h> RequestCookies<'h> {
    /// Scans every `Cookie` header of a request. HTTP/2 clients may send several (RFC 9113 §8.2.3).
    ///
    /// ```
    /// use auth_runtime::codec::{CookieName, RequestCookies};
    /// use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
    ///
    /// let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("__session=A"))]);
    /// let cookies = RequestCookies::of_request(&headers, &CookieName::default());
    /// assert_eq!(cookies.session.joined().as_deref(), Some(b"A".as_slice()));
    /// ```
    pub fn of_request(headers: &'h HeaderMap, name: &CookieName) -> Self {
        Self::scan(headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes), name)
    }

    /// Scans `Cookie` header values.
    pub fn scan(headers: impl IntoIterator<Item = &'h [u8]>, name: &CookieName) -> Self {
        let mut scan = CookieScan::default();
        for header in headers {
            if scan.read(header, name).is_break() {
                break;
            }
        }
        scan.cookies
    }

    /// Returns the names of the cookies, so that a response can remove those that it does not replace.
    pub fn seen_names(&self) -> SeenNames {
        SeenNames {
            session: self.session.seen(),
            legacy: self.legacy.seen(),
            connections: self.connections.iter().map(|cookie| cookie.name.to_string()).collect(),
        }
    }
}

/// The cookies found so far, and the counts that limit the work of a scan.
#[derive(Default)]
struct CookieScan<'h> {
    cookies: RequestCookies<'h>,
    /// Number of cookies with the session's name that were read.
    session: usize,
    /// Number of cookies with the name of v3 that were read.
    legacy: usize,
    /// Number of connection cookies that were read.
    connections: usize,
    /// Number of cookies of other applications.
    others: usize,
    /// Bit `n` is set where the connection cookie number `n` came.
    numbers: u32,
    /// Number of values of [`SHORT_VALUE`] bytes or more that were percent-decoded.
    decoded: usize,
    /// Number of values below [`SHORT_VALUE`] bytes that were percent-decoded.
    decoded_short: usize,
}

impl<'h> CookieScan<'h> {
    /// Reads a header. Breaks when [`MAX_OTHERS`] is reached, so that no further header is read. The function is not
    /// generic, so that the compiler optimizes the whole scan at once.
    fn read(&mut self, header: &'h [u8], name: &CookieName) -> ControlFlow<()> {
        // A client can send a hundred thousand pairs of one character, so pairs that are too short are
        // passed over at once.
        let shortest = name.as_str().len().min(CONNECTION_PREFIX.len());
        for pair in raw_pairs(header) {
            if pair.len() < shortest || !self.sort(pair, name.as_str().as_bytes()) {
                self.others = self.others.saturating_add(1);
                if self.others == MAX_OTHERS {
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes a pair if its name is one of this crate's. Returns whether the name is: most are another application's.
    #[inline]
    fn sort(&mut self, pair: &'h [u8], name: &[u8]) -> bool {
        // The last character of the name alone rules out most pairs.
        if pair.get(name.len().saturating_sub(1)) == name.last()
            && let Some(rest) = pair.strip_prefix(name)
            && ends_name(rest, b"__")
        {
            // Beyond the limit the pair is not read, but it is no other application's either.
            if !counts(&mut self.session, MAX_OF_A_KIND) {
                return true;
            }
            if let Some(value) = value_after_name(rest) {
                self.put_whole(value, |cookies| &mut cookies.session);
            } else if let Some((index, value)) = rest.strip_prefix(b"__").and_then(index_and_value) {
                self.put_chunk(index, value, |cookies| &mut cookies.session);
            }
            return true;
        }
        if let Some(rest) = pair.strip_prefix(LEGACY_NAME.as_bytes()) {
            // A longer name, such as `appSessionId`, is another application's.
            if !ends_name(rest, b".") {
                return false;
            }
            if !counts(&mut self.legacy, MAX_OF_A_KIND) {
                return true;
            }
            if let Some(value) = value_after_name(rest) {
                self.put_whole(value, |cookies| &mut cookies.legacy);
            } else if let Some((index, value)) = rest.strip_prefix(b".").and_then(index_and_value) {
                self.put_chunk(index, value, |cookies| &mut cookies.legacy);
            }
            return true;
        }
        let connection = pair.strip_prefix(CONNECTION_PREFIX.as_bytes());
        let Some(rest) = connection.filter(|rest| rest.first().is_some_and(u8::is_ascii_digit)) else {
            return false;
        };
        if !counts(&mut self.connections, MAX_CONNECTIONS) {
            return true;
        }
        if let Some((index, value)) = index_and_value(rest) {
            self.put_connection(pair, index, value);
        }
        true
    }

    #[inline]
    fn put_whole(
        &mut self,
        value: &'h [u8],
        of: impl for<'c> FnOnce(&'c mut RequestCookies<'h>) -> &'c mut NamedValue<'h>,
    ) {
        let Some(value) = self.decode(value) else { return };
        let named = of(&mut self.cookies);
        named.has_duplicates |= named.whole.as_ref().is_some_and(|earlier| *earlier != value);
        named.whole = Some(value);
    }

    #[inline]
    fn put_chunk(
        &mut self,
        index: &'h [u8],
        value: &'h [u8],
        of: impl for<'c> FnOnce(&'c mut RequestCookies<'h>) -> &'c mut NamedValue<'h>,
    ) {
        let Some(value) = self.decode(value) else { return };
        let named = of(&mut self.cookies);
        match within(index) {
            Some(index) => named.has_duplicates |= named.chunks.put(index, value),
            // No value has so many chunks: the number is noted, so that a response can remove the cookie.
            None => named.chunks.note(index),
        }
    }

    fn put_connection(&mut self, pair: &'h [u8], index: &'h [u8], value: &'h [u8]) {
        let name = pair.get(..CONNECTION_PREFIX.len().saturating_add(index.len())).map(std::str::from_utf8);
        let (Some(Ok(name)), Some(value)) = (name, self.decode(value)) else { return };
        let connections = &mut self.cookies.connections;
        // Most numbers come once. A small number whose bit is not set is new and needs no search.
        let bit = within(index).map_or(0, |index| 1 << index);
        let is_new = bit & !self.numbers != 0;
        self.numbers |= bit;
        let search = || connections.iter().position(|cookie| is_same(&cookie.name, name));
        let earlier = if is_new { None } else { search() };
        if let Some(earlier) = earlier.and_then(|at| connections.get_mut(at)) {
            earlier.value = value;
        } else {
            make_room(connections, MAX_CONNECTIONS);
            connections.push(ConnectionCookie { name: Cow::Borrowed(name), value });
        }
    }

    /// Returns the value percent-decoded. `None` if its encoding is broken, or if the limit of decoded
    /// values is reached.
    #[inline]
    fn decode(&mut self, value: &'h [u8]) -> Option<Cow<'h, [u8]>> {
        let Some(first) = first_percent(value) else { return Some(Cow::Borrowed(value)) };
        let is_one_more = if value.len() < SHORT_VALUE {
            counts(&mut self.decoded_short, MAX_DECODED_SHORT)
        } else {
            counts(&mut self.decoded, MAX_DECODED)
        };
        if is_one_more { decoded_from(value, first) } else { None }
    }
}

/// Returns whether the cookie's name ends where `rest` begins, or goes on with the number of a chunk.
#[inline]
fn ends_name(rest: &[u8], separator: &[u8]) -> bool {
    match rest {
        [] | [b'=', ..] => true,
        _ => matches!(rest.strip_prefix(separator), Some([b'0'..=b'9', ..])),
    }
}

/// Returns whether `count` is below `most`, and counts one more if it is.
fn counts(count: &mut usize, most: usize) -> bool {
    let is_one_more = *count < most;
    *count = count.saturating_add(usize::from(is_one_more));
    is_one_more
}

impl NamedValue<'_> {
    /// Returns the whole value unless it is empty, else the chunks joined in order if none is missing.
    pub fn joined(&self) -> Option<Cow<'_, [u8]>> {
        match &self.whole {
            Some(whole) if !whole.is_empty() => Some(Cow::Borrowed(whole)),
            _ => self.chunks.joined(),
        }
    }

    /// Returns whether the request carried any cookie of this kind.
    pub fn is_present(&self) -> bool {
        self.whole.is_some() || !self.chunks.is_empty()
    }

    fn seen(&self) -> SeenValue {
        SeenValue { is_whole: self.whole.is_some(), chunks: self.chunks.seen() }
    }
}

/// Returns the last value of the cookie `name`, among the first [`MAX_DECODED`] cookies of that name.
pub(crate) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<Cow<'h, str>> {
    let headers = headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes);
    let matching = headers.flat_map(pairs).filter(|(found, _)| *found == name.as_bytes());
    let last = matching.take(MAX_DECODED).filter_map(|(_, value)| decoded(value)).last()?;
    Some(match last {
        Cow::Borrowed(value) => String::from_utf8_lossy(value),
        Cow::Owned(value) => Cow::Owned(String::from_utf8_lossy(&value).into_owned()),
    })
}

/// Returns the names of all cookies of a request and their values as they came, in the header's order.
pub(crate) fn pairs_of(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    let headers = headers.get_all(COOKIE).iter().map(http::HeaderValue::as_bytes);
    headers.flat_map(pairs).filter_map(|(name, value)| Some((std::str::from_utf8(name).ok()?, value)))
}

/// Returns the value that follows a cookie's name: `true` for a pair without `=`. `None` if the name goes on.
#[inline]
fn value_after_name(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [] => Some(b"true"),
        [b'=', value @ ..] => Some(value),
        _ => None,
    }
}

/// Returns the number that ends a cookie's name, and the value. The number is `0`, or digits that do not begin with 0:
/// `00` is not another spelling of 0 but another cookie.
#[inline]
fn index_and_value(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (index, rest) = rest.split_at_checked(digits)?;
    if !matches!(index, [b'0'] | [b'1'..=b'9', ..]) {
        return None;
    }
    Some((index, value_after_name(rest)?))
}

/// Returns whether two names are equal. Their last characters are compared first, because different names
/// mostly differ there.
fn is_same(one: &str, other: &str) -> bool {
    let [one, other] = [one.as_bytes(), other.as_bytes()];
    one.len() == other.len() && one.last() == other.last() && one == other
}

/// Returns the name of the connection cookie number `index`.
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

/// The name of the session cookie that nextjs-auth0 v3 wrote.
pub(super) const LEGACY_NAME: &str = "appSession";
/// The name of a connection cookie, before its number.
const CONNECTION_PREFIX: &str = "__FC_";

/// The number of cookies of other applications after which the scan ends. Browsers keep at most 180 for all hosts of a
/// site.
const MAX_OTHERS: usize = 512;

/// The most cookies with the session's name that are read, and the most with the name of v3: all chunks, and some that
/// are left over from longer sessions.
const MAX_OF_A_KIND: usize = MAX_CHUNKS + 8;

/// The most connection cookies that are read. A real one has 700 characters, and a user has few of them. Short ones
/// could come by the thousand, and each costs a search among the others, a decryption and a line that removes it.
const MAX_CONNECTIONS: usize = 16;

/// The most values of [`SHORT_VALUE`] bytes or more that are percent-decoded: the chunks of a session and its
/// connections. A cookie that this crate writes has no percent sign in it, and decoding is the only step of
/// the scan that copies.
const MAX_DECODED: usize = MAX_CHUNKS + MAX_CONNECTIONS;

/// The most values below [`SHORT_VALUE`] bytes that are percent-decoded. A session has at most one, its last chunk, and
/// for a short value the copy costs more than the rest of the scan.
const MAX_DECODED_SHORT: usize = 4;

/// The length in bytes from which a value counts as long.
const SHORT_VALUE: usize = 128;

#[cfg(test)]
mod tests {
    use super::super::pairs::MAX_ENCODED_CHARS;
    use super::*;

    fn session_of(header: &str) -> Option<String> {
        let name = CookieName::default();
        let cookies = RequestCookies::scan([header.as_bytes()], &name);
        cookies.session.joined().map(|value| String::from_utf8(value.into_owned()).unwrap())
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
    fn dos_07_only_the_first_connections_are_looked_at() {
        let pairs: Vec<_> = (0..MAX_CONNECTIONS).map(|_| "__FC_0=a".to_owned()).collect();
        let header = format!("{}; __FC_0=b; __FC_1=c", pairs.join("; "));
        let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
        let found: Vec<_> = cookies.connections.iter().map(|c| (&*c.name, &*c.value)).collect();
        assert_eq!(found, [("__FC_0", b"a".as_slice())]);
    }

    #[test]
    fn dos_07_only_so_many_values_are_percent_decoded() {
        let name = CookieName::default();
        let scan = |header: &str| {
            let mut scan = CookieScan::default();
            for pair in raw_pairs(header.as_bytes()) {
                scan.sort(pair, name.as_str().as_bytes());
            }
            (scan.decoded, scan.decoded_short)
        };
        let long = "%41".repeat(SHORT_VALUE / 3 + 1);
        for before in ["__session=", "__session__0=", "appSession=", "appSession.1="] {
            for value in ["%41", "%4", &long] {
                let pair = format!("{before}{value}");
                let times = |count: usize| scan(&vec![pair.as_str(); count].join("; "));
                let (all, three) = if value.len() >= SHORT_VALUE {
                    ((MAX_OF_A_KIND.min(MAX_DECODED), 0), (3, 0))
                } else {
                    ((0, MAX_DECODED_SHORT), (0, 3))
                };
                assert_eq!(times(10_000), all, "{pair}");
                assert_eq!(times(3), three, "{pair}");
            }
        }
        assert_eq!(scan(&vec![format!("__FC_0={long}"); 10_000].join("; ")), (MAX_CONNECTIONS, 0));
        let kinds =
            ["__session__0=", "appSession.0="].map(|before| vec![format!("{before}{long}"); 40].join("; "));
        assert_eq!(scan(&kinds.join("; ")), (MAX_DECODED, 0));
        assert_eq!(scan(&["theme=%41"; 100].join("; ")), (0, 0));
        // Every chunk of a whole session may be encoded.
        let chunks: Vec<_> = (0..MAX_CHUNKS).map(|index| format!("__session__{index}={long}")).collect();
        let all = "A".repeat(MAX_CHUNKS * long.len() / 3);
        assert_eq!(session_of(&chunks.join("; ")), Some(all));
    }

    #[test]
    fn dos_07_only_so_many_cookies_of_one_kind_are_looked_at_and_the_others_are_still_found() {
        for (junk, count) in [("__session__", 10_000), ("appSession.", 10_000), ("__FC_", 10_000), ("c", 400)]
        {
            let pairs: Vec<_> = (0..count).map(|index| format!("{junk}{}=x", index + 40)).collect();
            let header = format!("{}; __session=a; appSession=b; __FC_0=c", pairs.join("; "));
            let cookies = RequestCookies::scan([header.as_bytes()], &CookieName::default());
            assert_eq!(cookies.session.whole.is_some(), junk != "__session__", "{junk}");
            assert_eq!(cookies.legacy.whole.is_some(), junk != "appSession.", "{junk}");
            let is_there = cookies.connections.iter().any(|cookie| cookie.name == "__FC_0");
            assert_eq!(is_there, junk != "__FC_", "{junk}");
        }
        let others = |count: usize| {
            let header = format!("{}; __session=a", vec!["other=1"; count].join("; "));
            session_of(&header).is_some()
        };
        assert!(others(MAX_OTHERS - 1));
        assert!(!others(MAX_OTHERS));
    }

    #[test]
    fn dos_07_a_value_that_is_too_long_is_not_decoded() {
        let encoded = |count: usize| format!("__session={}", "%41".repeat(count));
        let name = CookieName::default();
        let is_copied = |header: &str| {
            let cookies = RequestCookies::scan([header.as_bytes()], &name);
            matches!(cookies.session.whole, Some(Cow::Owned(_)))
        };
        assert!(is_copied(&encoded(MAX_ENCODED_CHARS / 3)));
        assert!(!is_copied(&encoded(MAX_ENCODED_CHARS / 3 + 1)));
    }

    #[test]
    fn several_headers_are_one() {
        let name = CookieName::default();
        let cookies = RequestCookies::scan([b"__session__0=A".as_slice(), b"__session__1=B"], &name);
        assert_eq!(cookies.session.joined().as_deref(), Some(b"AB".as_slice()));
    }
}
