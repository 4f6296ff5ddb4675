//! Values that are too long for one cookie, in numbered chunks.

use std::borrow::Cow;
use std::fmt;

use super::seen::SeenChunks;

/// The chunks of one value that a request carried, by their number.
///
/// ```
/// use auth_runtime::codec::{CookieName, RequestCookies};
///
/// let cookies = RequestCookies::scan([b"__session__0=A; __session__2=C".as_slice()], &CookieName::default());
/// let chunks = &cookies.session.chunks;
/// assert_eq!((chunks.len(), chunks.is_complete()), (2, false));
/// assert_eq!(chunks.indexes().collect::<Vec<_>>(), ["0", "2"]);
/// assert!(chunks.joined().is_none());
/// ```
#[derive(Default)]
pub struct ChunkSet<'h> {
    /// The chunks with a number below [`MAX_CHUNKS`], in the header's order.
    within: Vec<(u8, Cow<'h, [u8]>)>,
    /// For each chunk number its place in `within`, counted from 1; 0 for a chunk that did not come.
    places: [u8; MAX_CHUNKS],
    /// Chunk numbers of [`MAX_CHUNKS`] and above, repeats included. Kept as text, because a number may have 400 digits.
    beyond: Vec<&'h [u8]>,
}

impl<'h> ChunkSet<'h> {
    /// Puts a chunk under its number. Returns whether it replaced a different chunk.
    #[inline]
    pub(super) fn put(&mut self, index: u8, value: Cow<'h, [u8]>) -> bool {
        let Some(place) = self.places.get_mut(usize::from(index)) else { return false };
        let earlier = usize::from(*place).checked_sub(1).and_then(|place| self.within.get_mut(place));
        // Of two chunks with one number the last one counts, as of two cookies with one name.
        if let Some((_, earlier)) = earlier {
            let differs = *earlier != value;
            *earlier = value;
            return differs;
        }
        make_room(&mut self.within, MAX_CHUNKS);
        self.within.push((index, value));
        *place = u8::try_from(self.within.len()).unwrap_or(0);
        false
    }

    /// Notes a chunk number of [`MAX_CHUNKS`] or above. Repeats are sorted out when the numbers are read, because a
    /// refusal reads none of them.
    #[inline]
    pub(super) fn note(&mut self, index: &'h [u8]) {
        if self.beyond.len() < MAX_REMEMBERED {
            make_room(&mut self.beyond, MAX_REMEMBERED);
            self.beyond.push(index);
        }
    }

    /// Returns the chunks joined in order, if there are any and none is missing.
    pub fn joined(&self) -> Option<Cow<'_, [u8]>> {
        if self.within.is_empty() || !self.is_complete() {
            return None;
        }
        let mut joined = Vec::with_capacity(self.within.iter().map(|(_, value)| value.len()).sum());
        // No chunk is missing, so these are the places of chunks 0, 1, 2 and so on.
        for place in self.places.iter().take(self.within.len()) {
            let (_, value) = self.within.get(usize::from(*place).checked_sub(1)?)?;
            joined.extend_from_slice(value);
        }
        Some(Cow::Owned(joined))
    }

    /// Returns whether the numbers have no gap and stay below [`MAX_CHUNKS`]. An empty set is complete.
    pub fn is_complete(&self) -> bool {
        let highest = self.within.iter().map(|(index, _)| usize::from(*index).saturating_add(1)).max();
        self.beyond.is_empty() && highest.unwrap_or(0) == self.within.len()
    }

    /// Returns whether all [`MAX_CHUNKS`] chunks of a value came, and more.
    pub fn is_too_many(&self) -> bool {
        !self.beyond.is_empty() && self.within.len() == MAX_CHUNKS
    }

    /// Returns whether no chunk came.
    pub fn is_empty(&self) -> bool {
        self.within.is_empty() && self.beyond.is_empty()
    }

    /// Returns the number of chunks. Cookies with the same chunk number count once.
    pub fn len(&self) -> usize {
        self.within.len().saturating_add(self.numbers_beyond().count())
    }

    /// Returns the chunk numbers, as written.
    pub fn indexes(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let within = self.within.iter().map(|(index, _)| Cow::Owned(index.to_string()));
        within.chain(self.numbers_beyond().map(Cow::Borrowed))
    }

    /// Returns the chunk numbers of [`MAX_CHUNKS`] and above, each once.
    fn numbers_beyond(&self) -> impl Iterator<Item = &'h str> {
        let is_first =
            |at: usize| !self.beyond.iter().take(at).any(|earlier| self.beyond.get(at) == Some(earlier));
        let first = self.beyond.iter().enumerate().filter(move |(at, _)| is_first(*at));
        // They are digits, so they are text.
        first.filter_map(|(_, index)| std::str::from_utf8(index).ok())
    }

    /// Returns the chunk numbers without the chunks.
    pub(super) fn seen(&self) -> SeenChunks {
        let within = self.within.iter().fold(0, |seen, (index, _)| seen | 1 << index);
        SeenChunks { within, beyond: self.numbers_beyond().map(str::to_owned).collect() }
    }
}

impl fmt::Debug for ChunkSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.within.iter().map(|(index, value)| (index, value.len()))).finish()
    }
}

/// Reserves room for `most` elements in an empty list: growing it step by step costs more than reading small cookies.
pub(super) fn make_room<T>(list: &mut Vec<T>, most: usize) {
    if list.is_empty() {
        list.reserve_exact(most);
    }
}

/// Returns the chunk number that the digits are, if it is below [`MAX_CHUNKS`].
#[inline]
pub(super) fn within(index: &[u8]) -> Option<u8> {
    small_number(index).filter(|index| usize::from(*index) < MAX_CHUNKS)
}

/// Returns the number that one or two digits are.
fn small_number(digits: &[u8]) -> Option<u8> {
    let digit = |digit: u8| digit.checked_sub(b'0').filter(|digit| *digit < 10);
    match digits {
        [ones] => digit(*ones),
        [tens, ones] => Some(digit(*tens)?.saturating_mul(10).saturating_add(digit(*ones)?)),
        _ => None,
    }
}

/// Returns the name of chunk number `index`.
pub(crate) fn chunk_name(name: &str, index: usize) -> String {
    format!("{name}__{index}")
}

/// The most chunks that a session may have, read or written.
pub const MAX_CHUNKS: usize = 32;

/// The length of a chunk, in characters. With its name and attributes a cookie stays below the 4,096 bytes that
/// browsers keep (RFC 6265 §6.1).
pub(crate) const CHUNK_CHARS: usize = 3_500;

/// The most chunk numbers of [`MAX_CHUNKS`] and above that are noted, so that a response can remove their cookies.
const MAX_REMEMBERED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn set(chunks: &[(&'static str, &'static str)]) -> ChunkSet<'static> {
        let mut set = ChunkSet::default();
        for (index, value) in chunks {
            match within(index.as_bytes()) {
                Some(index) => _ = set.put(index, Cow::Borrowed(value.as_bytes())),
                None => set.note(index.as_bytes()),
            }
        }
        set
    }

    #[test]
    fn chk_01_any_order_joins_to_the_same_value() {
        assert_eq!(set(&[("2", "c"), ("0", "a"), ("1", "b")]).joined().as_deref(), Some(b"abc".as_slice()));
    }

    #[test]
    fn chk_02_a_gap_is_no_value() {
        for present in [&[("1", "b"), ("2", "c")][..], &[("0", "a"), ("2", "c")]] {
            assert_eq!(set(present).joined(), None, "{present:?}");
        }
    }

    #[test]
    fn chk_05_and_chk_06_a_huge_number_costs_nothing() {
        let digits: &'static str = Box::leak("9".repeat(400).into_boxed_str());
        for index in ["999999999", "4294967296", "1000000000000000000000", "32", digits] {
            let set = set(&[("0", "a"), (index, "x")]);
            assert_eq!(set.joined(), None, "{index}");
            assert_eq!(set.indexes().count(), 2);
        }
    }

    #[test]
    fn an_empty_last_chunk_changes_nothing() {
        assert_eq!(set(&[("0", "a"), ("1", "")]).joined().as_deref(), Some(b"a".as_slice()));
    }
}
