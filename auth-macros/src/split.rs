//! The split of a module's or an `impl` block's tokens into items.
//!
//! The tokens alone decide: a parser gives up at syntax that it does not know, and at mistakes in bodies, and an item
//! that is lost may be a handler.

use std::slice;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// Returns the items, each with its attributes. `#![...]` counts as an item.
pub(crate) fn split(stream: TokenStream) -> Vec<TokenStream> {
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    let mut items = Vec::new();
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        let following = after_item(rest);
        let length = rest.len().saturating_sub(following.len());
        items.push(rest.iter().take(length).cloned().collect());
        rest = following;
    }
    items
}

/// Returns what stands before the braces at the end of an item, and the braces. `None` if it does not end with any.
pub(crate) fn split_braces(item: TokenStream) -> Option<(TokenStream, Group)> {
    let mut before = Vec::new();
    flatten(item, &mut before);
    match before.pop()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            Some((before.into_iter().collect(), group))
        }
        _ => None,
    }
}

/// Opens the invisible groups in which a macro's `$item` and `$vis` arrive, so that no item hides in one.
fn flatten(stream: TokenStream, flat: &mut Vec<TokenTree>) {
    for token in stream {
        match token {
            TokenTree::Group(group)
                if group.delimiter() == Delimiter::None && may_start_here(flat.last()) =>
            {
                flatten(group.stream(), flat);
            }
            token => flat.push(token),
        }
    }
}

/// Returns whether an item, or what follows its attributes, can start after `previous`.
fn may_start_here(previous: Option<&TokenTree>) -> bool {
    match previous {
        None => true,
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Parenthesis,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        Some(_) => false,
    }
}

type Tokens<'a> = &'a [TokenTree];

/// Returns what follows the first item.
fn after_item(tokens: Tokens<'_>) -> Tokens<'_> {
    let mut rest = tokens;
    while let [TokenTree::Punct(hash), after_hash @ ..] = rest
        && hash.as_char() == '#'
    {
        match after_hash {
            [TokenTree::Group(_), after @ ..] => rest = after,
            // `#![...]` is an item of its own.
            [TokenTree::Punct(_), TokenTree::Group(_), after @ ..] => return after,
            _ => break,
        }
    }
    let words = after_visibility(rest);
    if let Some(after_path) = after_call_path(words) {
        after_arguments(after_path)
    } else if ends_with_semicolon(words) {
        after_semicolon(rest)
    } else {
        after_block(rest)
    }
}

fn after_visibility(tokens: Tokens<'_>) -> Tokens<'_> {
    match tokens {
        [TokenTree::Ident(public), rest @ ..] if public == "pub" => match rest {
            [TokenTree::Group(scope), rest @ ..] if scope.delimiter() == Delimiter::Parenthesis => rest,
            _ => rest,
        },
        _ => tokens,
    }
}

/// Returns what follows `path::of::macro!`; `None` if the tokens begin no macro call.
fn after_call_path(tokens: Tokens<'_>) -> Option<Tokens<'_>> {
    let mut rest = tokens;
    loop {
        match rest {
            [TokenTree::Punct(colon), after @ ..] if colon.as_char() == ':' => rest = after,
            // `impl !Trait for Type` is no call.
            [TokenTree::Ident(word), TokenTree::Punct(bang), after @ ..]
                if word != "impl" && bang.as_char() == '!' =>
            {
                return Some(after);
            }
            [TokenTree::Ident(_), TokenTree::Punct(colon), after @ ..] if colon.as_char() == ':' => {
                rest = after;
            }
            _ => return None,
        }
    }
}

/// Returns what follows the arguments of a macro call; `macro_rules!` has a name before them.
fn after_arguments(tokens: Tokens<'_>) -> Tokens<'_> {
    let arguments = match tokens {
        [TokenTree::Ident(_), rest @ ..] => rest,
        _ => tokens,
    };
    match arguments {
        [TokenTree::Group(group), rest @ ..] if group.delimiter() == Delimiter::Brace => rest,
        _ => after_semicolon(arguments),
    }
}

/// Returns whether the item ends with a `;`: braces before that do not end it.
fn ends_with_semicolon(words: Tokens<'_>) -> bool {
    let [TokenTree::Ident(word), rest @ ..] = words else { return false };
    let next = if let [TokenTree::Ident(next), ..] = rest { Some(next) } else { None };
    let next_is = |known: &[&str]| next.is_some_and(|next: &Ident| known.iter().any(|known| next == known));
    match word.to_string().as_str() {
        "const" => !next_is(&["async", "extern", "fn", "impl", "trait", "unsafe"]),
        "extern" => next_is(&["crate"]),
        "default" => next_is(&["const", "type"]) && ends_with_semicolon(rest),
        "static" | "type" | "use" | "let" => true,
        _ => false,
    }
}

fn after_semicolon(tokens: Tokens<'_>) -> Tokens<'_> {
    let mut rest = tokens.iter();
    rest.find(|token| is_semicolon(token));
    rest.as_slice()
}

/// Returns what follows the first `;`, or the first braces that are neither within `<...>` nor those of a macro call.
fn after_block(tokens: Tokens<'_>) -> Tokens<'_> {
    let mut rest: slice::Iter<'_, TokenTree> = tokens.iter();
    let mut depth = 0_u32;
    let mut previous = ' ';
    let mut calls = CallAhead::No;
    for token in rest.by_ref() {
        if is_semicolon(token) || (depth == 0 && is_block(token) && calls != CallAhead::Arguments) {
            break;
        }
        calls = calls.after(token);
        let current = if let TokenTree::Punct(punct) = token { punct.as_char() } else { ' ' };
        match current {
            '<' => depth = depth.saturating_add(1),
            // Not in `->` and `=>`.
            '>' if previous != '-' && previous != '=' => depth = depth.saturating_sub(1),
            _ => {}
        }
        previous = current;
    }
    rest.as_slice()
}

/// The part of `macro!` that came just before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CallAhead {
    No,
    /// A `'`: the word after it is a lifetime.
    Lifetime,
    /// The name: a `!` may follow.
    Bang,
    /// The name and the `!`: the arguments may follow.
    Arguments,
}

impl CallAhead {
    fn after(self, token: &TokenTree) -> Self {
        match token {
            // After these words a `!` is no call: it is the type `!`, or stands before the trait of a negative `impl`.
            TokenTree::Ident(word)
                if ["as", "const", "for", "impl", "mut"].iter().any(|known| word == known) =>
            {
                Self::No
            }
            TokenTree::Ident(_) if self != Self::Lifetime => Self::Bang,
            TokenTree::Punct(punct) if punct.as_char() == '\'' => Self::Lifetime,
            TokenTree::Punct(punct) if punct.as_char() == '!' && self == Self::Bang => Self::Arguments,
            _ => Self::No,
        }
    }
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

/// Returns whether these are braces, or an invisible group around braces: a macro's `$body`.
fn is_block(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => group.stream().into_iter().next().is_some_and(|first| is_block(&first)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(items: &[&str]) {
        let written: TokenStream = items.join("\n").parse().unwrap();
        let expected: Vec<String> =
            items.iter().map(|item| item.parse::<TokenStream>().unwrap().to_string()).collect();
        let found: Vec<String> = split(written).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_kind_of_item_ends_where_it_ends() {
        check(&[
            "#![expect(unused)]",
            "//! Documented.",
            "use std::{fmt, mem};",
            "pub(crate) use a as b;",
            "extern crate alloc;",
            "extern \"C\" { fn f(); }",
            "unsafe extern \"C\" { static S: u8; }",
            "const A: [u8; { 2 }] = { [1, 2] };",
            "const _: () = { async fn inner() {} };",
            "pub static B: fn() -> bool = || 1 < 2;",
            "type C<T: Iterator> = Vec<<T as Iterator>::Item>;",
            "struct D;",
            "pub struct E(u8, fn(u8) -> u8);",
            "struct F<const N: usize = { 1 }> where G<{ N }>: Copy { a: u8 }",
            "struct H<const N: usize>(u8) where G<{ N }>: Copy;",
            "#[derive(Clone)] enum I { A { b: u8 }, B }",
            "union J { a: u8 }",
            "pub unsafe auto trait K {}",
            "trait L: Fn() -> u8 { fn m(); }",
            "trait N = Copy;",
            "impl<T> !Send for O<T> {}",
            "unsafe impl<'a, T: Fn(&'a u8) -> P<{ 1 }>> Send for O<T> where T: Q<R = { 2 }> {}",
            "const impl S for T {}",
            "macro_rules! u { () => {} }",
            "macro_rules! v (() => {});",
            "pub macro w($x:ident) { struct $x; }",
            "impl x! { Y } { fn f() {} }",
            "impl Y for x!{ Z } where x!{ W }: Q<x!{ V }> {}",
            "fn z() -> y! { u8 } { 1 }",
            "fn never() -> ! {}",
            "fn never_there() -> &'static ! {}",
            "impl Y for ! {}",
            "impl Y for &mut ! {}",
            "x! { y }",
            "x::y![z];",
            "::x::y!();",
            "fn a() -> [u8; { 2 }] { [1, 2] }",
            "const fn b<const N: usize>() -> C<{ N }> where [(); { N }]: Sized {}",
            "#[inline] pub(in crate::x) async unsafe extern \"C\" fn d(a: Vec<Vec<u8>>) -> impl Fn() -> u8 {}",
            "fn e();",
            "default const F: u8 = { 1 };",
            "default fn f() {}",
            "mod g { fn h() {} }",
            "mod i;",
            ";",
            "async fn last() {}",
        ]);
    }

    #[test]
    fn an_unfinished_item_is_the_last() {
        check(&["fn a() {}", "async fn b()"]);
        check(&["fn a() {}", "#[c]"]);
        check(&["fn a() {}", "#"]);
        check(&["fn a() {}", "pub"]);
        check(&["use a::{b}"]);
    }

    #[test]
    fn an_item_does_not_hide_in_an_invisible_group() {
        let hidden = |text: &str| {
            let group = Group::new(Delimiter::None, text.parse().unwrap());
            TokenStream::from(TokenTree::Group(group))
        };
        let mut stream = hidden("struct A;");
        stream.extend(hidden("#[b] async fn c() {}"));
        stream.extend("#[d]".parse::<TokenStream>());
        stream.extend(hidden("fn e() {}"));
        stream.extend(hidden(""));
        stream.extend("fn f()".parse::<TokenStream>());
        stream.extend(hidden("{ 1 }"));
        stream.extend("fn g() {}".parse::<TokenStream>());
        let found = split(stream);
        assert_eq!(found.len(), 5);
        assert_eq!(found[1].to_string(), "# [b] async fn c () { }");
    }
}
