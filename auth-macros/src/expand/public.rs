//! The expansion of a public handler.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};

use super::handler::{guard_body, guard_return_type};
use super::parameters::{takes_response, wrap_behind_guard};
use super::return_type::declared_type;
use super::{parameter, probe};
use crate::item::{Handler, look_at_parameters};
use crate::paths::Paths;

/// Makes one handler public, for its readers and for routers that ask.
///
/// ```text
/// // in
/// pub async fn health() -> StatusCode { BODY }
///
/// // out; the path starts at ::auth_runtime::__private
/// pub async fn health(__public: Public) -> StatusCode { BODY }
/// ```
///
/// A parameter may take the caller's identity, so that the answer has to be treated as the answer of a guarded handler.
/// Before the parameters run, it is not known which of them do.
///
/// ```text
/// // in
/// pub async fn greet(user: Option<User>) -> String { BODY }
///
/// // out; every path starts at ::auth_runtime::__private
/// pub async fn greet(__public: PublicGuard, Behind(user): Behind<Option<User>>) -> Guarded<String> {
///     __public.enter();
///     let __response = async move {
///         if false {
///             return never::<String>();
///         }
///         match () { () => { BODY } }
///     }
///     .await;
///     __public.finish(__response).await
/// }
/// ```
pub(crate) fn expand_public(handler: Handler, paths: &Paths) -> TokenStream {
    let Handler { mut attributes, visibility, mut signature, inner_attributes, body } = handler;
    let site = Span::mixed_site();
    let public = Ident::new("__public", site);
    // Without parameters no extractor takes the caller's identity, so the answer needs no treatment.
    if signature.inputs.is_empty() && !look_at_parameters(&attributes) {
        signature.inputs.insert(0, parameter(&public, paths.public(site)));
        let mut whole = body;
        if !inner_attributes.is_empty() {
            let rest = whole.stream();
            let span = whole.span();
            whole = Group::new(Delimiter::Brace, quote!(#(#inner_attributes)* #rest));
            whole.set_span(span);
        }
        return quote!(#(#attributes)* #visibility #signature #whole);
    }
    let declared = declared_type(&signature.output);
    guard_return_type(&mut signature, &declared, paths);
    let probe = probe::expand_last_parameter(&signature, paths);
    wrap_behind_guard(&mut signature, &mut attributes, paths);
    let guard = paths.public_guard(site);
    let guard = if takes_response(&signature) { quote_spanned!(site=> #guard<true>) } else { guard };
    signature.inputs.insert(0, parameter(&public, guard));
    let body = guard_body(&body.into_token_stream(), &public, declared, paths);
    quote_spanned! {site=>
        #(#attributes)*
        #visibility #signature {
            #(#inner_attributes)*
            #probe
            #body
        }
    }
}
