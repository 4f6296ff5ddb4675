//! The return type of a handler, as it can be named in an expression.

use proc_macro2::Span;
use quote::quote_spanned;
use syn::{GenericArgument, PathArguments, ReturnType, Token, Type, TypeInfer, TypeParamBound};

/// Returns the declared type; `()` where there is none.
pub(super) fn declared_type(output: &ReturnType) -> Type {
    match output {
        ReturnType::Default => Type::Verbatim(quote_spanned!(Span::mixed_site()=> ())),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// Returns the type with `_` for each `impl Trait`, which may not be written in an expression.
pub(super) fn without_impl_trait(mut ty: Type) -> Type {
    infer_impl_trait(&mut ty);
    ty
}

fn infer_impl_trait(ty: &mut Type) {
    match ty {
        Type::ImplTrait(written) => {
            let underscore_token = Token![_](written.impl_token.span);
            *ty = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        }
        Type::Array(array) => infer_impl_trait(&mut array.elem),
        Type::Group(group) => infer_impl_trait(&mut group.elem),
        Type::Paren(paren) => infer_impl_trait(&mut paren.elem),
        Type::Ptr(pointer) => infer_impl_trait(&mut pointer.elem),
        Type::Reference(reference) => infer_impl_trait(&mut reference.elem),
        Type::Slice(slice) => infer_impl_trait(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer_impl_trait),
        Type::Path(path) => infer_in_path(&mut path.path),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    infer_in_path(&mut bound.path);
                }
            }
        }
        // `impl Trait` is not allowed in the others.
        _ => {}
    }
}

fn infer_in_path(path: &mut syn::Path) {
    for segment in &mut path.segments {
        let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
        for argument in &mut arguments.args {
            match argument {
                GenericArgument::Type(ty) => infer_impl_trait(ty),
                GenericArgument::AssocType(assoc) => infer_impl_trait(&mut assoc.ty),
                _ => {}
            }
        }
    }
}
