//! A quick walk through an object as JavaScript writes it.
//!
//! Sessions are read in every request, and most of their JSON is long text without a single escape. This walk passes
//! over such text at the speed of a search. On anything unusual it gives up and returns `None`, which says nothing
//! about the text: the parser decides then. A text that the walk takes the parser takes too, with the same members.
//!
//! The walk pays for its code. If `serde_json` alone walks through objects, a whole request that reads the user takes
//! 1.31 times as many instructions (`request[aes-gcm,user]` of `cargo xtask bench instructions`: 58,500 instead of
//! 44,516), and reading a session of 1 kB takes 1.44 times as many. The refusal of a header of many members then
//! costs 3.4 times its lower bound, where 3 is the limit. The fuzz target `session_json` compares the walk with the
//! parser.

/// A position in a text, from which the walk goes on.
pub(crate) struct Scan<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    /// Walks through a text that is one object. `each` gets every name, without its quotes, and has to walk through the
    /// member's value. `None` if the walk gave up.
    pub(crate) fn whole(text: &'a str, each: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        let mut scan = Self { text, rest: text.as_bytes() };
        scan.space();
        scan.object(each)?;
        scan.space();
        scan.rest.is_empty().then_some(())
    }

    /// Walks through the object that stands here, as [`whole`](Self::whole) does.
    pub(crate) fn object(&mut self, mut each: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.eat(b'{')?;
        self.space();
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let name = self.name()?;
            each(self, name)?;
            self.space();
            match self.next()? {
                b',' => self.space(),
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Returns the raw text that `walk` passes over.
    pub(crate) fn raw(&mut self, walk: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a str> {
        let start = self.offset()?;
        walk(self)?;
        self.text.get(start..self.offset()?)
    }

    fn offset(&self) -> Option<usize> {
        self.text.len().checked_sub(self.rest.len())
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Reads a name, its colon, and the spaces around.
    fn name(&mut self) -> Option<&'a [u8]> {
        let name = self.string()?;
        self.space();
        self.eat(b':')?;
        self.space();
        Some(name)
    }

    /// Reads a string without escapes, and returns the text between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let end = plain_length(self.rest)?;
        let (string, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        self.eat(b'"')?;
        Some(string)
    }

    /// Walks through a number in the grammar of RFC 8259 §6.
    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if self.eat(b'e').or_else(|| self.eat(b'E')).is_some() {
            let _ = self.eat(b'+').or_else(|| self.eat(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.rest = self.rest.get(count..)?;
        (count > 0).then_some(())
    }

    /// Walks through one value with everything in it, without recursion.
    pub(crate) fn value(&mut self) -> Option<()> {
        let mut open = Brackets::default();
        loop {
            match *self.rest.first()? {
                b'"' => drop(self.string()?),
                b'{' => {
                    self.next();
                    self.space();
                    if self.eat(b'}').is_none() {
                        open.push(Bracket::Brace)?;
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.next();
                    self.space();
                    if self.eat(b']').is_none() {
                        open.push(Bracket::Square)?;
                        continue;
                    }
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            // After a value brackets may close, until a comma announces another value.
            loop {
                let Some(innermost) = open.innermost() else { return Some(()) };
                self.space();
                match (innermost, self.next()?) {
                    (Bracket::Brace, b'}') | (Bracket::Square, b']') => open.pop(),
                    (Bracket::Square, b',') => {
                        self.space();
                        break;
                    }
                    (Bracket::Brace, b',') => {
                        self.space();
                        self.name()?;
                        break;
                    }
                    _ => return None,
                }
            }
        }
    }
}

/// Returns the length of the text before the quote that ends it. `None` if an escape comes before the quote, or a
/// control character, which JSON has in no string (RFC 8259 §7).
fn plain_length(text: &[u8]) -> Option<usize> {
    let (words, _) = text.as_chunks::<WORD>();
    let mut at = 0_usize;
    // Most strings are short, and setting up a search would take longer than these comparisons.
    for word in words.iter().take(SHORT) {
        let first = first_special(u64::from_le_bytes(*word));
        at = at.saturating_add(first);
        if first < WORD {
            return (text.get(at) == Some(&b'"')).then_some(at);
        }
    }
    let rest = text.get(at..)?;
    let end = memchr::memchr2(b'"', b'\\', rest)?;
    let has_control = rest.get(..end)?.iter().fold(0, |found, byte| found | u8::from(*byte < b' ')) > 0;
    (!has_control && rest.get(end) == Some(&b'"')).then(|| at.saturating_add(end))
}

/// Returns the place of the first quote, backslash or control character among eight bytes; 8 if there is none.
///
/// Subtracting 1 from a byte that is 0 sets its highest bit. Subtracting 32 sets the highest bit of a byte below 32. A
/// bit that was set before does not count. A borrow may set the bit of a later byte too, never that of an earlier one.
fn first_special(word: u64) -> usize {
    let is_zero = |word: u64| word.wrapping_sub(eight_times(1)) & !word;
    let is_control = word.wrapping_sub(eight_times(b' ')) & !word;
    let special = is_zero(word ^ eight_times(b'"')) | is_zero(word ^ eight_times(b'\\')) | is_control;
    (special & eight_times(0x80)).trailing_zeros() as usize / WORD
}

const fn eight_times(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

const WORD: usize = 8;
/// Number of words that are compared before a search is worth its set-up.
const SHORT: usize = 4;

#[derive(Clone, Copy)]
enum Bracket {
    Brace,
    Square,
}

/// The brackets that are open: at most 64, more than real sessions nest.
#[derive(Default)]
struct Brackets {
    depth: u32,
    /// A bit for each open bracket, the innermost last: 1 for a brace.
    braces: u64,
}

impl Brackets {
    fn push(&mut self, bracket: Bracket) -> Option<()> {
        if self.depth >= u64::BITS {
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        self.braces = self.braces << 1 | u64::from(matches!(bracket, Bracket::Brace));
        Some(())
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.braces >>= 1;
    }

    fn innermost(&self) -> Option<Bracket> {
        let is_brace = self.braces & 1 == 1;
        (self.depth > 0).then_some(if is_brace { Bracket::Brace } else { Bracket::Square })
    }
}

#[cfg(test)]
mod tests {
    use super::super::for_each_member;
    use super::*;

    type Member<'a> = (&'a [u8], &'a str);

    fn scanned(text: &str) -> Option<Vec<Member<'_>>> {
        let mut members = Vec::new();
        Scan::whole(text, |scan, name| {
            members.push((name, scan.raw(Scan::value)?));
            Some(())
        })?;
        Some(members)
    }

    fn parsed(text: &str) -> Option<Vec<Member<'_>>> {
        let mut members = Vec::new();
        for_each_member(text, |key, value| {
            members.push((key.raw().trim_matches('"').as_bytes(), value.get()));
            Ok(())
        })
        .ok()?;
        Some(members)
    }

    /// The parser takes all that the scan takes, and sees the same.
    fn agrees(text: &str) {
        if let Some(members) = scanned(text) {
            assert_eq!(parsed(text), Some(members), "{text:?}");
        }
    }

    const USUAL: [&str; 4] = [
        r#"{"user":{"sub":"auth0|ada","email_verified":true,"n":[1,-2.50e+3,{}]},"tokenSet":{},"exp":1790000000}"#,
        " {\n\t\"a\" : [ ] , \"ü🦀 a longer name than thirty-two bytes of words\" : { \"x\" : [ [ null , false ] , \"y\" ] } }\r\n",
        r#"{"a":0,"b":-0,"c":0.5,"d":1E9,"e":1e-7,"f":"a string that is longer than thirty-two bytes, with } and ] in it"}"#,
        "{}",
    ];

    #[test]
    fn what_is_usual_is_taken() {
        for text in USUAL {
            assert!(scanned(text).is_some(), "{text}");
            agrees(text);
        }
    }

    #[test]
    fn whatever_one_byte_becomes_the_parser_agrees() {
        for text in USUAL {
            for at in 0..text.len() {
                for byte in 0..0x80 {
                    let mut bytes = text.as_bytes().to_vec();
                    for changed in [
                        {
                            bytes[at] = byte;
                            bytes.clone()
                        },
                        {
                            bytes.insert(at, text.as_bytes()[at]);
                            bytes.clone()
                        },
                        {
                            bytes.drain(at..(at + 2).min(bytes.len()));
                            bytes.clone()
                        },
                    ] {
                        if let Ok(changed) = std::str::from_utf8(&changed) {
                            agrees(changed);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_parser_agrees_on_every_short_text_of_json_s_own_characters() {
        let alphabet = br#"{}[]",:01-.e ta"#;
        let mut texts = vec![Vec::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text: &Vec<u8>| {
                alphabet.iter().map(move |byte| [text.as_slice(), &[*byte]].concat())
            });
            texts = longer.collect();
            for text in &texts {
                let value = std::str::from_utf8(text).unwrap();
                agrees(value);
                agrees(&format!("{{\"a\":{value}}}"));
            }
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_the_parser() {
        let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(scanned(&deep(65)).is_some() && scanned(&deep(66)).is_none());
        for text in [
            r#"{"\u0061":1}"#,
            r#"{"a":"\n"}"#,
            r#"{"a":"a text that is longer than the thirty-two bytes of words \" with an escape"}"#,
        ] {
            assert!(scanned(text).is_none() && parsed(text).is_some(), "{text}");
        }
        for text in [
            "{\"a\":\"a text that is longer than the thirty-two bytes of words, and a \n\"}",
            "{\"a\":\"\n\"}",
            "{\"\t\":1}",
            "{\"a\":tru}",
            "{\"a\":01}",
        ] {
            assert!(scanned(text).is_none() && parsed(text).is_none(), "{text}");
        }
    }
}
