//! Lists of strings: `scopes("a", "b")`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr};

use super::expression::{Values, instead_of_joined_values, joined_values, never_negated};
use super::literal::{NO_CONSTANT, is_computed, quoted, strings};
use super::names::STEP_UPS;
use super::syntax::{
    is_at_end, is_operator, parse_parentheses, parse_separated, rest_of_element, split_at_commas,
    take_element,
};
use super::words::Word;
use crate::diagnostics::Diagnostics;

/// Reads the list after `key`. Strings that are not allowed are reported and left out.
pub(super) fn parse_list(
    word: &Word,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Vec<String>> {
    let (parentheses, content) =
        parse_parentheses(key, input, word.example, &|values| write(word, key, values))?;
    if content.is_empty() {
        return Err(Error::new(parentheses, format!("`{key}()` is empty: write `{}`", word.example)));
    }
    Ok(parse_words(word, key, &content, diagnostics))
}

/// Reads what follows `org`: nothing for any organization, or a list of which one is demanded.
pub(super) fn parse_organizations(
    word: &Word,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Vec<String>> {
    // A name here is the next option, and an operator joins it: both are reported later.
    if is_at_end(input) || input.peek(Ident::peek_any) || is_operator(input) {
        return Ok(Vec::new());
    }
    let (parentheses, content) =
        parse_parentheses(key, input, word.example, &|values| write(word, key, values))?;
    if content.is_empty() {
        return Err(Error::new(
            parentheses,
            format!("`org()` is empty: write `org` for any organization, or `{}` for one", word.example),
        ));
    }
    Ok(parse_words(word, key, &content, diagnostics))
}

fn parse_words(
    word: &Word,
    key: &Ident,
    content: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    let mut words = Vec::new();
    // Of strings in brackets, the message gives the whole list, so one message is enough.
    let mut is_told = false;
    let all = rest_of_list(content);
    parse_separated(
        content,
        diagnostics,
        |input| input.peek(LitStr),
        &|element| instead_of_operators(word, key, element),
        |input, diagnostics| {
            let is_nested = !input.peek(LitStr) && strings(&rest_of_element(input)).is_some();
            if is_nested && is_told {
                take_element(input);
                return Ok(());
            }
            is_told |= is_nested;
            let text = parse_string(word, key, &all, input)?;
            let value = text.value();
            if words.contains(&value) {
                diagnostics.report(text.span(), format!("`{value}` is written twice: remove one of them"));
                return Ok(());
            }
            match word.check(&value) {
                Ok(()) => words.push(value),
                Err(message) => diagnostics.report(text.span(), message),
            }
            Ok(())
        },
    );
    words
}

/// Reads one string of a list. `all` is the whole list.
fn parse_string(word: &Word, key: &Ident, all: &TokenStream, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let rest = rest_of_element(input);
    if let Ok(text) = input.parse::<LitStr>() {
        if text.suffix().is_empty() {
            return Ok(text);
        }
        let write = format!("a string can't have a suffix: write `{:?}`", text.value());
        return Err(Error::new(text.span(), write));
    }
    // In a list of several, the text stands for one of them.
    let blank =
        if split_at_commas(all.clone()).len() > 1 { "\"...\"".to_owned() } else { format!("{key}(\"...\")") };
    let message = if strings(&rest).is_some() {
        let list = strings(all).unwrap_or_else(|| "\"...\", \"...\"".to_owned());
        format!("`{key}` takes its strings one by one: write `{key}({list})`")
    } else if let Some(message) = instead_of_operators(word, key, &rest) {
        message
    } else if let Some(text) = quoted(&rest) {
        format!("`{key}` takes strings in quotes: write `{text}`")
    } else if is_computed(&rest) {
        format!("`{key}` takes strings in quotes: write `{blank}`, {NO_CONSTANT}")
    } else {
        format!("`{key}` takes strings in quotes: write `{blank}`")
    };
    Err(Error::new_spanned(rest, message))
}

/// Returns the option for a list that was written in another way.
fn write(word: &Word, key: &Ident, values: &TokenStream) -> Option<String> {
    if let Some(joined) = with_values(word, key, |texts| joined_values(values, texts)) {
        return Some(joined);
    }
    let bare = || quoted(values).filter(|_| split_at_commas(values.clone()).len() == 1);
    strings(values).or_else(bare).map(|list| format!("{key}({list})"))
}

/// Returns the message for strings that are joined by operators, such as `"a" || "b"`.
fn instead_of_operators(word: &Word, key: &Ident, element: &TokenStream) -> Option<String> {
    let name = key.unraw().to_string();
    let negates = |token: TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!');
    let is_step_up = STEP_UPS.contains(&name.as_str());
    let is_string = |token: TokenTree| matches!(token, TokenTree::Literal(_));
    if is_step_up && element.clone().into_iter().any(negates) && element.clone().into_iter().any(is_string) {
        return Some(never_negated(&name));
    }
    with_values(word, key, |texts| instead_of_joined_values(element, texts))
}

/// Calls `then` with the texts for values of this option.
fn with_values<T>(word: &Word, key: &Ident, then: impl FnOnce(&Values<'_>) -> T) -> T {
    let list = |values: &[TokenStream], is_any: bool| {
        let texts: Option<Vec<String>> = values.iter().map(quoted).collect();
        let texts = texts.filter(|texts| !texts.is_empty() && is_any == word.is_one_of)?;
        Some(format!("{key}({})", texts.join(", ")))
    };
    then(&Values { one: &|value| Some(format!("{key}({})", quoted(value)?)), list: &list })
}

fn rest_of_list(content: ParseStream<'_>) -> TokenStream {
    content.fork().parse().unwrap_or_default()
}
