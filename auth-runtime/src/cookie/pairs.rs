//! The pairs of name and value in a `Cookie` header, split before any name is compared.

use std::borrow::Cow;

use super::chunks::{CHUNK_CHARS, MAX_CHUNKS};

/// Returns the names and the still encoded values of a `Cookie` header.
pub(super) fn pairs(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    raw_pairs(header).map(|pair| {
        let split = memchr::memchr(b'=', pair).and_then(|equals| pair.split_at_checked(equals));
        match split {
            Some((name, [_, value @ ..])) => (name, value),
            // A pair without `=` has the value `true`, as in the Next.js front end.
            _ => (pair, b"true".as_slice()),
        }
    })
}

/// Returns the texts between the semicolons of a `Cookie` header. Empty texts between two pairs are passed over.
pub(super) fn raw_pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some((pair, [_, after @ ..])) = end_of_pair(text).and_then(|end| text.split_at_checked(end))
        else {
            // No semicolon follows, so this is the last pair.
            rest = None;
            return Some(text);
        };
        rest = Some(trim_to_next_pair(after));
        Some(pair)
    })
}

/// Returns the place of the first semicolon. A search takes a while to set up, so the first bytes are
/// compared in words.
#[inline]
fn end_of_pair(text: &[u8]) -> Option<usize> {
    let (words, _) = text.as_chunks::<WORD>();
    let mut at = 0_usize;
    for word in words.iter().take(SHORT) {
        if let Some(place) = first_in_word(*word, b';') {
            return Some(at.saturating_add(place));
        }
        at = at.saturating_add(WORD);
    }
    let rest = text.get(at..)?;
    let end = if rest.len() < WORD {
        rest.iter().position(|byte| *byte == b';')
    } else {
        memchr::memchr(b';', rest)
    };
    end.map(|end| at.saturating_add(end))
}

/// Returns the place of the first `byte` among eight bytes.
fn first_in_word(word: [u8; WORD], byte: u8) -> Option<usize> {
    let differing = u64::from_le_bytes(word) ^ eight_times(byte);
    // Subtracting 1 from a byte that is 0 sets its highest bit. A borrow may set that of a later byte too, never that
    // of an earlier one.
    let found = differing.wrapping_sub(eight_times(1)) & !differing & eight_times(0x80);
    (found != 0).then(|| found.trailing_zeros() as usize / WORD)
}

const fn eight_times(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

/// Passes over the spaces before a pair, and over pairs with nothing in them.
#[inline]
fn trim_to_next_pair(text: &[u8]) -> &[u8] {
    // Mostly there is one space.
    let text = text.strip_prefix(b" ").unwrap_or(text);
    if !matches!(text, [b' ' | b';', ..]) {
        return text;
    }
    let blank = text.iter().take_while(|byte| matches!(byte, b' ' | b';')).count();
    text.get(blank..).unwrap_or_default()
}

/// Returns the place of the first percent sign. In a short value a loop ends before a search is set up.
#[inline]
pub(super) fn first_percent(value: &[u8]) -> Option<usize> {
    if value.len() < WORD { value.iter().position(|byte| *byte == b'%') } else { memchr::memchr(b'%', value) }
}

/// Returns the value percent-decoded, or `None` when its encoding is broken or the decoded value is not UTF-8.
pub(super) fn decoded(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match first_percent(value) {
        Some(first) => decoded_from(value, first),
        None => Some(Cow::Borrowed(value)),
    }
}

/// Like [`decoded`], for a value whose first percent sign stands at `first`. A value that is too long for a session
/// even when it is decoded stays as it is: a later check of its length refuses it.
pub(super) fn decoded_from(value: &[u8], first: usize) -> Option<Cow<'_, [u8]>> {
    if value.len() > MAX_ENCODED_CHARS {
        return Some(Cow::Borrowed(value));
    }
    let (plain, rest) = value.split_at_checked(first)?;
    let mut bytes = Vec::with_capacity(value.len());
    bytes.extend_from_slice(plain);
    // Byte by byte, so that the cost does not depend on how far apart the percent signs stand.
    let mut rest = rest.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hexadecimal(*rest.next()?)? << 4 | hexadecimal(*rest.next()?)?,
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok().map(|text| Cow::Owned(text.into_bytes()))
}

/// Returns the value of a hexadecimal digit.
fn hexadecimal(digit: u8) -> Option<u8> {
    HEXADECIMAL.get(usize::from(digit)).copied().filter(|value| *value < 16)
}

/// The value of each byte as a hexadecimal digit; 16 for other bytes. A table, because a value may be
/// all percent signs.
#[expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "computed by the compiler, which would report a mistake"
)]
const HEXADECIMAL: [u8; 256] = {
    let mut table = [16; 256];
    let mut value = 0;
    while value < 16 {
        let digits = b"0123456789abcdef";
        table[digits[value] as usize] = value as u8;
        table[digits[value].to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    table
};

/// The longest value that is percent-decoded: a whole session, each character written as three.
pub(super) const MAX_ENCODED_CHARS: usize = 3 * MAX_CHUNKS * CHUNK_CHARS;

/// Number of bytes that are compared together.
const WORD: usize = 8;

/// Number of words that are compared before a search is worth its set-up.
const SHORT: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

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
    fn pairs_of_any_length_end_at_their_semicolon() {
        for length in 0..40 {
            for byte in [b'a', b':', b'<', 0xbb, b';' - 1, b';' ^ 0x80] {
                let pair = vec![byte; length];
                for after in [b"".as_slice(), b"z", b"zzzzzzzzzzzz"] {
                    let header = [&pair, b"; ".as_slice(), after].concat();
                    let expected: Vec<&[u8]> =
                        if after.is_empty() { vec![&pair, b""] } else { vec![&pair, after] };
                    assert_eq!(raw_pairs(&header).collect::<Vec<_>>(), expected, "{length} {byte}");
                }
            }
        }
        assert_eq!(raw_pairs(b";; ;a;; ; b;").collect::<Vec<_>>(), [b"".as_slice(), b"a", b"b", b""]);
    }
}
