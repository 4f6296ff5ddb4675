//! The way of a value from a policy to the parameter that takes it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{FnArg, Pat, Signature, parse_quote_spanned};

use super::marker::policy_list;
use super::parameters::without_parentheses;
use crate::paths::Paths;
use crate::requirements::{Requirements, is_permitted, permitted};
use crate::words::find_word;

/// Makes rustc check that exactly one policy of the handler loads what each parameter `Permitted<T>` takes.
///
/// ```text
/// // in
/// #[with_api_auth_required(policy = owns_order)]
/// async fn show(Permitted(order): Permitted<Order>)
///
/// // out; the path starts at ::auth_runtime::__private
/// let _: fn() = exactly_one_loads::<(owns_order, ()), Permitted<Order>, _>;
/// ```
pub(super) fn expand_probes(
    signature: &Signature,
    requirements: &Requirements,
    paths: &Paths,
) -> TokenStream {
    let Some(protection) = &requirements.protection else { return TokenStream::new() };
    if protection.policies.is_empty() {
        return TokenStream::new();
    }
    let mut probes = TokenStream::new();
    for parameter in permitted(signature) {
        let ty = &parameter.ty;
        // A type with `impl Trait` can't be written in the probe.
        if find_word(ty.to_token_stream(), &["impl"]).is_some() {
            continue;
        }
        let conditions = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let span = Span::mixed_site().located_at(ty.span());
        let (probe, policies) = (paths.exactly_one_loads(span), policy_list(&protection.policies, span));
        probes.extend(quote_spanned!(span=> #(#conditions)* let _: fn() = #probe::<#policies, #ty, _>;));
    }
    probes
}

/// Puts `PermittedBy` around each parameter that takes what a policy loaded for the handler with the requirements
/// `marker`.
///
/// ```text
/// // in
/// async fn show(Permitted(order): Permitted<Order>)
///
/// // out; every path starts at ::auth_runtime::__private
/// async fn show(PermittedBy { permitted: Permitted(order), .. }: PermittedBy<__ShowRequirements, Permitted<Order>>)
/// ```
pub(super) fn wrap_permitted(signature: &mut Signature, marker: &TokenStream, paths: &Paths) {
    for input in &mut signature.inputs {
        let FnArg::Typed(parameter) = input else { continue };
        if !is_permitted(&parameter.ty) {
            continue;
        }
        let span = Span::mixed_site().located_at(parameter.ty.span());
        let (by, pattern, ty) =
            (paths.permitted_by(span), without_parentheses(&parameter.pat), &parameter.ty);
        let wrapped = Pat::Verbatim(quote_spanned!(span=> #by { permitted: #pattern, .. }));
        *parameter.ty = parse_quote_spanned!(span=> #by<#marker, #ty>);
        *parameter.pat = wrapped;
    }
}
