//! JSON strings as JavaScript has them: one may hold half of a surrogate pair, which no Rust string can.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

/// The text of a JSON string. A lone surrogate becomes U+FFFD, as `TextEncoder` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(without_surrogates(bytes)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
        }

        // Asked for bytes, serde_json hands lone surrogates over in three bytes each, as UTF-8 would have them.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

fn without_surrogates(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return text;
            }
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                text.push_str(&String::from_utf8_lossy(valid));
                text.push(char::REPLACEMENT_CHARACTER);
                // All three bytes of a surrogate become one replacement character.
                let skipped = if matches!(after, [0xED, 0xA0..=0xBF, ..]) { 3 } else { 1 };
                rest = after.get(skipped..).unwrap_or_default();
            }
        }
    }
}

/// Returns the text that a raw JSON string stands for.
pub(crate) fn decoded(raw: &str) -> Cow<'_, str> {
    match serde_json::from_str::<Text>(raw) {
        Ok(Text(text)) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(raw),
    }
}

/// Makes an attacker's text fit for a terminal: nothing in it moves the cursor, and a long text is cut.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(MAX_SHOWN_CHARS) {
        if character == '"' || character == '\'' {
            shown.push(character);
        } else {
            shown.extend(character.escape_debug());
        }
    }
    if text.chars().nth(MAX_SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// Returns raw JSON on one line. Outside of strings a line break is only white space, and inside of strings none can
/// stand.
pub(crate) fn on_one_line(raw: &str) -> String {
    raw.replace(['\n', '\r'], " ")
}

/// Characters of a name or value that are shown; longer ones are cut.
const MAX_SHOWN_CHARS: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_surrogate_is_one_replacement_character() {
        for (raw, text) in [
            (r#""a\ud83eb""#, "a\u{fffd}b"),
            (r#""\ud83e\ud83e\udd80""#, "\u{fffd}🦀"),
            (r#""\u0000é""#, "\0é"),
        ] {
            assert_eq!(serde_json::from_str::<Text>(raw).unwrap().0, text, "{raw}");
        }
        assert!(serde_json::from_str::<Text>("[1]").is_err());
    }

    #[test]
    fn nothing_shown_moves_the_cursor() {
        assert_eq!(printable("a\u{1b}[2J\r\n\u{202e}"), "a\\u{1b}[2J\\r\\n\\u{202e}");
        assert_eq!(printable(&"x".repeat(500)).chars().count(), 121);
    }
}
