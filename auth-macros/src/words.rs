//! The search for words among tokens.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

/// Returns the first of these words among the tokens, at any depth.
pub(crate) fn find_word(tokens: TokenStream, words: &[&str]) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find_word(group.stream(), words),
        TokenTree::Ident(found) if words.iter().any(|word| found.unraw() == word) => Some(found),
        _ => None,
    })
}
