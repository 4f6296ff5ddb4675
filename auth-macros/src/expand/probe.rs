//! Code that makes rustc name the trait that the router's state, a policy or a last parameter lacks.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Signature, Type};

use super::parameters::handed_by_axum;
use crate::paths::Paths;
use crate::requirements::Requirements;

/// Returns the probes for `state = Type`; no tokens without that option.
///
/// They stand inside the body, because a handler that is an associated function can have no sibling item,
/// and because there the type may use `Self` and the handler's generics.
pub(super) fn expand(requirements: &Requirements, paths: &Paths) -> TokenStream {
    let Some(state) = &requirements.state else { return TokenStream::new() };
    let policies = requirements.protection.iter().flat_map(|protection| &protection.policies);
    let mut probes = expand_state(state, paths);
    probes.extend(policies.map(|policy| expand_policy(&policy.ty, state, paths)));
    probes
}

/// Makes rustc say, at the type the user wrote, that the router's state has no `Auth`.
///
/// ```ignore (an illustration)
/// // in
/// state = AppState
///
/// // out; every path starts at ::auth_runtime::__private
/// fn __state_provides_auth<S>() where S: ProvidesAuth {}
/// let _: fn() = __state_provides_auth::<AppState>;
/// ```
fn expand_state(state: &Type, paths: &Paths) -> TokenStream {
    let span = Span::mixed_site().located_at(state.span());
    let provides_auth = paths.provides_auth(span);
    let probe = Ident::new("__state_provides_auth", span);
    quote_spanned! {span=>
        fn #probe<S>() where S: #provides_auth {}
        let _: fn() = #probe::<#state>;
    }
}

/// Makes rustc say, at the policy, that it does not implement `Policy` for the router's state.
///
/// ```ignore (an illustration)
/// // in
/// state = AppState, policy = OwnsReport
///
/// // out; every path starts at ::auth_runtime::__private
/// {
///     fn __policy_decides<P, S>() where P: Policy<S> {}
///     let _: fn() = __policy_decides::<OwnsReport, AppState>;
/// }
/// ```
fn expand_policy(policy: &Type, state: &Type, paths: &Paths) -> TokenStream {
    let span = Span::mixed_site().located_at(policy.span());
    let bound = paths.policy(span);
    let probe = Ident::new("__policy_decides", span);
    quote_spanned! {span=>
        {
            fn #probe<P, S>() where P: #bound<S> {}
            let _: fn() = #probe::<#policy, #state>;
        }
    }
}

/// Makes rustc say, at a last parameter that stays as it is because of its name, that axum would extract it from the
/// request.
///
/// ```ignore (an illustration)
/// // in
/// async fn middleware(request: Request, next: Next) -> Response
///
/// // out; the path starts at ::auth_runtime::__private
/// let _: fn() = handed_by_axum::<Next>;
/// ```
pub(super) fn expand_last_parameter(signature: &Signature, paths: &Paths) -> TokenStream {
    // A type with `impl Trait` can't be written in the probe.
    let Some(ty) = handed_by_axum(signature).filter(|ty| !has_impl_trait(ty.to_token_stream())) else {
        return TokenStream::new();
    };
    let span = Span::mixed_site().located_at(ty.span());
    let probe = paths.handed_by_axum(span);
    quote_spanned!(span=> let _: fn() = #probe::<#ty>;)
}

pub(super) fn has_impl_trait(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => has_impl_trait(group.stream()),
        _ => false,
    })
}
