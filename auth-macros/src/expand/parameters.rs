//! The parameters behind the guard, and their refusals.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, GenericArgument, Pat, PathArguments, Signature, Type, parse_quote_spanned};

use crate::paths::Paths;

/// Wraps each parameter that will stand behind the guard, so that its refusal is an answer of the handler: now, or where attributes
/// below look at the parameters (`#[utoipa::path]`, `#[instrument]`, `#[debug_handler]`), by an attribute after these.
///
/// ```ignore (an illustration)
/// // in
/// async fn report(Path(id): Path<u64>)
///
/// // out; every path starts at ::auth_runtime::__private
/// async fn report(Behind(Path(id)): Behind<Path<u64>>)
/// ```
pub(super) fn wrap_behind_guard(signature: &mut Signature, attributes: &mut Vec<Attribute>, paths: &Paths) {
    let site = Span::mixed_site();
    let behind = paths.behind(site);
    if attributes.iter().all(is_inert) {
        wrap_parameters(signature, &behind);
        return;
    }
    let is_there = attributes.iter().any(|attribute| is_ours(attribute.path(), &["behind"]));
    if !is_there && has_parameters(signature) {
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

fn has_parameters(signature: &Signature) -> bool {
    let last = signature.inputs.len().saturating_sub(1);
    let mut inputs = signature.inputs.iter().enumerate();
    inputs.any(|(position, input)| match input {
        FnArg::Typed(parameter) => !stays(&parameter.ty, position == last),
        FnArg::Receiver(_) => false,
    })
}

/// Whether a parameter stays as it is: what an attribute of ours put there, and what axum hands to middleware itself.
fn stays(ty: &Type, is_last: bool) -> bool {
    let Type::Path(ty) = ty else { return false };
    let Some(last) = ty.path.segments.last() else { return false };
    if is_last && (last.ident == "Next" || last.ident == "Response") {
        return true;
    }
    // The implicit `user` behind `optional`.
    if last.ident == "Option"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(Type::Path(inner))) = arguments.args.first()
    {
        return is_ours(&inner.path, &["User"]);
    }
    is_ours(&ty.path, &["Behind", "Guard", "Public", "PublicGuard", "User"])
}

/// Whether the path is that of a hidden item of the runtime with one of these names.
fn is_ours(path: &syn::Path, names: &[&str]) -> bool {
    let mut segments = path.segments.iter().rev().map(|segment| &segment.ident);
    segments.next().is_some_and(|last| names.iter().any(|name| last == name))
        && segments.next().is_some_and(|module| module == "__private")
}

/// Inside of another pattern they would be `unused_parens`.
fn without_parentheses(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Paren(paren) => without_parentheses(&paren.pat),
        other => other,
    }
}

/// Whether the compiler itself knows the attribute, so that it does not look at the parameters.
fn is_inert(attribute: &Attribute) -> bool {
    let path = attribute.path();
    match path.get_ident() {
        Some(name) => INERT.iter().any(|inert| name == inert),
        None => path.segments.first().is_some_and(|tool| TOOLS.iter().any(|name| tool.ident == name)),
    }
}

const INERT: [&str; 12] = [
    "allow",
    "cfg",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

const TOOLS: [&str; 3] = ["clippy", "diagnostic", "rustfmt"];
