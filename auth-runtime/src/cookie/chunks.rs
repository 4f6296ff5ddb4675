//! Values too long for one cookie, in numbered slices.

use std::borrow::Cow;
use std::fmt;

use super::seen::SeenChunks;

/// The chunks of one value that a request carried, by their number.
#[derive(Default)]
pub struct ChunkSet<'h> {
    /// Chunks that can be part of a value, in the header's order.
    within: Vec<(u8, Cow<'h, [u8]>)>,
    /// Where in it a chunk stands, counted from 1.
    places: [u8; MAX_CHUNKS],
    /// Numbers that no value of ours has, one as often as it came. They are kept as text: one may have 400 digits.
    beyond: Vec<&'h [u8]>,
}

impl<'h> ChunkSet<'h> {
    /// Puts a chunk under its number and says whether it replaced a different one.
    #[inline]
    pub(super) fn put(&mut self, index: u8, value: Cow<'h, [u8]>) -> bool {
        let Some(place) = self.places.get_mut(usize::from(index)) else { return false };
        let earlier = usize::from(*place).checked_sub(1).and_then(|place| self.within.get_mut(place));
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

    /// Notes a number that no value of ours has. The numbers are compared with each other when they are asked for: a refusal
    /// needs none of them.
    #[inline]
    pub(super) fn note(&mut self, index: &'h [u8]) {
        if self.beyond.len() < MAX_REMEMBERED {
            make_room(&mut self.beyond, MAX_REMEMBERED);
            self.beyond.push(index);
        }
    }

    /// The chunks in order, if there are any and none is missing.
    pub fn joined(&self) -> Option<Cow<'_, [u8]>> {
        if self.within.is_empty() || !self.is_complete() {
            return None;
        }
        let mut joined = Vec::with_capacity(self.within.iter().map(|(_, value)| value.len()).sum());
        // None is missing, so these are the places of 0, 1, 2 and so on.
        for place in self.places.iter().take(self.within.len()) {
            let (_, value) = self.within.get(usize::from(*place).checked_sub(1)?)?;
            joined.extend_from_slice(value);
        }
        Some(Cow::Owned(joined))
    }

    /// Returns whether there is no gap. A set with none at all is complete.
    pub fn is_complete(&self) -> bool {
        let highest = self.within.iter().map(|(index, _)| usize::from(*index).saturating_add(1)).max();
        self.beyond.is_empty() && highest.unwrap_or(0) == self.within.len()
    }

    /// Returns whether there are more chunks than a value may have, with no gap among those that it may.
    pub fn is_too_many(&self) -> bool {
        !self.beyond.is_empty() && self.within.len() == MAX_CHUNKS
    }

    /// Returns whether there is no chunk.
    pub fn is_empty(&self) -> bool {
        self.within.is_empty() && self.beyond.is_empty()
    }

    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.within.len().saturating_add(self.numbers_beyond().count())
    }

    /// The numbers, as written.
    pub fn indexes(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let within = self.within.iter().map(|(index, _)| Cow::Owned(index.to_string()));
        within.chain(self.numbers_beyond().map(Cow::Borrowed))
    }

    /// The numbers that no value of ours has, each one once.
    fn numbers_beyond(&self) -> impl Iterator<Item = &'h str> {
        let is_first =
            |at: usize| !self.beyond.iter().take(at).any(|earlier| self.beyond.get(at) == Some(earlier));
        let first = self.beyond.iter().enumerate().filter(move |(at, _)| is_first(*at));
        // They are digits, so they are text.
        first.filter_map(|(_, index)| std::str::from_utf8(index).ok())
    }

    /// The numbers, without the chunks.
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

/// Makes room for `most` elements in a list that begins to grow: growing by and by costs more than small cookies do.
pub(super) fn make_room<T>(list: &mut Vec<T>, most: usize) {
    if list.is_empty() {
        list.reserve_exact(most);
    }
}

/// The number of a chunk that a value of ours may have.
#[inline]
pub(super) fn within(index: &[u8]) -> Option<u8> {
    small_number(index).filter(|index| usize::from(*index) < MAX_CHUNKS)
}

/// The number that one or two digits are.
fn small_number(digits: &[u8]) -> Option<u8> {
    let digit = |digit: u8| digit.checked_sub(b'0').filter(|digit| *digit < 10);
    match digits {
        [ones] => digit(*ones),
        [tens, ones] => Some(digit(*tens)?.saturating_mul(10).saturating_add(digit(*ones)?)),
        _ => None,
    }
}

/// The name of chunk number `index`.
pub(crate) fn chunk_name(name: &str, index: usize) -> String {
    format!("{name}__{index}")
}

/// How many chunks a session may have, read or written.
pub const MAX_CHUNKS: usize = 32;

/// The length of a chunk: with name and attributes it stays below the 4,096 bytes that browsers keep
/// (RFC 6265 §6.1).
pub(crate) const CHUNK_CHARS: usize = 3_500;

/// How many impossible chunk names are remembered for removal.
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
