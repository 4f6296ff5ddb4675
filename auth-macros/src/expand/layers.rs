//! Types in a module's options, as they are reached from inside of the module.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, PathArguments, Type};

use crate::options::Options;

/// Steps into a module. Returns the aliases to write beside it, and the options around it and its own, with types that
/// mean inside of the module what they mean where they were written.
///
/// ```text
/// // in
/// #[with_api_auth_required(state = AppState)]
/// mod posts { mod drafts { .. } }
///
/// // out; in `posts` the state is `super::__Type_posts_0_0`, in `drafts` it is `super::super::__Type_posts_0_0`
/// type __Type_posts_0_0 = AppState;
/// ```
pub(super) fn enter_module(
    outer: &[&Options],
    own: Vec<Options>,
    head: &TokenStream,
    conditions: &[Attribute],
) -> (TokenStream, Vec<Options>) {
    let name = module_name(head);
    let mut aliases = TokenStream::new();
    let mut layers: Vec<Options> = Vec::new();
    for options in outer {
        let mut options = (*options).clone();
        options.types().filter(|ty| !means_the_same_everywhere(ty)).for_each(step_out);
        layers.push(options);
    }
    for (layer, mut options) in own.into_iter().enumerate() {
        for (number, ty) in options.types().enumerate().filter(|(_, ty)| !means_the_same_everywhere(ty)) {
            let alias = format_ident!("__Type_{name}_{layer}_{number}", span = Span::mixed_site());
            let span = Span::mixed_site().located_at(ty.span());
            let path = Type::Verbatim(quote_spanned!(span=> super::#alias));
            let written = std::mem::replace(ty, path);
            aliases.extend(quote_spanned!(span=> #(#conditions)* type #alias = #written;));
        }
        layers.push(options);
    }
    (aliases, layers)
}

/// Puts `super::` in front of the path, for use one module further in.
fn step_out(ty: &mut Type) {
    let span = Span::mixed_site().located_at(ty.span());
    *ty = Type::Verbatim(quote_spanned!(span=> super::#ty));
}

/// Returns whether the path is absolute, and nothing in it is relative.
fn means_the_same_everywhere(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let segments = &path.path.segments;
    let is_absolute =
        path.path.leading_colon.is_some() || segments.first().is_some_and(|first| first.ident == "crate");
    path.qself.is_none()
        && is_absolute
        && segments.iter().all(|segment| matches!(segment.arguments, PathArguments::None))
}

fn module_name(head: &TokenStream) -> Ident {
    let words = head.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    });
    words.last().unwrap_or_else(|| Ident::new("module", Span::mixed_site()))
}
