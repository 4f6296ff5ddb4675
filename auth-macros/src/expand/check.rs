//! Checks that the compiler makes of what is left without a guard.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{
    Attribute, FnArg, GenericParam, Generics, Meta, ReceiverKind, Signature, Type, parse_quote_spanned,
};

use super::return_type::declared_type;
use crate::constant::Constant;
use crate::function::Surroundings;
use crate::item::{Function, Item, split_inner_attributes};
use crate::paths::Paths;

/// Returns the function as it was written, and beside it a function that does not compile if the first one returns a
/// future, or something that makes one when it is called. The second function is never called.
///
/// ```text
/// // in
/// #[cfg(unix)]
/// fn pick<'a, T: Of<'a>>((a, b): (T, T), by: impl Fn(&T) -> u8) -> Option<T> { BODY }
///
/// // out, behind that; every path starts at ::auth_runtime::__private
/// #[cfg(unix)]
/// fn __returned_by_pick<'a, T: Of<'a>>(argument1: (T, T), argument2: impl Fn(&T) -> u8) {
///     use {IsCallable as _, IsFuture as _, IsOther as _};
///     returns_no_future((&&&Value(self::pick::<T>(argument1, argument2))).__auth_runtime_verdict());
/// }
/// ```
///
/// In an implementation of a trait no other function can stand. There, the check is in the function's body.
pub(super) fn expand_function(item: Item, surroundings: Surroundings, paths: &Paths) -> TokenStream {
    let Some(function) = &item.function else { return item.into_tokens() };
    if surroundings == Surroundings::TraitImpl {
        return with_check_inside(function, &item.attributes, paths);
    }
    let Signature { ident, generics, inputs, .. } = &function.signature;
    let site = Span::mixed_site();
    let at = site.located_at(ident.span());
    let name = format_ident!("__returned_by_{}", ident.unraw(), span = site);
    let arguments: Vec<Ident> =
        (1..=inputs.len()).map(|number| format_ident!("argument{number}", span = site)).collect();
    let types = inputs.iter().map(type_of);
    let place = if surroundings == Surroundings::Module {
        quote_spanned!(site=> self)
    } else {
        quote_spanned!(site=> Self)
    };
    let passed = passed_on(generics);
    let call = quote_spanned!(site=> #place::#ident #passed(#(#arguments),*));
    let verdict = expand_verdict(&call, &paths.returns_no_future(at), at, paths);
    let parameters = quote_spanned!(site=> #(#arguments: #types),*);
    let check = expand_check(&name, generics.clone(), &parameters, &verdict, &item.attributes, surroundings);
    let written = item.into_tokens();
    quote!(#written #check)
}

/// Returns the constant as it was written, and beside it a function that does not compile if the constant's type is that
/// of a function which returns a future.
///
/// ```text
/// // in
/// const LIMIT: Limit = VALUE;
///
/// // out, behind that; every path starts at ::auth_runtime::__private
/// fn __held_by_LIMIT() {
///     use {IsCallable as _, IsFuture as _, IsOther as _};
///     holds_no_handler((&&&Value(never::<Limit>())).__auth_runtime_verdict());
/// }
/// ```
///
/// In an implementation of a trait no such function can stand, so there is no check.
pub(super) fn expand_constant(constant: Constant, surroundings: Surroundings, paths: &Paths) -> TokenStream {
    let Constant { attributes, name, ty, written } = constant;
    if surroundings == Surroundings::TraitImpl {
        return quote!(#(#attributes)* #written);
    }
    let site = Span::mixed_site();
    let at = site.located_at(name.span());
    let never = paths.never(site);
    let value = quote_spanned!(site=> #never::<#ty>());
    let verdict = expand_verdict(&value, &paths.holds_no_handler(at), at, paths);
    let name = format_ident!("__held_by_{}", name.unraw(), span = site);
    let none = TokenStream::new();
    let check = expand_check(&name, Generics::default(), &none, &verdict, &attributes, surroundings);
    quote!(#(#attributes)* #written #check)
}

/// Returns a function that is never called, with these statements as its body. It is there under the same conditions as
/// what it checks, and allows the same lints.
fn expand_check(
    name: &Ident,
    mut generics: Generics,
    parameters: &TokenStream,
    statements: &TokenStream,
    attributes: &[Attribute],
    surroundings: Surroundings,
) -> TokenStream {
    let site = Span::mixed_site();
    // Lints about lifetimes that are used once, or not at all, spare what a macro wrote.
    for parameter in generics.lifetimes_mut() {
        parameter.lifetime.set_span(site);
    }
    if surroundings == Surroundings::Trait {
        // The function then leaves it open whether `dyn Trait` can be written.
        let sized = Paths::sized(site);
        generics.make_where_clause().predicates.push(parse_quote_spanned!(site=> Self: #sized));
    }
    let bounds = &generics.where_clause;
    let attributes = attributes.iter().filter_map(passed_on_attribute);
    quote_spanned! {site=>
        #[doc(hidden)]
        #(#attributes)*
        fn #name #generics(#parameters) #bounds {
            #statements
        }
    }
}

/// Returns the function with the check as the first statement of its body. Nothing that is written in the body can take
/// the place of what the check names.
///
/// ```text
/// // in
/// fn from(value: A) -> Self::B { BODY }
///
/// // out; every path starts at ::auth_runtime::__private
/// fn from(value: A) -> Self::B {
///     let _ = || {
///         use {IsCallable as _, IsFuture as _, IsOther as _};
///         returns_no_future((&&&Value(never::<Self::B>())).__auth_runtime_verdict());
///     };
///     match () { () => { BODY } }
/// }
/// ```
fn with_check_inside(function: &Function, attributes: &[Attribute], paths: &Paths) -> TokenStream {
    let Function { visibility, signature, body } = function;
    let site = Span::mixed_site();
    let at = site.located_at(signature.ident.span());
    let (never, returned) = (paths.never(site), declared_type(&signature.output));
    let value = quote_spanned!(site=> #never::<#returned>());
    let verdict = expand_verdict(&value, &paths.returns_no_future(at), at, paths);
    let Some(body) = body.clone() else { return quote!(#(#attributes)* #visibility #signature;) };
    let (inner_attributes, body) = split_inner_attributes(body);
    quote_spanned! {site=>
        #(#attributes)*
        #visibility #signature {
            #(#inner_attributes)*
            let _ = || { #verdict };
            match () {
                () => #body
            }
        }
    }
}

/// Returns statements that do not compile if `value` is a future, or makes one when it is called. By the number of `&`,
/// the compiler tries the implementations for futures first, then those for what can be called, and takes the one for
/// every other type if none of these applies.
fn expand_verdict(value: &TokenStream, require: &TokenStream, at: Span, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let (questions, wrapper) = (paths.questions(site), paths.value(site));
    let verdict = quote_spanned!(at=> (&&&#wrapper(#value)).__auth_runtime_verdict());
    quote_spanned! {site=>
        use #questions;
        #require(#verdict);
    }
}

/// Returns the type of a parameter.
fn type_of(input: &FnArg) -> Type {
    match input {
        FnArg::Receiver(receiver) => match &receiver.kind {
            ReceiverKind::Typed(_, ty) => (**ty).clone(),
            // By reference there is no check.
            _ => parse_quote_spanned!(Span::mixed_site()=> Self),
        },
        FnArg::Typed(parameter) => (*parameter.ty).clone(),
    }
}

/// Returns the type and const parameters as arguments, `::<T, N>`. Lifetimes are inferred.
fn passed_on(generics: &Generics) -> TokenStream {
    let names = generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) => Some(&parameter.ident),
        GenericParam::Const(parameter) => Some(&parameter.ident),
        GenericParam::Lifetime(_) => None,
    });
    let names: Vec<&Ident> = names.collect();
    if names.is_empty() { TokenStream::new() } else { quote_spanned!(Span::mixed_site()=> ::<#(#names),*>) }
}

/// Returns what the check has of an attribute of the function: conditions, and lints that are allowed. A lint that is
/// expected is only allowed, because it may be the body's. The check names its function also if that is deprecated.
fn passed_on_attribute(attribute: &Attribute) -> Option<TokenStream> {
    let path = attribute.path();
    match &attribute.meta {
        _ if path.is_ident("cfg") || path.is_ident("allow") => Some(quote!(#attribute)),
        Meta::List(list) if path.is_ident("expect") => {
            let lints = &list.tokens;
            Some(quote!(#[allow(#lints)]))
        }
        _ if path.is_ident("deprecated") => Some(quote_spanned!(Span::mixed_site()=> #[allow(deprecated)])),
        _ => None,
    }
}
