//! The expansion of one handler with its guard.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ReturnType, Signature, Token, Type};

use super::marker::{self, Place};
use super::parameters::{takes_response, wrap_behind_guard};
use super::permitted::{expand_probes, wrap_permitted};
use super::return_type::{declared_type, without_impl_trait};
use super::{Expanded, parameter, probe};
use crate::item::{Handler, look_at_parameters};
use crate::paths::Paths;
use crate::requirements::Requirements;

/// Expands a handler that carries the attribute itself.
pub(crate) fn expand_lone_handler(
    handler: Handler,
    requirements: &Requirements,
    paths: &Paths,
) -> TokenStream {
    let Expanded { marker, handler } = expand_handler(handler, requirements, Place::Unknown, paths);
    quote!(#marker #handler)
}

/// Puts the guard in front of one handler.
///
/// ```text
/// // in
/// pub async fn report<T: X>(Path(id): Path<u64>) -> Result<Json<R>, E> where T: Y { BODY }
///
/// // out; every path starts at ::auth_runtime::__private
/// pub async fn report<T: X>(__auth: Guard<SignedIn>, user: User, Behind(Path(id)): Behind<Path<u64>>)
///     -> Guarded<Result<Json<R>, E>>
/// where
///     T: Y,
/// {
///     let _ = &user;
///     __auth.enter();
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
/// A handler without parameters of its own, and without policies, has `__auth: Guard<Alone<SignedIn>>`, and gets its
/// user by `let user = __auth.user();`: no other parameter can ask for the session, so it need not be put into the
/// request. Where an attribute below may add parameters, it is put there.
///
/// Middleware that gets the response of the service behind it, as with `map_response`, has `__auth:
/// Guard<Around<SignedIn>>`.
///
/// The `return` that never runs tells rustc the type of the block, so that coercions and `?` in the body work.
///
/// The body keeps its own braces, and with them its spans and the rules of its edition. They are the arm of a
/// `match`, because a block directly in a block is `unused_braces` when the body is short, and a body without
/// braces is `clippy::items_after_statements` when it starts with an item.
///
/// Where the options contradict each other about `optional`, the type of `user` is not known, and the body is left out.
pub(super) fn expand_handler(
    handler: Handler,
    requirements: &Requirements,
    place: Place<'_>,
    paths: &Paths,
) -> Expanded {
    let site = Span::mixed_site();
    let mut marker = TokenStream::new();
    let mut required = paths.signed_in(site);
    if let Some(protection) = &requirements.protection {
        let name = marker::name(&handler.signature.ident, place, requirements.number);
        marker = marker::expand(&name, &handler, protection, paths);
        required = name.into_token_stream();
    }
    #[cfg(feature = "utoipa")]
    let mut handler = handler;
    #[cfg(feature = "utoipa")]
    crate::openapi::describe(&mut handler.attributes, &required, requirements.protection.as_ref(), paths);
    let Handler { mut attributes, visibility, mut signature, inner_attributes, body } = handler;

    let declared = declared_type(&signature.output);
    let last_parameter = probe::expand_last_parameter(&signature, paths);
    let loaded = expand_probes(&signature, requirements, paths);
    wrap_permitted(&mut signature, &required, paths);
    let may_gain_parameters = look_at_parameters(&attributes);
    wrap_behind_guard(&mut signature, &mut attributes, paths);
    let required = if requirements.is_alone && !may_gain_parameters {
        let alone = paths.alone(site);
        quote_spanned!(site=> #alone<#required>)
    } else if takes_response(&signature) {
        let around = paths.around(site);
        quote_spanned!(site=> #around<#required>)
    } else {
        required
    };
    let use_user = guard_signature(&mut signature, &body, &required, requirements, &declared, paths);
    let body = if requirements.has_doubtful_user {
        let never = paths.never(Span::mixed_site());
        quote_spanned!(Span::mixed_site()=> #never())
    } else {
        body.into_token_stream()
    };
    let body = guard_body(&body, &requirements.guard, declared, paths);
    let probe = probe::expand(requirements, paths);
    let site = Span::mixed_site();
    let handler = quote_spanned! {site=>
        #(#attributes)*
        #visibility #signature {
            #(#inner_attributes)*
            #probe
            #last_parameter
            #loaded
            #use_user
            #body
        }
    };
    Expanded { marker, handler }
}

/// Puts the guard in front, the implicit `user` behind it, and [`Guarded`](Paths::guarded) around the return type. A
/// guard that is alone is asked for the user instead. Returns the statements about `user`.
fn guard_signature(
    signature: &mut Signature,
    body: &Group,
    required: &TokenStream,
    requirements: &Requirements,
    declared: &Type,
    paths: &Paths,
) -> TokenStream {
    let site = Span::mixed_site();
    guard_return_type(signature, declared, paths);

    let mut use_user = TokenStream::new();
    if requirements.implicit_user {
        // Not hygienic: the body names it, also where a macro writes the function around it.
        let user = Ident::new("user", Span::call_site().resolved_at(body.span_open()));
        if requirements.is_alone {
            let (guard, ask) = (&requirements.guard, ask_for_user(requirements));
            use_user.extend(quote_spanned!(site=> let #user = #guard.#ask();));
        } else {
            signature.inputs.insert(0, parameter(&user, user_type(requirements, paths)));
        }
        // A body that has no use for `user` gets no warning.
        use_user.extend(quote_spanned!(site=> let _ = &#user;));
    }
    let guard = paths.guard(site);
    let guard_type = quote_spanned!(site=> #guard<#required>);
    signature.inputs.insert(0, parameter(&requirements.guard, guard_type));
    use_user
}

/// Puts [`Guarded`](Paths::guarded) around the return type.
pub(super) fn guard_return_type(signature: &mut Signature, declared: &Type, paths: &Paths) {
    let returned = Span::mixed_site().located_at(declared.span());
    let guarded = paths.guarded(returned);
    let arrow = match &signature.output {
        ReturnType::Type(arrow, _) => *arrow,
        ReturnType::Default => Token![->](returned),
    };
    let output = Type::Verbatim(quote_spanned!(returned=> #guarded<#declared>));
    signature.output = ReturnType::Type(arrow, Box::new(output));
}

/// Returns the body as a future, with its answer passed through the guard.
pub(super) fn guard_body(body: &TokenStream, guard: &Ident, declared: Type, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let never = paths.never(site.located_at(declared.span()));
    let inferred = without_impl_trait(declared);
    let response = Ident::new("__response", site);
    quote_spanned! {site=>
        #guard.enter();
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
}

/// Returns the name of the guard's method that gives the implicit `user`.
fn ask_for_user(requirements: &Requirements) -> Ident {
    let name = if is_optional(requirements) { "user_if_any" } else { "user" };
    Ident::new(name, Span::mixed_site())
}

fn is_optional(requirements: &Requirements) -> bool {
    requirements.protection.as_ref().is_some_and(|protection| protection.optional)
}

/// Returns the type of the implicit `user`.
fn user_type(requirements: &Requirements, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let user = paths.user(site);
    if is_optional(requirements) {
        let option = Paths::option(site);
        return quote_spanned!(site=> #option<#user>);
    }
    user
}
