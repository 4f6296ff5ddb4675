//! The protected header of a container, read before anything is authentic (RFC 7516 §4).

use std::borrow::Cow;

use super::jwe::{OpenError, decode_exact, decoded_bytes};
use crate::json::{self, Refused, Scan};

/// The times in the protected header of a container. nextjs-auth0 v3 wrote them there; a v4 header has none of them.
///
/// ```
/// use auth_runtime::codec::ProtectedHeader;
///
/// let mut header = ProtectedHeader::default();
/// assert!(!header.is_legacy());
/// header.iat = Some(1_790_000_000.0);
/// assert!(header.is_legacy());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ProtectedHeader {
    /// The time at which the session was created, in seconds. A value other than 0 marks a v3 cookie.
    pub iat: Option<f64>,
    /// The time at which the session was last used, in seconds.
    pub uat: Option<f64>,
    /// The time at which the session ends, in seconds.
    pub exp: Option<f64>,
}

impl ProtectedHeader {
    /// Returns whether this is the header of a v3 cookie.
    pub fn is_legacy(&self) -> bool {
        self.iat.is_some_and(|iat| iat != 0.0)
    }
}

/// Reads a header that is not authentic yet, so the cost is bounded: by the header's length, and by its [`marks`].
pub(super) fn parse_header(encoded: &[u8]) -> Result<ProtectedHeader, OpenError> {
    // Every cookie of v4 has this header.
    if encoded == HEADER.as_bytes() {
        return Ok(ProtectedHeader::default());
    }
    let mut buffer = [0; MAX_HEADER_BYTES];
    let bytes = buffer.get_mut(..decoded_bytes(encoded)).ok_or(OpenError::Malformed)?;
    decode_exact(encoded, bytes).ok_or(OpenError::Malformed)?;
    let has_escape = memchr::memchr(b'\\', bytes).is_some();
    if marks(bytes) > MAX_MARKS {
        return Err(OpenError::Malformed);
    }
    // The JSON parser does not check a skipped member for UTF-8, but the whole header must be UTF-8 (RFC 7516 §5.2).
    let text = std::str::from_utf8(bytes).map_err(|_| OpenError::Malformed)?;
    let header = StrictHeader::parse(text, has_escape).ok_or(OpenError::Malformed)?;
    if !(header.is_direct && header.is_a256gcm) || header.changes_processing {
        return Err(OpenError::UnsupportedHeader);
    }
    Ok(header.times)
}

/// Returns the number of bytes of a header that are work for a parser. The loop has no branches, so that many bytes are
/// compared at once.
fn marks(header: &[u8]) -> usize {
    let is_mark = |byte: u8| matches!(byte, b'{' | b'[' | b',' | b'\\' | 0x80..);
    // A part is so short that its count fits into a byte.
    header.chunks(usize::from(u8::MAX)).fold(0, |marks, part| {
        let found = part.iter().fold(0_u8, |found, byte| found.wrapping_add(is_mark(*byte).into()));
        marks.saturating_add(found.into())
    })
}

/// A header without two members of one name (RFC 7516 §4).
#[derive(Default)]
struct StrictHeader<'a> {
    /// The members' names so far; the other places are empty. A header with at most [`MAX_MARKS`] marks
    /// has no more members.
    names: [Option<Cow<'a, [u8]>>; MAX_MARKS],
    /// True if `alg` is `dir`.
    is_direct: bool,
    /// True if `enc` is `A256GCM`.
    is_a256gcm: bool,
    /// True if `crit`, `zip` or `b64` is there: extensions that this reader does not have, and so must refuse
    /// (RFC 7516 §4.1.13, RFC 7797).
    changes_processing: bool,
    times: ProtectedHeader,
}

impl<'a> StrictHeader<'a> {
    /// Reads all members. The quick walk reads a header without escapes, the JSON parser any other.
    fn parse(text: &'a str, has_escape: bool) -> Option<Self> {
        let mut header = Self::default();
        if has_escape {
            json::for_each_member(text, |key, value| {
                let name = match key.decoded() {
                    Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
                    Cow::Owned(name) => Cow::Owned(name.into_bytes()),
                };
                header.take(name, value.get()).ok_or(Refused("no member of a JOSE header"))
            })
            .ok()?;
        } else {
            Scan::whole(text, |scan, name| {
                let value = scan.raw(Scan::value)?;
                header.take(Cow::Borrowed(name), value)
            })?;
        }
        Some(header)
    }

    /// Takes a member. `None` for a name that occurs twice, and for a time longer than [`MAX_TIME_CHARS`].
    fn take(&mut self, name: Cow<'a, [u8]>, value: &str) -> Option<()> {
        match &*name {
            b"alg" => self.is_direct = is_text(value, "dir"),
            b"enc" => self.is_a256gcm = is_text(value, "A256GCM"),
            b"iat" | b"uat" | b"exp" if value.len() > MAX_TIME_CHARS => return None,
            b"iat" => self.times.iat = json::number(value),
            b"uat" => self.times.uat = json::number(value),
            b"exp" => self.times.exp = json::number(value),
            b"b64" | b"crit" | b"zip" => self.changes_processing = true,
            _ => {}
        }
        for place in &mut self.names {
            match place {
                Some(known) if *known == name => return None,
                Some(_) => {}
                None => {
                    *place = Some(name);
                    return Some(());
                }
            }
        }
        None
    }
}

/// Returns whether the JSON value is this text. A value longer than the text with every character escaped is not
/// decoded.
fn is_text(raw: &str, text: &str) -> bool {
    raw.len() <= text.len().saturating_mul(ESCAPE_CHARS).saturating_add(2)
        && json::string(raw).is_some_and(|decoded| decoded == text)
}

/// The header of every cookie that is written: base64url of `{"enc":"A256GCM","alg":"dir"}`.
pub(super) const HEADER: &str = "eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0";

/// The longest header that is read, in bytes. It is read before anything is authentic. A v4 header has 29 bytes, a v3
/// header about 90; the members that other writers add (`typ`, `kid`, `cty`) leave it far below the limit.
const MAX_HEADER_BYTES: usize = 1_024;

/// The most opening braces and brackets, commas, backslashes and bytes beyond ASCII in a header: each is far more work
/// than a plain character. A v3 header has 5 of them, and two more members (`typ`, `kid`) fit.
const MAX_MARKS: usize = 7;

/// The longest time in a header, in characters. Seconds since 1970 have 10 digits, and a fraction not many more.
const MAX_TIME_CHARS: usize = 32;

/// The length of a character that is written as `\uXXXX`.
const ESCAPE_CHARS: usize = 6;

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::super::jwe::BASE64URL;
    use super::*;

    #[test]
    fn hdr_13_and_s_8725_4_a_header_that_is_not_utf_8_is_malformed() {
        let header = BASE64URL.encode(b"{\"enc\":\"A256GCM\",\"alg\":\"dir\",\"x\":\"\xff\"}");
        assert_eq!(parse_header(header.as_bytes()), Err(OpenError::Malformed));
    }

    #[test]
    fn dos_07_a_header_is_parsed_only_if_it_is_short() {
        let padded = |bytes: usize| {
            let header = format!(r#"{{"enc":"A256GCM","alg":"dir","kid":"{}"}}"#, "k".repeat(bytes - 38));
            assert_eq!(header.len(), bytes);
            parse_header(BASE64URL.encode(header).as_bytes())
        };
        assert_eq!(padded(MAX_HEADER_BYTES), Ok(ProtectedHeader::default()));
        for bytes in [MAX_HEADER_BYTES + 1, MAX_HEADER_BYTES + 2, 79_000] {
            assert_eq!(padded(bytes), Err(OpenError::Malformed), "{bytes}");
        }
        // Nothing of it is decoded: it would be no base64url.
        assert_eq!(parse_header(&vec![b'*'; 100_000]), Err(OpenError::Malformed));
    }

    #[test]
    fn dos_07_a_short_header_cannot_hold_many_members_or_values() {
        let parse = |more: &str| {
            let header = format!(r#"{{"enc":"A256GCM","alg":"dir",{more}}}"#);
            parse_header(BASE64URL.encode(header).as_bytes())
        };
        let good = Ok(ProtectedHeader::default());
        let members = |count| (0..count).map(|n| format!("\"{n}\":1")).collect::<Vec<_>>().join(",");
        // An opening brace, and two commas before the first of them.
        assert_eq!(parse(&members(MAX_MARKS - 2)), good);
        assert_eq!(parse(&members(MAX_MARKS - 1)), Err(OpenError::Malformed));
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| format!("\"x\":{}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(parse(&nested(MAX_MARKS - 3)), good);
            assert_eq!(parse(&nested(MAX_MARKS - 2)), Err(OpenError::Malformed));
        }
        let text = |part: &str, count| parse(&format!(r#""x":"{}""#, part.repeat(count)));
        assert_eq!(text(r"\n", MAX_MARKS - 3), good);
        assert_eq!(text(r"\n", MAX_MARKS - 2), Err(OpenError::Malformed));
        assert_eq!(text("é", 2), good);
        assert_eq!(text("é", 200), Err(OpenError::Malformed));
        assert_eq!(parse(&format!(r#""iat":{}"#, "1".repeat(33))), Err(OpenError::Malformed));
        assert_eq!(parse(r#""iat":1790000000.25"#).unwrap().iat, Some(1_790_000_000.25));
    }
}
