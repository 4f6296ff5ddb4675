//! The parameters that take what a policy loaded.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{FnArg, PatType, PathArguments, Signature, Type};

use crate::diagnostics::Diagnostics;

/// Returns the parameters that take what a policy loaded. Only the name of the type says so here.
pub(crate) fn permitted(signature: &Signature) -> impl Iterator<Item = &PatType> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) if is_permitted(&parameter.ty) => Some(parameter),
        _ => None,
    })
}

/// Returns whether the type is `Permitted<T>`.
pub(crate) fn is_permitted(ty: &Type) -> bool {
    let path = match ty {
        Type::Group(group) => return is_permitted(&group.elem),
        Type::Paren(paren) => return is_permitted(&paren.elem),
        Type::Path(path) => &path.path,
        _ => return false,
    };
    path.segments.last().is_some_and(|last| {
        last.ident == "Permitted" && matches!(last.arguments, PathArguments::AngleBracketed(_))
    })
}

/// Reports a parameter that takes what a policy loaded, on a handler without policies.
pub(super) fn check(signature: &Signature, diagnostics: &mut Diagnostics) {
    for span in permitted(signature).map(|parameter: &PatType| -> Span { parameter.ty.span() }) {
        diagnostics.report(
            span,
            "`Permitted` takes what a policy of this handler loaded, and the handler has no policy: name one in its \
             attribute, `#[with_api_auth_required(policy = ...)]`, or give an extractor of your own another name",
        );
    }
}
