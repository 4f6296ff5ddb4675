//! One handler that is public.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote;

use super::parameter;
use crate::item::Handler;
use crate::paths::Paths;

/// Makes one handler public, for those who read it and for routers that ask.
///
/// ```ignore (an illustration)
/// // in
/// pub async fn health(Query(probe): Query<Probe>) -> StatusCode { BODY }
///
/// // out; the path starts at ::auth_runtime::__private
/// pub async fn health(__public: Public, Query(probe): Query<Probe>) -> StatusCode { BODY }
/// ```
pub(crate) fn expand_public(handler: Handler, paths: &Paths) -> TokenStream {
    let Handler { attributes, visibility, mut signature, inner_attributes, body } = handler;
    let site = Span::mixed_site();
    let public = Ident::new("__public", site);
    signature.inputs.insert(0, parameter(&public, paths.public(site)));
    let mut whole = body;
    if !inner_attributes.is_empty() {
        let rest = whole.stream();
        let span = whole.span();
        whole = Group::new(Delimiter::Brace, quote!(#(#inner_attributes)* #rest));
        whole.set_span(span);
    }
    quote!(#(#attributes)* #visibility #signature #whole)
}
