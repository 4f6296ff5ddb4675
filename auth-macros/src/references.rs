//! References among a function's parameters, which no router can give it.

use proc_macro2::TokenTree;
use quote::ToTokens as _;
use syn::{FnArg, ReceiverKind, Signature, Type};

/// Returns whether the function takes a reference, as `self` or as another parameter.
pub(crate) fn takes_a_reference(signature: &Signature) -> bool {
    borrows_self(signature) || borrowed_parameters(signature).next().is_some()
}

/// Returns the types of parameters that are references to something which does not live forever. No extractor is one.
pub(crate) fn borrowed_parameters(signature: &Signature) -> impl Iterator<Item = &Type> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) if is_borrowed(&parameter.ty) => Some(&*parameter.ty),
        _ => None,
    })
}

/// Returns whether the function takes `self` by reference, or by a pointer to a reference as in `Pin<&mut Self>`, which
/// no router can give it.
fn borrows_self(signature: &Signature) -> bool {
    signature.receiver().is_some_and(|receiver| match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => {
            let mut parts = ty.to_token_stream().into_iter();
            parts.any(|part| matches!(part, TokenTree::Punct(punct) if punct.as_char() == '&'))
        }
        _ => false,
    })
}

fn is_borrowed(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_borrowed(&group.elem),
        Type::Paren(paren) => is_borrowed(&paren.elem),
        Type::Reference(reference) => {
            reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static")
        }
        _ => false,
    }
}
