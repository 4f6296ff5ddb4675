//! The parameters behind the guard, and their refusals.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, GenericArgument, Pat, PathArguments, Signature, Type, parse_quote_spanned};

use crate::item::look_at_parameters;
use crate::paths::Paths;

/// Wraps each parameter that will stand behind the guard, so that its refusal is an answer of the handler. Where
/// attributes below look at the parameters (`#[utoipa::path]`, `#[instrument]`, `#[debug_handler]`), an attribute after
/// these does it.
///
/// ```text
/// // in
/// async fn report(Path(id): Path<u64>)
///
/// // out; every path starts at ::auth_runtime::__private
/// async fn report(Behind(Path(id)): Behind<Path<u64>>)
/// ```
pub(super) fn wrap_behind_guard(signature: &mut Signature, attributes: &mut Vec<Attribute>, paths: &Paths) {
    let site = Span::mixed_site();
    let behind = paths.behind(site);
    if !look_at_parameters(attributes) {
        wrap_parameters(signature, &behind);
        return;
    }
    // Another attribute of ours may have added it.
    let is_there = attributes.iter().any(|attribute| is_ours(attribute.path(), &["behind"]));
    // Also where there is no parameter yet: an attribute may add some.
    if !is_there {
        let attribute = paths.behind_attribute(site);
        attributes.push(parse_quote_spanned!(site=> #[#attribute(#behind)]));
    }
}

/// Wraps each parameter that is not wrapped yet. `behind` is the path of the wrapper.
pub(crate) fn wrap_parameters(signature: &mut Signature, behind: &TokenStream) {
    let last = signature.inputs.len().saturating_sub(1);
    for (position, input) in signature.inputs.iter_mut().enumerate() {
        let FnArg::Typed(parameter) = input else { continue };
        if stays(&parameter.ty, position == last) {
            continue;
        }
        let span = Span::mixed_site().located_at(parameter.ty.span());
        let (pattern, ty) = (without_parentheses(&parameter.pat), &parameter.ty);
        let wrapped = Pat::Verbatim(quote_spanned!(span=> #behind(#pattern)));
        *parameter.ty = Type::Verbatim(quote_spanned!(span=> #behind<#ty>));
        *parameter.pat = wrapped;
    }
}

/// Returns whether the last parameter is the response of what runs before the handler, as axum's `map_response` hands
/// it over.
pub(super) fn takes_response(signature: &Signature) -> bool {
    handed_by_axum(signature).is_some_and(|ty| is_named(ty, &["Response"]))
}

/// Returns the type of the last parameter, if axum hands it to middleware itself. Only the name of the type says so
/// here.
pub(super) fn handed_by_axum(signature: &Signature) -> Option<&Type> {
    match signature.inputs.last()? {
        FnArg::Typed(parameter) => Some(&*parameter.ty).filter(|ty| is_named(ty, &["Next", "Response"])),
        FnArg::Receiver(_) => None,
    }
}

fn is_named(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(ty) = bare(ty) else { return false };
    ty.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// Returns the type without parentheses, and without the invisible group of a type that a macro was given.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

/// Returns whether a parameter stays as it is: what an attribute of ours put there, and what axum hands to middleware
/// itself.
fn stays(ty: &Type, is_last: bool) -> bool {
    if is_last && is_named(ty, &["Next", "Response"]) {
        return true;
    }
    let Type::Path(ty) = bare(ty) else { return false };
    let Some(last) = ty.path.segments.last() else { return false };
    // The implicit `user` behind `optional`.
    if last.ident == "Option"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(Type::Path(inner))) = arguments.args.first()
    {
        return is_ours(&inner.path, &["User"]);
    }
    is_ours(&ty.path, &["Behind", "Guard", "PermittedBy", "Public", "PublicGuard", "User"])
}

/// Returns whether the path is that of a hidden item of the runtime with one of these names.
fn is_ours(path: &syn::Path, names: &[&str]) -> bool {
    let mut segments = path.segments.iter().rev().map(|segment| &segment.ident);
    segments.next().is_some_and(|last| names.iter().any(|name| last == name))
        && segments.next().is_some_and(|module| module == "__private")
}

/// Returns the pattern without parentheses, which would be `unused_parens` inside of another pattern.
pub(super) fn without_parentheses(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Paren(paren) => without_parentheses(&paren.pat),
        other => other,
    }
}
