//! Lists of strings: `scopes("a", "b")`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr};

use super::syntax::{as_written, is_at_end, parse_parentheses, parse_separated, rest_of_element};
use super::words::Word;
use crate::diagnostics::Diagnostics;

/// Reads the list after `key`. Strings that are not allowed are reported and left out.
pub(super) fn parse_list(
    word: &Word,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Vec<String>> {
    let (parentheses, content) = parse_parentheses(key, input, word.example, is_string)?;
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
    // A name here is the next option; the missing `,` is reported later.
    if is_at_end(input) || input.peek(Ident::peek_any) {
        return Ok(Vec::new());
    }
    let (parentheses, content) = parse_parentheses(key, input, word.example, is_string)?;
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
    parse_separated(
        content,
        diagnostics,
        |input| input.peek(LitStr),
        |input, diagnostics| {
            let text = parse_string(key, word, input)?;
            let value = text.value();
            if words.contains(&value) {
                diagnostics.report(text.span(), format!("`{value}` is written twice: remove one of them"));
                return Ok(());
            }
            match word.check(&key.to_string(), &value) {
                Ok(()) => words.push(value),
                Err(message) => diagnostics.report(text.span(), message),
            }
            Ok(())
        },
    );
    words
}

fn parse_string(key: &Ident, word: &Word, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let rest = rest_of_element(input);
    match input.parse::<LitStr>() {
        Ok(text) if text.suffix().is_empty() => Ok(text),
        Ok(text) => {
            Err(Error::new(text.span(), format!("a string can't have a suffix: write `{:?}`", text.value())))
        }
        Err(_) => {
            let write = if is_bare(&rest) {
                format!("{:?}", as_written(rest.clone()))
            } else {
                word.example.to_owned()
            };
            Err(Error::new_spanned(rest, format!("`{key}` takes strings in quotes: write `{write}`")))
        }
    }
}

fn is_string(token: &TokenTree) -> bool {
    syn::parse2::<LitStr>(token.clone().into()).is_ok()
}

/// Returns whether the tokens look like text that lacks its quotes, such as `read:reports`.
fn is_bare(tokens: &TokenStream) -> bool {
    let plain = |token: &TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => matches!(punct.as_char(), ':' | '-' | '.' | '/'),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    };
    tokens.clone().into_iter().all(|token| plain(&token))
}
