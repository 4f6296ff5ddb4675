//! Values that are no strings where strings belong, and the strings that were most likely meant.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Lit, LitStr};

use super::syntax::{as_written, split_at_commas};

/// The reason why no constant can stand in an option.
pub(super) const NO_CONSTANT: &str =
    "because the macro reads the options before constants and calls have values";

/// Returns whether the tokens compute a value: a constant, a variant, or the call of a function or macro.
pub(super) fn is_computed(tokens: &TokenStream) -> bool {
    let is_reference =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if "&*".contains(punct.as_char()));
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().skip_while(is_reference).collect();
    let is_upper = |token: &TokenTree| match token {
        TokenTree::Ident(word) => word.to_string().starts_with(|char: char| char.is_uppercase()),
        _ => false,
    };
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let is_call = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(_), TokenTree::Group(_)] => true,
        [TokenTree::Ident(_), TokenTree::Punct(punct)] => punct.as_char() == '!',
        [first, second] => is_colon(first) && is_colon(second),
        _ => false,
    };
    tokens.first().is_some_and(is_upper) || tokens.windows(2).any(is_call)
}

/// Returns the string that a value without quotes means, in quotes; `None` if it means none for certain.
pub(super) fn quoted(value: &TokenStream) -> Option<String> {
    if is_bare(value) && !is_computed(value) {
        return Some(format!("{:?}", as_written(value.clone())));
    }
    let text = match syn::parse2::<Lit>(value.clone()).ok()? {
        Lit::Str(text) => text.value(),
        Lit::ByteStr(bytes) => String::from_utf8(bytes.value()).ok()?,
        Lit::CStr(text) => text.value().into_string().ok()?,
        Lit::Char(char) => char.value().to_string(),
        Lit::Int(number) => number.to_string(),
        _ => return None,
    };
    Some(format!("{text:?}"))
}

/// Returns the strings in one list, without the brackets around some of them; `None` if there is anything else.
pub(super) fn strings(values: &TokenStream) -> Option<String> {
    let mut list = Vec::new();
    for element in split_at_commas(values.clone()) {
        list.push(string_or_group(&element)?);
    }
    (!list.is_empty()).then(|| list.join(", "))
}

fn string_or_group(element: &TokenStream) -> Option<String> {
    if let Ok(text) = syn::parse2::<LitStr>(element.clone()) {
        return Some(format!("{:?}", text.value()));
    }
    // Of `&["a"]` and `vec!["a"]` the brackets count.
    let mut tokens: Vec<TokenTree> = element.clone().into_iter().collect();
    let Some(TokenTree::Group(group)) = tokens.pop() else { return None };
    let is_prefix = match tokens.as_slice() {
        [] => true,
        [TokenTree::Punct(punct)] => punct.as_char() == '&',
        [TokenTree::Ident(name), TokenTree::Punct(punct)] => name == "vec" && punct.as_char() == '!',
        _ => false,
    };
    if is_prefix { strings(&group.stream()) } else { None }
}

/// Returns whether the tokens look like text that lacks its quotes, such as `read:reports`.
fn is_bare(tokens: &TokenStream) -> bool {
    let plain = |token: &TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => matches!(punct.as_char(), ':' | '-' | '.' | '/'),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    };
    !tokens.is_empty() && tokens.clone().into_iter().all(|token| plain(&token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_quotes_gets_them() {
        for (value, meant) in [
            ("admin", Some("\"admin\"")),
            ("read:reports", Some("\"read:reports\"")),
            ("b\"a\"", Some("\"a\"")),
            ("c\"a\"", Some("\"a\"")),
            ("'a'", Some("\"a\"")),
            ("5", Some("\"5\"")),
            ("ADMIN", None),
            ("Role::Admin", None),
            ("role::admin", None),
            ("admin()", None),
            ("concat!(\"a\")", None),
            ("1.5", None),
            ("[\"a\"]", None),
        ] {
            assert_eq!(quoted(&value.parse().unwrap()).as_deref(), meant, "{value}");
        }
    }

    #[test]
    fn all_strings_of_nested_lists_are_kept() {
        for (values, list) in [
            ("[\"a\", \"b\"]", Some("\"a\", \"b\"")),
            ("&[\"a\", \"b\"], \"c\"", Some("\"a\", \"b\", \"c\"")),
            ("vec![\"a\"], (\"b\", {\"c\"})", Some("\"a\", \"b\", \"c\"")),
            ("[\"a\", B]", None),
            ("other![\"a\"]", None),
            ("[]", None),
        ] {
            assert_eq!(strings(&values.parse().unwrap()).as_deref(), list, "{values}");
        }
    }
}
