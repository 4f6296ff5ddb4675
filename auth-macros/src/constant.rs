//! A constant or static of a protected block. A router could take what it holds for a handler.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Token, Type};

use crate::diagnostics::Diagnostics;
use crate::item::Item;
use crate::words::find_word;

/// A constant or static that is left as it is, if the compiler finds that it holds no function that returns a future.
pub(crate) struct Constant {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// The item as it was written.
    pub(crate) written: TokenStream,
}

impl Constant {
    /// Reads a constant or static without `#[helper]`. Returns `None` for one that can't hold a handler, and for one that
    /// was reported because the compiler can't be asked.
    pub(crate) fn read(item: &Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let read = |input: ParseStream<'_>| {
            while !(input.peek(Token![const]) || input.peek(Token![static])) {
                input.parse::<TokenTree>()?;
            }
            input.parse::<TokenTree>()?;
            input.parse::<Option<Token![mut]>>()?;
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![:]>()?;
            let ty: Type = input.parse()?;
            input.parse::<TokenStream>()?;
            Ok((name, ty))
        };
        let kind = item.kind.name();
        let Ok((name, ty)) = read.parse2(item.without_attributes()) else {
            let message = format!(
                "the attribute can't read the type of {kind} here, so it can't tell whether a handler is in it: put \
                 `#[helper]` on it if there is none"
            );
            diagnostics.report(item.at, message);
            return None;
        };
        // A constant without a name can't be given to a router.
        if name == "_" {
            return None;
        }
        if let Some(word) = find_word(ty.to_token_stream(), &CALLABLE) {
            let message = format!(
                "{kind} with `{word}` in its type could be a handler, and only an `async fn` can be guarded: write one \
                 instead; if it is no handler, put `#[helper]` on it"
            );
            diagnostics.report(item.at, message);
            return None;
        }
        let attributes = item.attributes.clone();
        let written = item.without_attributes();
        Some(Self { attributes, name, ty, written })
    }
}

/// The words in the types of values that can be called.
const CALLABLE: [&str; 9] =
    ["AsyncFn", "AsyncFnMut", "AsyncFnOnce", "Fn", "FnMut", "FnOnce", "dyn", "fn", "impl"];
