//! From a handler and its requirements to tokens. Everything that can be wrong was found before, so nothing
//! here fails.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{
    FnArg, GenericArgument, Pat, PatIdent, PatType, PathArguments, ReturnType, Token, Type, TypeInfer,
    TypeParamBound,
};

use crate::diagnostics::Diagnostics;
use crate::item::{Handler, Item};
use crate::options::Options;
use crate::paths::Paths;
use crate::requirements::Requirements;

/// The whole attribute, step by step.
pub(crate) fn with_api_auth_required(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::new();
    let options = Options::parse(arguments, &mut diagnostics);
    let paths = Paths::new(options.root.value());
    let item = Item::parse(item, &mut diagnostics);
    let required = match item {
        Item::Unfit(tokens) => Err(tokens),
        Item::Handler(handler) => {
            let requirements = Requirements::of(&options, &handler, &mut diagnostics);
            Ok((handler, requirements))
        }
    };
    let errors = diagnostics.check();
    // A handler is expanded even beside errors: its callers and its body rely on the new signature.
    let item = match required {
        Ok((handler, requirements)) => expand_handler(*handler, &requirements, &paths),
        Err(tokens) => tokens,
    };
    quote!(#item #errors)
}

/// Puts the guard in front of one handler.
///
/// ```ignore (an illustration)
/// // in
/// pub async fn report<T: X>(Path(id): Path<u64>) -> Result<Json<R>, E> where T: Y { BODY }
///
/// // out; every path starts at ::auth_runtime::__private
/// pub async fn report<T: X>(__auth: Guard<SignedIn>, user: User, Path(id): Path<u64>)
///     -> Guarded<Result<Json<R>, E>>
/// where
///     T: Y,
/// {
///     let _ = &user;
///     let __response = async move {
///         if false {
///             return never::<Result<Json<R>, E>>();
///         }
///         match () { () => { BODY } }
///     }
///     .await;
///     __auth.finish(__response).await
/// }
/// ```
///
/// The `return` that never runs tells rustc the type of the block, so that coercions and `?` in the body work.
///
/// The body keeps its own braces, and with them its spans and the rules of its edition. They are the arm of a
/// `match`, because a block directly in a block is `unused_braces` when the body is short, and a body without
/// braces is `clippy::items_after_statements` when it starts with an item.
fn expand_handler(handler: Handler, requirements: &Requirements, paths: &Paths) -> TokenStream {
    let Handler { attributes, visibility, mut signature, inner_attributes, body } = handler;
    let site = Span::mixed_site();
    let guard = &requirements.guard;

    let declared = declared_type(&signature.output);
    let returned = site.located_at(declared.span());
    let guarded = paths.guarded(returned);
    let arrow = match signature.output {
        ReturnType::Type(arrow, _) => arrow,
        ReturnType::Default => Token![->](returned),
    };
    let output = Type::Verbatim(quote_spanned!(returned=> #guarded<#declared>));
    signature.output = ReturnType::Type(arrow, Box::new(output));

    let mut use_user = TokenStream::new();
    if requirements.implicit_user {
        // Not hygienic: the body names it.
        let user = Ident::new("user", Span::call_site());
        signature.inputs.insert(0, parameter(&user, paths.user(site)));
        // A body that has no use for `user` gets no warning.
        use_user = quote_spanned!(site=> let _ = &#user;);
    }
    let guard_type = paths.guard(site);
    let signed_in = paths.signed_in(site);
    let guard_type = quote_spanned!(site=> #guard_type<#signed_in>);
    signature.inputs.insert(0, parameter(guard, guard_type));

    let probe = requirements.state.as_ref().map(|state| expand_probe(state, paths));
    let never = paths.never(returned);
    let inferred = without_impl_trait(declared);
    let response = Ident::new("__response", site);
    let body = quote_spanned! {site=>
        {
            #(#inner_attributes)*
            #probe
            #use_user
            let #response = async move {
                if false {
                    return #never::<#inferred>();
                }
                match () {
                    () => #body
                }
            }
            .await;
            #guard.finish(#response).await
        }
    };
    quote!(#(#attributes)* #visibility #signature #body)
}

/// `name: ty`
fn parameter(name: &Ident, ty: TokenStream) -> FnArg {
    let pat =
        PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident: name.clone(), subpat: None };
    FnArg::Typed(PatType {
        attrs: Vec::new(),
        pat: Box::new(Pat::Ident(pat)),
        colon_token: Token![:](name.span()),
        ty: Box::new(Type::Verbatim(ty)),
    })
}

/// Makes rustc say, at the type the user wrote, that the router's state has no `Auth`.
///
/// ```ignore (an illustration)
/// // in
/// state = AppState
///
/// // out; every path starts at ::auth_runtime::__private
/// fn __state_provides_auth<S>() where Auth: FromRef<S> {}
/// let _: fn() = __state_provides_auth::<AppState>;
/// ```
///
/// It stands inside the body, because a handler that is an associated function can have no sibling item,
/// and because there the type may use `Self` and the handler's generics.
fn expand_probe(state: &Type, paths: &Paths) -> TokenStream {
    let span = Span::mixed_site().located_at(state.span());
    let auth = paths.auth(span);
    let from_ref = paths.state_access(span);
    let probe = Ident::new("__state_provides_auth", span);
    quote_spanned! {span=>
        fn #probe<S>() where #auth: #from_ref<S> {}
        let _: fn() = #probe::<#state>;
    }
}

fn declared_type(output: &ReturnType) -> Type {
    match output {
        ReturnType::Default => Type::Verbatim(quote_spanned!(Span::mixed_site()=> ())),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// The type with `_` for each `impl Trait`, which may not be written in an expression.
fn without_impl_trait(mut ty: Type) -> Type {
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
