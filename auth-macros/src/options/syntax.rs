//! The syntax of options: names, `=`, parentheses and commas. A mistake is reported with the text to write instead.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseBuffer, ParseStream, Parser as _};
use syn::{Error, Ident, LitStr, Token, parenthesized, token};

use super::literal::{NO_CONSTANT, is_computed};
use crate::diagnostics::Diagnostics;

/// An option that is written `name = value`.
pub(super) struct Assigned {
    /// An example of the whole option.
    pub(super) example: &'static str,
    /// Returns the whole option for a value that was written in the wrong place; `None` if that is no value.
    pub(super) write: fn(&TokenStream) -> Option<String>,
}

impl Assigned {
    /// Takes the `=` after a key. The value that follows is not empty.
    pub(super) fn parse_equals(&self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let example = self.example;
        let equals = input.parse::<Option<Token![=]>>()?.is_some();
        if is_at_end(input) {
            return Err(Error::new(key.span(), format!("`{key}` has no value: write `{example}`")));
        }
        if equals {
            return Ok(());
        }
        let rest = rest_of_element(input);
        let _colon = input.parse::<Option<Token![:]>>()?;
        let value = rest_of_element(input);
        let (place, value) = match in_delimiters(&value) {
            Some((delimiters, inside)) => (format!(", not in `{delimiters}`"), inside),
            None => (String::new(), value),
        };
        let takes = format!("`{key}` takes its value after `=`{place}");
        let message = match (self.write)(&value) {
            Some(write) => format!("{takes}: write `{write}`"),
            None => as_in(&takes, example, &value),
        };
        Err(Error::new_spanned(rest, message))
    }
}

/// Makes sure that a flag stands alone.
pub(super) fn parse_flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    // A name here is the next option, and an operator joins it: both are reported later.
    if is_at_end(input) || input.peek(Ident::peek_any) || is_operator(input) {
        return Ok(());
    }
    let value = rest_of_element(input);
    let is_false = value.clone().into_iter().last().is_some_and(|last| match last {
        TokenTree::Group(group) => group.stream().to_string() == "false",
        last => last.to_string() == "false",
    });
    let message = if is_false {
        format!("`{key}` takes no value: remove `{key}`")
    } else {
        format!("`{key}` takes no value: write `{key}`")
    };
    Err(Error::new_spanned(value, message))
}

/// Returns whether an operator starts here that joins options in many languages.
pub(super) fn is_operator(input: ParseStream<'_>) -> bool {
    input.peek(Token![|]) || input.peek(Token![&])
}

/// Takes the parentheses after a key, and returns where they are and what is in them.
///
/// `write` returns the option for values in other delimiters, after `=` or after nothing. `None` says that they do not
/// fit.
pub(super) fn parse_parentheses<'a>(
    key: &Ident,
    input: ParseStream<'a>,
    example: &str,
    write: &dyn Fn(&TokenStream) -> Option<String>,
) -> syn::Result<(Span, ParseBuffer<'a>)> {
    if input.peek(token::Paren) {
        let content;
        let parentheses = parenthesized!(content in input);
        return Ok((parentheses.span.join(), content));
    }
    if is_at_end(input) {
        return Err(Error::new(key.span(), format!("`{key}` has no value: write `{example}`")));
    }
    let written = input.fork();
    let equals = input.parse::<Option<Token![=]>>()?.is_some();
    let _colon = input.parse::<Option<Token![:]>>()?;
    let mut values = take_element(input);
    // Strings after a comma are no options, so they belong to the list.
    while input.peek(Token![,]) && input.peek2(LitStr) {
        values.extend(input.parse::<TokenTree>());
        values.extend(take_element(input));
    }
    let rest = between(&written, input);
    let (instead, values) = match in_delimiters(&values) {
        Some((delimiters, inner)) if !equals => (format!(", not in `{delimiters}`"), inner),
        Some((_, inner)) => (", not after `=`".to_owned(), inner),
        None if equals => (", not after `=`".to_owned(), values),
        None => (String::new(), values),
    };
    let takes = format!("`{key}` takes its values in `(...)`{instead}");
    let message = match write(&values) {
        Some(write) => format!("{takes}: write `{write}`"),
        None => as_in(&takes, example, &values),
    };
    Err(Error::new_spanned(rest, message))
}

/// Returns the message with an example, where nothing was written or what was written does not tell what was meant.
fn as_in(takes: &str, example: &str, value: &TokenStream) -> String {
    if value.is_empty() {
        format!("{takes}: write `{example}`")
    } else if is_computed(value) {
        format!("{takes}, as in `{example}`, {NO_CONSTANT}")
    } else {
        format!("{takes}, as in `{example}`")
    }
}

/// Returns the tokens from one place of the input to another.
pub(super) fn between(from: ParseStream<'_>, to: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while from.cursor() != to.cursor() {
        let Ok(token) = from.parse::<TokenTree>() else { break };
        tokens.extend([token]);
    }
    tokens
}

/// Reads what is separated by commas up to the end. A mistake in one element does not hide mistakes in the next.
///
/// `starts` tells whether an element starts here for certain, so that a missing comma is the only mistake. `instead`
/// returns the message for an element that goes on after its end, if its tokens tell what was meant.
pub(super) fn parse_separated(
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
    starts: fn(ParseStream<'_>) -> bool,
    instead: &dyn Fn(&TokenStream) -> Option<String>,
    mut parse_element: impl FnMut(ParseStream<'_>, &mut Diagnostics) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let written = input.fork();
        if input.peek(Token![,]) {
            diagnostics.report(input.span(), "nothing stands before this `,`: remove it");
        } else if let Err(error) = parse_element(input, diagnostics) {
            diagnostics.report_syntax(error);
            // The rest of the broken element is skipped, so that the next one is read from its start.
            take_element(input);
        } else if starts(input) {
            diagnostics.report(input.span(), format!("a `,` is missing before `{}`", first_word(input)));
            continue;
        } else if input.peek(Token![;]) {
            diagnostics.report(input.span(), "write `,` instead of `;`");
            let _ = input.parse::<Token![;]>();
            continue;
        } else if !is_at_end(input) {
            let joins = is_operator(input);
            let rest = take_element(input);
            let whole = between(&written, input);
            diagnostics.report_syntax(match instead(&whole) {
                Some(message) => Error::new_spanned(whole, message),
                None if joins => Error::new_spanned(
                    rest,
                    "no operator can follow the value: write `,`, or requirements in `any(..)`, `all(..)` and `not(..)`",
                ),
                None => Error::new_spanned(
                    rest,
                    "only `,` can follow the value: write `,` before this, or remove this",
                ),
            });
        }
        let _ = input.parse::<Token![,]>();
    }
}

/// Takes everything up to the next `,`. The commas in `<A, B>` do not count.
pub(super) fn take_element(input: ParseStream<'_>) -> TokenStream {
    let mut element = TokenStream::new();
    let mut depth = 0_u32;
    let mut previous = ' ';
    while !input.is_empty() && (depth > 0 || !input.peek(Token![,])) {
        let Ok(token) = input.call(TokenTree::parse) else { break };
        let current = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        match current {
            '<' => depth = depth.saturating_add(1),
            // Not in `->` and `=>`.
            '>' if previous != '-' && previous != '=' => depth = depth.saturating_sub(1),
            _ => {}
        }
        previous = current;
        element.extend([token]);
    }
    element
}

/// Returns the tokens up to the next `,`, without taking them.
pub(super) fn rest_of_element(input: ParseStream<'_>) -> TokenStream {
    take_element(&input.fork())
}

pub(super) fn is_at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// Returns the elements between the commas.
pub(super) fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let split = |input: ParseStream<'_>| {
        let mut elements = Vec::new();
        while !input.is_empty() {
            elements.push(take_element(input));
            let _ = input.parse::<Option<Token![,]>>()?;
        }
        Ok(elements)
    };
    split.parse2(tokens).unwrap_or_default()
}

/// Returns the delimiters and the content of a group that stands alone.
fn in_delimiters(tokens: &TokenStream) -> Option<(&'static str, TokenStream)> {
    let mut tokens = tokens.clone().into_iter();
    let (Some(TokenTree::Group(group)), None) = (tokens.next(), tokens.next()) else { return None };
    let delimiters = match group.delimiter() {
        Delimiter::Parenthesis => "(...)",
        Delimiter::Brace => "{...}",
        Delimiter::Bracket => "[...]",
        Delimiter::None => return None,
    };
    Some((delimiters, group.stream()))
}

/// Returns the tokens as text, spaced as people write them.
pub(crate) fn as_written(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut after_word = false;
    for token in tokens {
        let (open, close) = match &token {
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            },
            _ => ("", ""),
        };
        match &token {
            TokenTree::Group(group) => {
                text.extend([open, &as_written(group.stream()), close]);
                after_word = false;
            }
            TokenTree::Punct(punct) => {
                match punct.as_char() {
                    ',' => text.push_str(", "),
                    '=' => text.push_str(" = "),
                    char => text.push(char),
                }
                after_word = false;
            }
            word => {
                if after_word {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                after_word = true;
            }
        }
    }
    text.trim_end().to_owned()
}

fn first_word(input: ParseStream<'_>) -> String {
    input.fork().parse::<TokenTree>().map(|token| token.to_string()).unwrap_or_default()
}
