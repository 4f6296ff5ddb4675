//! The `Cookie` header as it was sent, names and lengths of all its cookies, for display only.

use std::borrow::Cow;

/// A cookie as sent.
pub(crate) struct Pair<'h> {
    pub(crate) name: &'h [u8],
    pub(crate) value: &'h [u8],
}

impl<'h> Pair<'h> {
    pub(crate) fn name(&self) -> Cow<'h, str> {
        String::from_utf8_lossy(self.name)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.name.len().saturating_add(self.value.len()).saturating_add(1)
    }

    /// Returns whether this is chunk number `index` of some cookie.
    pub(crate) fn is_chunk(&self, index: &str) -> bool {
        let Some(base) = self.name.strip_suffix(index.as_bytes()) else { return false };
        base.ends_with(b"__") || base.ends_with(b".")
    }
}

/// Returns the header values in the pasted text: one per line, with or without `Cookie: ` before it.
pub(crate) fn headers(pasted: &[u8]) -> Vec<&[u8]> {
    let lines = pasted.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.map(without_field_name).filter(|line| !line.is_empty()).collect()
}

fn without_field_name(line: &[u8]) -> &[u8] {
    match line.split_at_checked(FIELD_NAME.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(FIELD_NAME) => rest.trim_ascii_start(),
        _ => line,
    }
}

/// Returns all cookies of the headers.
pub(crate) fn pairs<'h>(headers: &[&'h [u8]]) -> Vec<Pair<'h>> {
    let pieces = headers.iter().flat_map(|header| header.split(|byte| *byte == b';'));
    pieces.map(<[u8]>::trim_ascii_start).filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn pair(text: &[u8]) -> Pair<'_> {
    let mut parts = text.splitn(2, |byte| *byte == b'=');
    Pair { name: parts.next().unwrap_or_default(), value: parts.next().unwrap_or_default() }
}

/// Returns whether the value begins as sealed sessions begin: `{"enc":"A256GCM"` or `{"alg":"dir"` in base64url.
pub(crate) fn looks_sealed(pair: &Pair<'_>) -> bool {
    SEALED_BEGINNINGS.iter().any(|beginning| pair.value.starts_with(beginning))
}

const FIELD_NAME: &[u8] = b"cookie:";
const SEALED_BEGINNINGS: [&[u8]; 2] = [b"eyJlbmMiOiJBMjU2R0NN", b"eyJhbGciOiJkaXIi"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_name_and_line_ends_are_taken_off() {
        assert_eq!(headers(b"Cookie: a=b\r\n"), [b"a=b"]);
        assert_eq!(headers(b"cookie:a=b\nCOOKIE:  c=d"), [b"a=b", b"c=d"]);
        assert!(headers(b"\n").is_empty());
    }

    #[test]
    fn chunks_are_known_by_their_number() {
        let pairs = pairs(&[b"__session__1=a; __session__11=bb"]);
        let lengths: Vec<_> =
            pairs.iter().filter(|pair| pair.is_chunk("1")).map(|pair| pair.value.len()).collect();
        assert_eq!(lengths, [1]);
    }
}
