//! The name of the type that an `impl` block is for.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Generics, Token, Type};

/// Returns a name for the type of an inherent `impl` block, made from what stands before the braces. It tells functions
/// of the same name in different blocks apart: `Api` for `impl Api`, `v1_Api_of_u8` for `impl v1::Api<u8>`.
///
/// Each sign has a word, so that different types have different names. `None` for a type that has no name.
pub(crate) fn self_type(head: TokenStream) -> Option<Ident> {
    let read = |input: ParseStream<'_>| {
        while !input.peek(Token![impl]) {
            input.parse::<TokenTree>()?;
        }
        input.parse::<Token![impl]>()?;
        input.parse::<Generics>()?;
        let ty: Type = input.parse()?;
        // The `where` clause.
        input.parse::<TokenStream>()?;
        Ok(ty)
    };
    let ty = without_parentheses(read.parse2(head).ok()?);
    if !matches!(ty, Type::Path(_) | Type::TraitObject(_)) {
        return None;
    }
    let mut words = Vec::new();
    collect_words(ty.into_token_stream(), &mut words);
    // A closing word at the end separates nothing.
    while words.last().is_some_and(|word| word == END) {
        words.pop();
    }
    Ident::parse_any.parse_str(&words.join("_")).ok()
}

fn without_parentheses(ty: Type) -> Type {
    match ty {
        Type::Group(group) => without_parentheses(*group.elem),
        Type::Paren(paren) => without_parentheses(*paren.elem),
        ty => ty,
    }
}

const END: &str = "end";

fn collect_words(tokens: TokenStream, words: &mut Vec<String>) {
    let mut previous = ' ';
    for token in tokens {
        let mut sign = ' ';
        match token {
            TokenTree::Group(group) => {
                let opening = match group.delimiter() {
                    Delimiter::Parenthesis => "tuple",
                    Delimiter::Brace => "block",
                    Delimiter::Bracket => "list",
                    Delimiter::None => "group",
                };
                words.push(opening.to_owned());
                collect_words(group.stream(), words);
                words.push(END.to_owned());
            }
            TokenTree::Ident(ident) => words.push(ident.unraw().to_string()),
            TokenTree::Literal(literal) => words.push(spelled(&literal.to_string())),
            TokenTree::Punct(punct) => {
                sign = punct.as_char();
                words.extend(word_of(previous, sign).map(str::to_owned));
            }
        }
        previous = sign;
    }
}

/// Returns the word for a sign; `None` for signs that say nothing by themselves.
fn word_of(previous: char, sign: char) -> Option<&'static str> {
    Some(match sign {
        // The words around `::` and after `'` are enough, and `->` has its own.
        ':' | '\'' => return None,
        '>' if previous == '-' => "to",
        '-' => "minus",
        '<' => "of",
        '>' => END,
        ',' => "and",
        '&' => "ref",
        '*' => "ptr",
        '+' => "plus",
        ';' => "times",
        '=' => "is",
        '!' => "never",
        '?' => "maybe",
        _ => "sign",
    })
}

/// Returns letters and digits as they are, and any other character by its number: `-1` and `'-'` are words, too.
fn spelled(literal: &str) -> String {
    let spell = |char: char| {
        if char.is_ascii_alphanumeric() { char.to_string() } else { format!("u{:x}", u32::from(char)) }
    };
    literal.chars().map(spell).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn blocks_of_different_types_have_different_names() {
        for (head, name) in [
            ("impl Api", Some("Api")),
            ("#[cfg(a)] #[doc = \"b\"] impl Api where u8: Copy", Some("Api")),
            ("impl web::v1::Api", Some("web_v1_Api")),
            (
                "impl<'a, T: Into<u8>, const N: usize> Api<'a, T, N> where T: Copy",
                Some("Api_of_a_and_T_and_N"),
            ),
            ("impl Api<u8>", Some("Api_of_u8")),
            ("impl<T> Api<Vec<T>, 3>", Some("Api_of_Vec_of_T_end_and_3")),
            ("impl Api<Vec<u8>>", Some("Api_of_Vec_of_u8")),
            ("impl Api<'static, [u8; 2]>", Some("Api_of_static_and_list_u8_times_2")),
            ("impl Api<'a'>", Some("Api_of_u27au27")),
            ("impl r#type", Some("type")),
            ("impl (Api)", Some("Api")),
            ("impl dyn Store + Send", Some("dyn_Store_plus_Send")),
            ("impl (A, B)", None),
            ("impl", None),
        ] {
            let found = self_type(head.parse().unwrap()).map(|name| name.to_string());
            assert_eq!(found.as_deref(), name, "{head}");
        }
    }

    #[test]
    fn types_that_differ_by_a_sign_have_different_names() {
        let types = [
            "v1::Api",
            "v2::Api",
            "Api",
            "Api<u8>",
            "Api<&u8>",
            "Api<&mut u8>",
            "Api<*const u8>",
            "Api<[u8]>",
            "Api<[u8; 1]>",
            "Api<(u8,)>",
            "Api<(u8)>",
            "Api<A, B>",
            "Api<A<B>>",
            "Api<A<B>, C>",
            "Api<A<B, C>>",
            "Api<A<B>, C<D>>",
            "Api<fn(A) -> B>",
            "Api<fn(A, B)>",
            "Api<1>",
            "Api<-1>",
            "Api<{ 1 }>",
            "Api<'1'>",
            "Api<!>",
            "dyn Api",
            "dyn Api + Send",
            "dyn Api<A = B>",
        ];
        let names: BTreeSet<String> = types
            .iter()
            .map(|ty| self_type(format!("impl {ty}").parse().unwrap()).unwrap().to_string())
            .collect();
        assert_eq!(names.len(), types.len(), "{names:?}");
    }
}
