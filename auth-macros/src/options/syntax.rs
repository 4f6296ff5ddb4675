//! The syntax of options: names, `=`, parentheses and commas. A mistake is reported with the text to write instead.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseBuffer, ParseStream, Parser as _};
use syn::{Error, Ident, LitStr, Token, parenthesized, token};

use crate::diagnostics::Diagnostics;

/// An option that is written `name = value`.
pub(super) struct Assigned {
    /// An example of the whole option.
    pub(super) example: &'static str,
    /// True if the value stands in quotes.
    pub(super) quoted: bool,
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
        if let Some((delimiters, inside)) = in_delimiters(&rest) {
            let write = self.write(key, inside);
            let message =
                format!("`{key}` takes its value after `=`, not in `{delimiters}`: write `{write}`");
            return Err(Error::new_spanned(rest, message));
        }
        let write = self.write(key, rest);
        Err(Error::new(key.span(), format!("`=` is missing after `{key}`: write `{write}`")))
    }

    /// Returns the option with the value that was written in the wrong place; the example, if that is no value.
    fn write(&self, key: &Ident, value: TokenStream) -> String {
        let text = syn::parse2::<LitStr>(value.clone());
        let first = value.clone().into_iter().next();
        // In quotes, a single token: what is in several may need other spaces.
        let single =
            if self.quoted { value.clone().into_iter().count() == 1 } else { is_one_element(value.clone()) };
        match (self.quoted, text) {
            _ if !single || matches!(first, None | Some(TokenTree::Punct(_))) => self.example.to_owned(),
            (true, Ok(text)) => format!("{key} = {:?}", text.value()),
            (true, Err(_)) => format!("{key} = {:?}", as_written(value)),
            (false, Ok(text)) => format!("{key} = {}", text.value()),
            (false, Err(_)) => format!("{key} = {}", as_written(value)),
        }
    }
}

/// Makes sure that a flag stands alone.
pub(super) fn parse_flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    // A name here is the next option; the missing `,` is reported later.
    if is_at_end(input) || input.peek(Ident::peek_any) {
        return Ok(());
    }
    let value = rest_of_element(input);
    Err(Error::new_spanned(value, format!("`{key}` takes no value: write `{key}`")))
}

/// Takes the parentheses after a key, and returns where they are and what is in them.
///
/// `fits` tells whether the first token in other delimiters, or after `=`, may begin the values that were meant.
pub(super) fn parse_parentheses<'a>(
    key: &Ident,
    input: ParseStream<'a>,
    example: &str,
    fits: fn(&TokenTree) -> bool,
) -> syn::Result<(Span, ParseBuffer<'a>)> {
    if input.peek(token::Paren) {
        let content;
        let parentheses = parenthesized!(content in input);
        return Ok((parentheses.span.join(), content));
    }
    if is_at_end(input) {
        return Err(Error::new(key.span(), format!("`{key}` has no value: write `{example}`")));
    }
    let rest = rest_of_element(input);
    let equals = input.parse::<Option<Token![=]>>()?.is_some();
    let _colon = input.parse::<Option<Token![:]>>()?;
    let values = rest_of_element(input);
    let (instead, values) = match in_delimiters(&values) {
        Some((delimiters, inside)) if !equals => (format!(", not in `{delimiters}`"), inside),
        Some((_, inside)) => (", not after `=`".to_owned(), inside),
        None if equals => (", not after `=`".to_owned(), values),
        None => (String::new(), values),
    };
    let fits = values.clone().into_iter().next().is_some_and(|first| fits(&first));
    let write = if fits { format!("{key}({})", as_written(values)) } else { example.to_owned() };
    Err(Error::new_spanned(rest, format!("`{key}` takes its values in `(...)`{instead}: write `{write}`")))
}

/// Reads what is separated by commas up to the end. A mistake in one element does not hide mistakes in the next.
///
/// `starts` tells whether an element starts here for certain, so that a missing comma is the only mistake.
pub(super) fn parse_separated(
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
    starts: fn(ParseStream<'_>) -> bool,
    mut parse_element: impl FnMut(ParseStream<'_>, &mut Diagnostics) -> syn::Result<()>,
) {
    while !input.is_empty() {
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
            let rest = take_element(input);
            diagnostics.report_syntax(Error::new_spanned(
                rest,
                "only `,` can follow the value: write `,` before this, or remove this",
            ));
        }
        let _ = input.parse::<Token![,]>();
    }
}

/// Takes everything up to the next `,`. The commas in `<A, B>` do not count.
fn take_element(input: ParseStream<'_>) -> TokenStream {
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

fn is_one_element(tokens: TokenStream) -> bool {
    let take = |input: ParseStream<'_>| Ok(take_element(input));
    take.parse2(tokens).is_ok()
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
