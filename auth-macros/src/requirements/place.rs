//! The check whether a function that carries the attribute stands in an `impl` block.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;

use crate::item::Handler;

/// Returns where the function names `Self`, which only an `impl` block can give a meaning.
///
/// A body that may give it a meaning itself is not searched.
pub(super) fn find_self(handler: &Handler) -> Option<Span> {
    search(handler.signature.to_token_stream()).or_else(|| {
        let body = handler.body.stream();
        if defines_self(body.clone()) { None } else { search(body) }
    })
}

fn search(tokens: TokenStream) -> Option<Span> {
    let mut in_macro_call = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if word == "Self" => return Some(word.span()),
            // The arguments of a macro call may hold items that give `Self` a meaning.
            TokenTree::Group(group) if !in_macro_call => {
                if let Some(found) = search(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
        in_macro_call = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '!');
    }
    None
}

/// Returns whether the tokens hold an item of a kind in which `Self` is known.
fn defines_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            ["enum", "impl", "struct", "trait", "union"].iter().any(|kind| word == kind)
        }
        TokenTree::Group(group) => defines_self(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
