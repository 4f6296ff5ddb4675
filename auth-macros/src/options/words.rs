//! The rules for the strings in `scopes(..)`, `roles(..)` and so on.

/// The rule for one string of a list, and its name in messages.
pub(super) struct Word {
    /// Name of the string with its article, for messages.
    pub(super) noun: &'static str,
    pub(super) rule: Rule,
    /// True if the option demands one of its strings, and not all.
    pub(super) is_one_of: bool,
    /// An example of the whole option.
    pub(super) example: &'static str,
}

/// The strings that are allowed.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// A `scope-token` (RFC 6749 §3.3): one or more of `%x21 / %x23-5B / %x5D-7E`. `acr` and `amr` keep to it too,
    /// because `acr_values` is a list with spaces in between and stands between quotes in a challenge (RFC 9470 §3).
    Token,
    /// Any text without control characters that neither starts nor ends with white space.
    Name,
}

impl Word {
    /// Checks one string of a list. The error says what to write instead of this string, and leaves the others alone.
    pub(super) fn check(&self, text: &str) -> Result<(), String> {
        let noun = self.noun;
        if text.is_empty() {
            return Err(format!("{noun} can't be empty: write its name, or remove it"));
        }
        match self.rule {
            Rule::Token => self.check_token(text),
            Rule::Name => self.check_name(text),
        }
    }

    fn check_token(&self, text: &str) -> Result<(), String> {
        let noun = self.noun;
        let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
        if text.contains(char::is_whitespace) {
            if words.is_empty() {
                return Err(format!("{noun} can't be empty: write its name, or remove it"));
            }
            return Err(format!("{noun} can't contain a space: write `{}`", words.join(", ")));
        }
        match text.chars().find(|char| !is_token_char(*char)) {
            None => Ok(()),
            Some(wrong) => {
                let wrong =
                    if wrong.is_control() { wrong.escape_debug().to_string() } else { wrong.to_string() };
                Err(format!(
                    "{noun} can't contain `{wrong}`: write printable ASCII without space, `\"` and `\\` (RFC 6749 §3.3)"
                ))
            }
        }
    }

    fn check_name(&self, text: &str) -> Result<(), String> {
        let noun = self.noun;
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(format!("{noun} can't be empty: write its name, or remove it"));
        }
        if let Some(wrong) = trimmed.chars().find(|char| char.is_control()) {
            return Err(format!(
                "{noun} can't contain control characters: remove `{}`",
                wrong.escape_debug()
            ));
        }
        if trimmed.len() < text.len() {
            return Err(format!("{noun} can't start or end with white space: write `{trimmed:?}`"));
        }
        Ok(())
    }
}

fn is_token_char(char: char) -> bool {
    matches!(char, '\u{21}' | '\u{23}'..='\u{5b}' | '\u{5d}'..='\u{7e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: Word = Word { noun: "a scope", rule: Rule::Token, is_one_of: false, example: "" };
    const ROLE: Word = Word { noun: "a role", rule: Rule::Name, is_one_of: false, example: "" };

    #[test]
    fn a_scope_is_one_scope_token() {
        for char in (0..0x100).filter_map(char::from_u32) {
            let allowed = char.is_ascii_graphic() && char != '"' && char != '\\';
            assert_eq!(SCOPE.check(&format!("a{char}b")).is_ok(), allowed, "{char:?}");
        }
        assert_eq!(SCOPE.check("https://api.example.com/read:all"), Ok(()));
    }

    #[test]
    fn several_scopes_in_one_string_are_taken_apart() {
        for (text, write) in [
            ("read:a read:b", "write `\"read:a\", \"read:b\"`"),
            ("  read:a\tread:b\u{a0}read:c ", "write `\"read:a\", \"read:b\", \"read:c\"`"),
            ("read:a ", "write `\"read:a\"`"),
            ("", "can't be empty"),
            (" ", "can't be empty"),
            ("a\"b", "can't contain `\"`"),
            ("a\u{7f}b", "can't contain `\\u{7f}`"),
            ("l\u{e9}", "can't contain `\u{e9}`"),
        ] {
            let message = SCOPE.check(text).expect_err(text);
            assert!(message.contains(write), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_role_is_a_name_that_somebody_chose() {
        for text in ["admin", "Team Lead", "\u{e9}dition", "a\"b\\c"] {
            assert_eq!(ROLE.check(text), Ok(()), "{text}");
        }
        for (text, write) in [
            ("", "can't be empty"),
            ("\t", "can't be empty"),
            (" admin", "write `\"admin\"`"),
            ("admin\n", "write `\"admin\"`"),
            ("a\nb", "remove `\\n`"),
            ("a\u{85}b", "remove `\\u{85}`"),
        ] {
            let message = ROLE.check(text).expect_err(text);
            assert!(message.contains(write), "{text:?}: {message}");
        }
    }
}
