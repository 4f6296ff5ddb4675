//! Every path that generated code names.
//!
//! All are absolute, so nothing that is in scope at the handler (a local `User`, a module `auth_runtime`)
//! can take their place. `crate = path` replaces the root for crates that reach the runtime under another name.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// The root of the paths: `::auth_runtime`, or what `crate = path` says.
pub(crate) struct Paths {
    root: Option<TokenStream>,
}

impl Paths {
    pub(crate) fn new(root: Option<&Path>) -> Self {
        Self { root: root.map(ToTokens::to_token_stream) }
    }

    /// `Auth`, the handle in the router's state.
    pub(crate) fn auth(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Auth)
    }

    /// axum's `FromRef`, by which the guard takes `Auth` out of the router's state.
    pub(crate) fn state_access(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::FromRef)
    }

    /// `Guard`, the extractor that lets a request through or refuses it.
    pub(crate) fn guard(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Guard)
    }

    /// `Guarded`, the response of a handler together with what the session adds to it.
    pub(crate) fn guarded(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Guarded)
    }

    /// `never`, which has any type and is never called.
    pub(crate) fn never(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::never)
    }

    /// `SignedIn`, the requirement of a handler that requires nothing more.
    pub(crate) fn signed_in(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::SignedIn)
    }

    /// `User`, the extractor of the implicit parameter.
    pub(crate) fn user(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::User)
    }

    fn private(&self, span: Span) -> TokenStream {
        let default = || quote_spanned!(span=> ::auth_runtime);
        let root = self.root.clone().unwrap_or_else(default);
        quote_spanned!(span=> #root::__private)
    }
}
